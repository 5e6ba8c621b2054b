"""What is watched of people, vacancies, predictions and outcomes: only what the model reads.

A profile holds neither sex nor age nor disability, so none of them can be watched by mistake; the
encoder drops the words that disclose them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import CandidateVector, VacancyVector
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.outcomes import HIRED, REJECTED, Outcome, outcome_of
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.scales import AREAS, LANGUAGE, LEVEL, SCHOOLING, area_names
from praca.kit.text import fold, squeeze
from praca.learning.drift import CategorySketch, NumericSketch, Sketch, TextSketch, projected

__all__ = [
    "COLUMNS",
    "MOST_PAIRS",
    "Column",
    "Learn",
    "Offers",
    "People",
    "outcome_columns",
    "prediction_column",
    "with_applications",
]

MOST_PAIRS: Final = 2_000
"""So many pairs of a person and a vacancy stand for all predictions."""

_UNDECIDED: Final = (
    "Prospect",
    "Inscrito",
    "Encaminhado ao Requisitante",
    "Em avaliação pelo RH",
    "Entrevista Técnica",
    "Entrevista com Cliente",
    "Desistiu",
    "Desistiu da Contratação",
    "Sem interesse nesta vaga",
)
# Statuses are typed by people: only these are stored by name.
_STATUSES: Final = {squeeze(fold(name)): name for name in (*HIRED, *REJECTED, *_UNDECIDED)}
_SCALES: Final = (
    ("senioridade", "Senioridade", LEVEL),
    ("escolaridade", "Escolaridade", SCHOOLING),
    ("ingles", "Inglês", LANGUAGE),
    ("espanhol", "Espanhol", LANGUAGE),
)
_FIELDS: Final = {
    "titulo": "título",
    "objetivo": "objetivo",
    "area": "área de atuação",
    "areas": "áreas de atuação",
    "conhecimentos": "conhecimentos",
    "certificacoes": "certificações",
    "nivel_profissional": "nível profissional",
    "nivel_academico": "nível acadêmico",
    "ingles": "inglês",
    "espanhol": "espanhol",
    "outros_idiomas": "outros idiomas",
    "cv": "currículo",
    "atividades": "atividades",
    "competencias": "competências",
    "observacoes": "observações",
}
_YES_NO: Final = ("sim", "não")
_GROUPS: Final = {
    "candidatos": "Candidatos",
    "vagas": "Vagas",
    "predicoes": "Predições",
    "candidaturas": "Candidaturas",
}


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is named, shown and judged.

    Attributes:
        name: stable name, ``group.column``.
        label: for people.
        may_alarm: False: shown, but its change is expected and says nothing about the model.
    """

    name: str
    label: str
    may_alarm: bool = True

    @property
    def group(self) -> str:
        """The heading under which people find it."""
        return _GROUPS[self.name.partition(".")[0]]


def _columns() -> Iterator[Column]:
    profiles = {"candidatos": CandidateProfile, "vagas": VacancyProfile}
    for group, profile in profiles.items():
        yield Column(f"{group}.texto", "Texto")
        for name, label, _ in _SCALES:
            yield Column(f"{group}.{name}", label)
        yield Column(f"{group}.area", "Área de atuação")
        for field in fields(profile):
            if field.name in _FIELDS:
                yield Column(f"{group}.tem_{field.name}", f"Preenchido: {_FIELDS[field.name]}")
    yield Column("predicoes.compatibilidade", "Compatibilidade (log da chance)")
    yield Column("candidaturas.desfecho", "Desfecho das já decididas")
    # New applications have not been decided yet, and new vacancies have few: no fault of a model.
    yield Column("candidaturas.situacao", "Situação", may_alarm=False)
    yield Column("candidaturas.vaga_com_candidato", "Vagas com candidato", may_alarm=False)


COLUMNS: Final = {column.name: column for column in _columns()}
"""Every column by name, in the order of the report."""

_FAMILIAR: Final = 20
"""A term in fewer texts of the training is hardly known.

The vocabulary itself is no measure: it was made of the training's own texts, rare terms and all, so
every new text has more outside of it. One text more or less hardly matters to a term in twenty.
"""

ProfileT = TypeVar("ProfileT", bound=CandidateProfile | VacancyProfile)
VectorT = TypeVar("VectorT", bound=CandidateVector | VacancyVector)

