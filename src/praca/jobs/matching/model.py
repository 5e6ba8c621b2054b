"""The match model: how likely it is that a person is put forward for a vacancy."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import CandidateVector, Encoder, VacancyVector
from praca.jobs.matching.errors import NotEnoughDataError
from praca.jobs.matching.explanation import Explanation, Offer, explain
from praca.jobs.matching.hired import COLUMNS, HiredEstimate, HiredModel, hired_row
from praca.jobs.matching.outcomes import Outcome, outcome_of
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.reasons import asked_skills
from praca.jobs.matching.remembered import Remembered
from praca.jobs.matching.scoring import FoldedVacancy, Scorer, features_of_pair
from praca.jobs.matching.stuffing import borrowed
from praca.jobs.matching.training import examples, train
from praca.learning.artifacts import ArtifactError, json_from_bytes, json_to_bytes

__all__ = ["MatchModel", "Pair", "ProgressCallback"]

ProgressCallback = Callable[[int, int, str], None]

_FORMAT: Final = 2
_OLD_FORMATS: Final = (1,)  # without the second stage
_STATE: Final = "match-model.json"
_MIN_PAIRS: Final = 30
_REVISION: Final = 2
"""Of the rules by which a text becomes numbers (tokenizer, stuffing, scales): raise it with every
change of them. Saved indexes and kept scores of other rules are then refused, not misread."""
_REMEMBERED_BYTES: Final = 16 << 20
_MOST_DECIDED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Pair:
    """One application: who, for which vacancy, its status and its date (both as stored)."""

    codigo_candidato: int
    codigo_vaga: int
    situacao: str = ""
    data: str = ""


class MatchModel:
    """A calibrated linear model on interpretable comparisons of a person and a vacancy.

    Equal data and parameters give byte-identical files. A fitted model never changes and may be
    shared between threads.

    Args:
        seed: of the sampling, the folds and the decomposition.
        dimensions: of the dense vectors.
        negatives: people sampled per vacancy that were not put forward for it.
        max_vacancies: so many vacancies with applications are learned from at most (a sample).
        prior: share of relevant pairs that the probability assumes; see ``training``.
        penalty: ridge penalty on the coefficients.

    Attributes:
        encoder_, scorer_: learned parts.
        hired_: the second stage: hired or not, among those put forward and decided.
        metrics_: figures on held-out vacancies (``auc``, ``brier``, ``log_loss``, ``ece``,
            ``mrr``, ``pairs``, ``vacancies``).
    """

    encoder_: Encoder
    scorer_: Scorer
    hired_: HiredModel
    metrics_: dict[str, float]

    def __init__(
        self,
        *,
        seed: int = 20_240_601,
        dimensions: int = 128,
        negatives: int = 200,
        max_vacancies: int = 4_000,
        prior: float = 0.2,
        penalty: float = 1.0,
    ) -> None:
        if not 0 < prior < 1:
            raise ValueError("prior must lie between 0 and 1")
        self.seed = seed
        self.dimensions = dimensions
        self.negatives = negatives
        self.max_vacancies = max_vacancies
        self.prior = prior
        self.penalty = penalty

    @property
    def params(self) -> dict[str, Any]:
        """The hyper-parameters, for a manifest."""
        names = ("seed", "dimensions", "negatives", "max_vacancies", "prior", "penalty")
        return {name: getattr(self, name) for name in names}

    def fit(
        self,
        candidates: Sequence[CandidateProfile],
        vacancies: Sequence[VacancyProfile],
        pairs: Sequence[Pair],
        on_progress: ProgressCallback = lambda _done, _total, _message: None,
    ) -> Self:
        """Learn from people, vacancies and who was put forward for what.

        Args:
            candidates: with codes; those without text are left out of the pairs.
            vacancies: with codes.
            pairs: applications; those whose candidate or vacancy is absent are ignored.
            on_progress: called with (done, total, message in Portuguese).

        Raises:
            NotEnoughDataError: fewer than 30 usable pairs, or fewer than two vacancies or people.
        """
        candidates = sorted(candidates, key=lambda profile: profile.codigo or 0)
        vacancies = sorted(vacancies, key=lambda profile: profile.codigo or 0)
        relevant = self._relevant(candidates, vacancies, pairs)
        steps = 100
        on_progress(0, steps, "Aprendendo o vocabulário")
        self.encoder_ = Encoder(dimensions=self.dimensions, seed=self.seed)
        self.encoder_.fit(candidates, vacancies)
        on_progress(40, steps, "Codificando candidatos e vagas")
        chosen = sorted(relevant)
        encoded = [self.encoder_.candidate(profile) for profile in candidates]
        wanted = [self.encoder_.vacancy(vacancies[at]) for at in chosen]
        on_progress(60, steps, "Comparando candidatos e vagas")
        data = examples(
            encoded,
            wanted,
            {row: relevant[at] for row, at in enumerate(chosen)},
            negatives=self.negatives,
            seed=self.seed,
            on_progress=lambda done, total: on_progress(
                60 + 30 * done // total, steps, "Comparando candidatos e vagas"
            ),
        )
        on_progress(90, steps, "Ajustando e calibrando")
        self.scorer_, self.metrics_ = train(
            data, prior=self.prior, penalty=self.penalty, seed=self.seed
        )
        self.hired_ = self._learn_hired(candidates, vacancies, encoded, pairs)
        self._prepare()
        on_progress(steps, steps, "Modelo treinado")
        return self

    def _relevant(
        self,
        candidates: Sequence[CandidateProfile],
        vacancies: Sequence[VacancyProfile],
        pairs: Sequence[Pair],
    ) -> dict[int, list[int]]:
        """Return position of a vacancy -> positions of the people put forward, a bounded sample."""
        people = {profile.codigo: at for at, profile in enumerate(candidates)}
        offers = {profile.codigo: at for at, profile in enumerate(vacancies)}
        found = {
            (offers[pair.codigo_vaga], people[pair.codigo_candidato])
            for pair in pairs
            if pair.codigo_vaga in offers and pair.codigo_candidato in people
        }
        relevant: dict[int, list[int]] = {}
        for offer, person in sorted(found):
            relevant.setdefault(offer, []).append(person)
        persons = {person for _, person in found}
        if len(found) < _MIN_PAIRS or min(len(relevant), len(persons)) < 2:  # noqa: PLR2004
            raise NotEnoughDataError(
                f"São necessárias ao menos {_MIN_PAIRS} candidaturas com candidato e vaga"
                f" conhecidos para treinar; há {len(found)}."
            )
        if len(relevant) > self.max_vacancies:
            kept = np.random.default_rng(self.seed).choice(
                sorted(relevant), self.max_vacancies, replace=False
            )
            relevant = {offer: relevant[offer] for offer in sorted(kept.tolist())}
        return relevant

    def score(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> float:
        """Return the log-odds that the pair is relevant, in double precision."""
        offer = self.fold(vacancy)
        return self.scorer_.log_odds(self._own_words(candidate, offer), offer)

    def _learn_hired(
        self,
        candidates: Sequence[CandidateProfile],
        vacancies: Sequence[VacancyProfile],
        encoded: Sequence[CandidateVector],
        pairs: Sequence[Pair],
    ) -> HiredModel:
        """Learn the second stage from the decided applications, a bounded sample."""
        people = {
            profile.codigo: vector for profile, vector in zip(candidates, encoded, strict=True)
        }
        offers = {profile.codigo: profile for profile in vacancies}
        outcomes = {
            (pair.codigo_vaga, pair.codigo_candidato): outcome
            for pair in pairs
            if pair.codigo_vaga in offers
            and pair.codigo_candidato in people
            and (outcome := outcome_of(pair.situacao)) is not Outcome.UNDECIDED
        }
        decided = sorted(outcomes)
        if len(decided) > _MOST_DECIDED:
            generator = np.random.default_rng(self.seed)
            kept = generator.choice(len(decided), _MOST_DECIDED, replace=False)
            decided = [decided[at] for at in sorted(kept.tolist())]
        vectors = {offer: self.encoder_.vacancy(offers[offer]) for offer, _ in decided}
        rows = [
            self._hired_row(people[person], offers[offer], vectors[offer])
            for offer, person in decided
        ]
        return HiredModel(seed=self.seed).fit(
            np.array(rows).reshape(len(rows), len(COLUMNS)),
            np.array([outcomes[key] is Outcome.HIRED for key in decided], dtype=np.bool_),
            np.array([offer for offer, _ in decided], dtype=np.int64),
        )

    def _hired_row(
        self, person: CandidateVector, offer: VacancyProfile, vector: VacancyVector
    ) -> NDArray[np.float64]:
        return hired_row(self.scorer_, features_of_pair(person, vector).values, offer)

    def hired(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> HiredEstimate:
        """Return how likely a hire is, if the person is put forward and the application decided.

        The base rate, and ``has_signal`` False, unless the second stage told people apart on
        vacancies that it did not learn from.
        """
        vector = self.encoder_.vacancy(vacancy)
        person = self._own_words(candidate, self.fold(vacancy))
        return self.hired_.estimate(self._hired_row(person, vacancy, vector))

    def probability(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> float:
        """Return the calibrated probability, between 0 and 1, that the pair is relevant."""
        return _probability(self.score(candidate, vacancy))

    def explain(
        self, candidate: CandidateProfile, vacancy: VacancyProfile, *, passages: int = 10
    ) -> Explanation:
        """Return the score with its reasons, for people.

        Args:
            candidate: as written.
            vacancy: as written.
            passages: how many passages of the candidate's text are shown at most.
        """
        logit = self.score(candidate, vacancy)
        return explain(
            self.encoder_,
            self.scorer_,
            (candidate, self._own_words(candidate, self.fold(vacancy))),
            self._offer(vacancy),
            score=(_probability(logit), logit),
            passages=passages,
        )

    def copies(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> bool:
        """Tell whether passages of the CV are written in the vacancy's words, and do not count."""
        return bool(borrowed(self.encode(candidate).sequence, self.fold(vacancy).terms).any())

    def _own_words(self, candidate: CandidateProfile, offer: FoldedVacancy) -> CandidateVector:
        """Return the person without what is written in the vacancy's words."""
        person = self.encode(candidate)
        if not borrowed(person.sequence, offer.terms).any():
            return person
        return self.encoder_.candidate(candidate, offer.terms)

    def encode(self, candidate: CandidateProfile) -> CandidateVector:
        """Return the encoded person; the last ones are remembered."""
        return self._encode(candidate)

    def fold(self, vacancy: VacancyProfile) -> FoldedVacancy:
        """Return the encoded vacancy with the coefficients in it; the last ones are remembered."""
        return self._fold(vacancy)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the model's files and the rules' revision: equal if they score equally."""
        return self._fingerprint

    def to_files(self) -> dict[str, bytes]:
        """Return the model as files, for :func:`praca.learning.artifacts.pack`."""
        state, files = self.encoder_.to_state()
        document = {
            "format": _FORMAT,
            "params": self.params,
            "metrics": self.metrics_,
            "encoder": state,
            "scorer": self.scorer_.to_state(),
            "hired": self.hired_.to_state(),
        }
        return {_STATE: json_to_bytes(document), **files}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self:
        """Rebuild from :meth:`to_files`; verify the artefact first, this checks only the form.

        Raises:
            ArtifactError: a file is missing or is not of the expected form.
        """
        document = json_from_bytes(files.get(_STATE, b""))
        if document.get("format") not in (_FORMAT, *_OLD_FORMATS):
            raise ArtifactError("O modelo é de uma versão de formato desconhecida.")
        try:
            self = cls(**document["params"])
            self.metrics_ = {str(k): float(v) for k, v in document["metrics"].items()}
            self.encoder_ = Encoder.from_state(document["encoder"], files)
            self.scorer_ = Scorer.from_state(document["scorer"])
            self.hired_ = (
                HiredModel().nothing_known()
                if document["format"] in _OLD_FORMATS
                else HiredModel.from_state(document["hired"])
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ArtifactError("O modelo está incompleto ou foi alterado.") from error
        self._prepare()
        return self

    def _prepare(self) -> None:
        encoder, scorer = self.encoder_, self.scorer_
        self._encode = Remembered[CandidateProfile, CandidateVector](
            encoder.candidate, lambda person: person.nbytes, _REMEMBERED_BYTES
        )
        self._fold = Remembered[VacancyProfile, FoldedVacancy](
            lambda vacancy: scorer.fold(encoder.vacancy(vacancy)),
            lambda offer: offer.nbytes,
            _REMEMBERED_BYTES // 2,
        )
        self._offer = Remembered[VacancyProfile, Offer](
            lambda vacancy: Offer(encoder.vacancy(vacancy), asked_skills(encoder, vacancy)),
            lambda offer: offer.vector.nbytes,
            _REMEMBERED_BYTES // 8,
        )
        digest = hashlib.sha256(b"%d\0" % _REVISION)
        for name, content in sorted(self.to_files().items()):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        self._fingerprint = digest.hexdigest()


def _probability(logit: float) -> float:
    return 0.5 * (1 + math.tanh(0.5 * logit))
