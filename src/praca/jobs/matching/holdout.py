"""Vacancies that no version ever learns from, on which versions are compared.

A vacancy is held out by its code, so it stays held out in every training: the champion has not
learned from it either, however the tables have grown since. The people may have applied elsewhere
too; the model keeps nothing of a person, only coefficients of comparisons.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.training import examples, prior_weights, reciprocal_ranks
from praca.learning.evaluation import auc, group_bootstrap
from praca.learning.gate import Evaluation
from praca.learning.linear import sigmoid
from praca.learning.plots import ReliabilityBin, bars_svg, histogram_svg, reliability_svg

__all__ = ["HELD_OUT", "Assessment", "Holdout", "is_held_out", "without_held_out"]

METRIC: Final = "mrr"
HELD_OUT: Final = "held_out"
"""Parameter of a version that learned from no vacancy of the hold-out."""
_ONE_IN: Final = 5
_MOST_VACANCIES: Final = 400
_MOST_PEOPLE: Final = 1_500
_TIMED: Final = 100
_BINS: Final = 10
# Not those of the model: versions trained with others are compared on the same rows.
_NEGATIVES: Final = 200
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Holdout:
    """What versions are compared on.

    Attributes:
        candidates: the people ranked, a bounded sample with everybody who is relevant.
        vacancies: those held out, a bounded sample.
        relevant: position of a vacancy -> positions of the people put forward for it.
    """

    candidates: Sequence[CandidateProfile]
    vacancies: Sequence[VacancyProfile]
    relevant: Mapping[int, Sequence[int]]

    @classmethod
    def of(
        cls,
        candidates: Sequence[CandidateProfile],
        vacancies: Sequence[VacancyProfile],
        pairs: Sequence[Pair],
    ) -> "Holdout":
        """Choose from all there is; equal data give an equal choice."""
        generator = np.random.default_rng(_SEED)
        known = {profile.codigo for profile in candidates}
        wanted: dict[int, set[int]] = {}
        for pair in pairs:
            if is_held_out(pair.codigo_vaga) and pair.codigo_candidato in known:
                wanted.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
        offers = [profile for profile in vacancies if profile.codigo in wanted]
        offers = [offers[at] for at in _sample(generator, len(offers), _MOST_VACANCIES)]
        needed = {code for profile in offers for code in wanted[profile.codigo or 0]}
        extra = set(_sample(generator, len(candidates), _MOST_PEOPLE))
        people = [p for at, p in enumerate(candidates) if at in extra or p.codigo in needed]
        at = {profile.codigo: position for position, profile in enumerate(people)}
        relevant = {
            position: sorted(at[code] for code in wanted[profile.codigo or 0])
            for position, profile in enumerate(offers)
        }
        return cls(people, offers, relevant)


def is_held_out(codigo_vaga: int) -> bool:
    """Tell whether no version learns from the applications to this vacancy: one in five."""
    digest = hashlib.blake2b(f"praca.holdout.{codigo_vaga}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _ONE_IN == 0


def without_held_out(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the applications from which a version may learn."""
    return [pair for pair in pairs if not is_held_out(pair.codigo_vaga)]