Learn = Callable[[Sketch | None], Sketch]
"""Counts a column's rows in the cells of the reference; None: learns the cells from the rows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded(Generic[ProfileT, VectorT]):
    """Profiles of one kind, each with the vector that the model makes of it."""

    group: ClassVar[str]
    profiles: Sequence[ProfileT]
    vectors: Sequence[VectorT]

    def counters(self, model: MatchModel) -> dict[str, Learn]:
        """Return what counts each column."""
        return _counters(self.group, self.profiles, self.vectors, model)

    def projections(self, model: MatchModel) -> NDArray[np.float32]:
        """Return a short vector of each text, shape (n, d)."""
        return _projected([vector.terms for vector in self.vectors], model)


class People(_Encoded[CandidateProfile, CandidateVector]):
    """Candidates, encoded."""

    group = "candidatos"

    @classmethod
    def encoded(cls, model: MatchModel, profiles: Sequence[CandidateProfile]) -> Self:
        """Encode ``profiles``."""
        return cls(profiles, [model.encoder_.candidate(profile) for profile in profiles])


class Offers(_Encoded[VacancyProfile, VacancyVector]):
    """Vacancies, encoded."""

    group = "vagas"

    @classmethod
    def encoded(cls, model: MatchModel, profiles: Sequence[VacancyProfile]) -> Self:
        """Encode ``profiles``."""
        return cls(profiles, [model.encoder_.vacancy(profile) for profile in profiles])


def prediction_column(model: MatchModel, people: People, offers: Offers) -> dict[str, Learn]:
    """Return what counts the log-odds of pairs drawn at random.

    Nobody and no vacancy is in two pairs: the pairs are independent, as the test assumes.
    """
    generator = np.random.default_rng(model.seed)
    count = min(len(people.vectors), len(offers.vectors), MOST_PAIRS)
    mine = generator.permutation(len(people.vectors))[:count]
    theirs = generator.permutation(len(offers.vectors))[:count]
    scorer = model.scorer_
    log_odds = [
        scorer.log_odds(people.vectors[a], scorer.fold(offers.vectors[b]))
        for a, b in zip(mine.tolist(), theirs.tolist(), strict=True)
    ]
    return {"predicoes.compatibilidade": _of_numbers(np.array(log_odds, np.float64))}


def outcome_columns(statuses: Sequence[str]) -> dict[str, Learn]:
    """Return what counts the statuses of applications."""
    decided = [outcome_of(status) for status in statuses]
    names = {Outcome.HIRED: "contratação", Outcome.REJECTED: "recusa"}
    known = [_STATUSES.get(squeeze(fold(status)), "outra situação") for status in statuses]
    return {
        "candidaturas.desfecho": _of_names(
            [names[each] for each in decided if each in names], list(names.values())
        ),
        "candidaturas.situacao": _of_names(known, list(_STATUSES.values())),
    }


def with_applications(offers: Offers, applied: Collection[int]) -> dict[str, Learn]:
    """Return what counts the vacancies for which somebody was put forward."""
    names = ["sim" if profile.codigo in applied else "não" for profile in offers.profiles]
    return {"candidaturas.vaga_com_candidato": _of_names(names, _YES_NO)}


def _counters(
    group: str,
    profiles: Sequence[CandidateProfile | VacancyProfile],
    vectors: Sequence[CandidateVector | VacancyVector],
    model: MatchModel,
) -> dict[str, Learn]:
    found = {f"{group}.texto": _of_texts([vector.terms for vector in vectors], model)}
    for at, (name, _, scale) in enumerate(_SCALES):
        levels = [vector.levels[at] for vector in vectors]
        found[f"{group}.{name}"] = _of_names(
            [scale.labels[level] if level else None for level in levels], scale.labels[1:]
        )
    found[f"{group}.area"] = _of_names([_area(vector.areas) for vector in vectors], AREAS)
    for name in _FIELDS:
        if f"{group}.tem_{name}" in COLUMNS:
            found[f"{group}.tem_{name}"] = _of_names(
                ["sim" if getattr(profile, name).strip() else "não" for profile in profiles],
                _YES_NO,
            )
    return found


def _projected(texts: Sequence[NDArray[np.int64]], model: MatchModel) -> NDArray[np.float32]:
    vocabulary = model.encoder_.vocabulary_
    rarity = vocabulary.smooth_idf()[:-1]
    return projected(texts, np.where(vocabulary.document_frequency_ >= _FAMILIAR, rarity, 0.0))


def _area(bits: int) -> str | None:
    names = area_names(bits)
    if len(names) > 1:
        return "várias áreas"
    return names[0] if names else None


def _of_numbers(values: NDArray[np.float64]) -> Learn:
    return lambda sketch: (
        sketch if isinstance(sketch, NumericSketch) else NumericSketch.learn(values)
    ).counted(values)


def _of_names(values: Sequence[str | None], possible: Sequence[str]) -> Learn:
    # What may come is a category from the start: the first one to come is called by its name.
    return lambda sketch: (
        sketch if isinstance(sketch, CategorySketch) else CategorySketch.learn([*values, *possible])
    ).counted(values)


def _of_texts(texts: Sequence[NDArray[np.int64]], model: MatchModel) -> Learn:
    # Terms outside the vocabulary have numbers behind its own, and share the last place.
    familiar = np.append(model.encoder_.vocabulary_.document_frequency_ >= _FAMILIAR, False)
    shares = np.array(
        [
            1 - familiar[np.minimum(text, familiar.size - 1)].mean() if text.size else np.nan
            for text in texts
        ],
        np.float64,
    )
    return lambda sketch: (
        sketch if isinstance(sketch, TextSketch) else TextSketch.learn(texts, shares)
    ).counted(texts, shares)