class Assessment:
    """How one version does on a hold-out.

    Equal hold-outs give figures in equal order: two versions can be compared vacancy by vacancy.

    Args:
        model: the version.
        holdout: what it is assessed on.
    """

    def __init__(self, model: MatchModel, holdout: Holdout) -> None:
        self._model = model
        self._holdout = holdout
        self._is_empty = not holdout.relevant
        if self._is_empty:
            return
        self._rows = examples(
            [model.encoder_.candidate(profile) for profile in holdout.candidates],
            [model.encoder_.vacancy(profile) for profile in holdout.vacancies],
            holdout.relevant,
            negatives=_NEGATIVES,
            seed=_SEED,
        )
        self._scores = model.scorer_.log_odds_of(self._rows.features)
        self._weights = prior_weights(self._rows.relevant, model.prior)

    def evaluation(self) -> Evaluation:
        """Return what the gate asks: ranks of the best relevant people, and probabilities."""
        if self._is_empty:
            nothing = np.zeros(0)
            return Evaluation(METRIC, 0, _undefined, nothing > 0, nothing, nothing, 0.0)
        ranks = reciprocal_ranks(self._rows, self._scores)
        return Evaluation(
            metric=METRIC,
            count=ranks.size,
            figure=lambda units: float(ranks[units].mean()),
            labels=self._rows.relevant,
            probabilities=sigmoid(self._scores),
            weights=self._weights,
            latency_ms=self._latency_ms(),
        )

    def figures(self) -> dict[str, float]:
        """Return the version's figures beside those of BM25 and of chance."""
        if self._is_empty:
            return {}
        ours = reciprocal_ranks(self._rows, self._scores)
        interval = group_bootstrap(ours, seed=_SEED)
        return {
            "holdout_vacancies": float(ours.size),
            "holdout_mrr": interval.estimate,
            "holdout_mrr_low": interval.low,
            "holdout_mrr_high": interval.high,
            **{
                f"holdout_mrr_{name}": float(reciprocal_ranks(self._rows, scores).mean())
                for name, scores in self._baselines().items()
            },
            "holdout_auc": auc(self._rows.relevant, self._scores),
        }

    def plots(self) -> dict[str, bytes]:
        """Return plots for people, by file name: the ranking, the probabilities, the scores."""
        if self._is_empty:
            return {}
        figures = self.figures()
        interval = (figures["holdout_mrr_low"], figures["holdout_mrr_high"])
        ranking = bars_svg(
            f"MRR em {int(figures['holdout_vacancies'])} vagas reservadas",
            ["este modelo", "BM25 no título", "acaso"],
            [figures[f"holdout_mrr{name}"] for name in ("", "_bm25", "_chance")],
            [interval, None, None],
        )
        return {
            "ranking.svg": ranking.encode(),
            "reliability.svg": self._reliability().encode(),
            "scores.svg": self._histogram().encode(),
        }

    def _baselines(self) -> dict[str, NDArray[np.float64]]:
        lexical = self._rows.features[:, FEATURES.index("bm25_title")].astype(np.float64)
        chance = np.random.default_rng(_SEED).random(self._scores.size)
        return {"bm25": lexical, "chance": chance}

    def _reliability(self) -> str:
        stated = sigmoid(self._scores)
        bins = []
        for chosen in np.array_split(np.argsort(stated, kind="stable"), _BINS):
            weights = self._weights[chosen]
            predicted = np.average(stated[chosen], weights=weights)
            observed = np.average(self._rows.relevant[chosen], weights=weights)
            bins.append(ReliabilityBin(float(predicted), float(observed), float(chosen.size)))
        return reliability_svg("As probabilidades se confirmam?", bins)

    def _histogram(self) -> str:
        edges = np.linspace(self._scores.min(), self._scores.max() + 1e-9, 2 * _BINS + 1)
        relevant = self._rows.relevant
        counts = {
            "indicados": np.histogram(self._scores[relevant], edges)[0].tolist(),
            "outros": np.histogram(self._scores[~relevant], edges)[0].tolist(),
        }
        title = "Pontuação de quem foi indicado e dos outros"
        return histogram_svg(title, edges.tolist(), counts, axis="logaritmo da chance")

    def _latency_ms(self) -> float:
        """Return the p99 of a prediction, both texts encoded anew, in milliseconds of one core."""
        taken = []
        offers = self._holdout.vacancies
        for at, candidate in enumerate(self._holdout.candidates[:_TIMED]):
            vacancy = offers[at % len(offers)]
            # What else the machine does meanwhile is no property of the model.
            started = time.thread_time()
            person = self._model.encoder_.candidate(candidate)
            offer = self._model.scorer_.fold(self._model.encoder_.vacancy(vacancy))
            self._model.scorer_.log_odds(person, offer)
            taken.append(time.thread_time() - started)
        return float(np.quantile(taken, 0.99)) * 1000


def _undefined(_units: NDArray[np.int64]) -> float:
    raise ValueError("nothing was held out")


def _sample(generator: np.random.Generator, count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return sorted(generator.choice(count, most, replace=False).tolist())
