"""The reference: what the data looked like that a version of the model was trained on.

It is stored beside the model, so a check needs no old row. It holds counts, names of categories
from fixed lists, and of each side at most 1,000 texts as random projections, without codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, TypeVar

import numpy as np

from praca.jobs.matching.drift.watched import (
    COLUMNS,
    Offers,
    People,
    outcome_columns,
    prediction_column,
    with_applications,
)
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import (
    ArtifactError,
    array_from_bytes,
    array_to_bytes,
    json_from_bytes,
    json_to_bytes,
)
from praca.learning.drift import (
    CategorySketch,
    NumericSketch,
    Sketch,
    SketchError,
    TextSketch,
    VectorSample,
)

__all__ = ["MOST_ROWS", "Reference", "drawn", "reference_files"]

MOST_ROWS: Final = 10_000
"""So many rows of each side are looked at, drawn at random: more would hardly sharpen a share."""

_FORMAT: Final = 1
_STATE: Final = "drift-reference.json"
_VECTORS: Final = {"candidatos": "drift-candidates.npy", "vagas": "drift-vacancies.npy"}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Sketches of every column, and samples of the short vectors of texts.

    Attributes:
        taken_at: the moment that it stands for: rows written later are not in it.
        sketches: name of the column -> sketch.
        vectors: ``candidatos`` and ``vagas`` -> sample.
    """

    taken_at: datetime
    sketches: Mapping[str, Sketch]
    vectors: Mapping[str, VectorSample]

    def to_files(self) -> dict[str, bytes]:
        """Return it as files, for :func:`praca.learning.artifacts.pack`."""
        state = {
            "format": _FORMAT,
            "taken_at": self.taken_at.isoformat(),
            "sketches": {name: sketch.to_json() for name, sketch in self.sketches.items()},
        }
        arrays = {_VECTORS[side]: array_to_bytes(v.vectors) for side, v in self.vectors.items()}
        return {_STATE: json_to_bytes(state), **arrays}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self | None:
        """Rebuild from :meth:`to_files`; None: the version was trained without a reference.

        Raises:
            ArtifactError: a file is missing or is not of the expected form.
        """
        if _STATE not in files:
            return None
        state = json_from_bytes(files[_STATE])
        if state.get("format") != _FORMAT:
            raise ArtifactError("A referência de drift é de uma versão desconhecida.")
        try:
            taken_at = datetime.fromisoformat(state["taken_at"])
            sketches = {name: _sketch(each) for name, each in state["sketches"].items()}
            vectors = {side: _sample(files[name]) for side, name in _VECTORS.items()}
        except (SketchError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArtifactError("A referência de drift está incompleta ou alterada.") from error
        if taken_at.tzinfo is None:
            raise ArtifactError("A referência de drift não tem fuso horário.")
        return cls(taken_at, sketches, vectors)


def reference_files(
    model: MatchModel,
    candidates: Sequence[CandidateProfile],
    vacancies: Sequence[VacancyProfile],
    pairs: Sequence[Pair],
    taken_at: datetime,
) -> dict[str, bytes]:
    """Return the files of the reference for what ``model`` was trained on.

    Args:
        model: fitted.
        candidates: all people.
        vacancies: all vacancies.
        pairs: all applications whose candidate and vacancy are known.
        taken_at: a moment before the first row was read, aware.
    """
    people = People.encoded(model, drawn(candidates, model.seed))
    offers = Offers.encoded(model, drawn(vacancies, model.seed))
    counters = {
        **people.counters(model),
        **offers.counters(model),
        **prediction_column(model, people, offers),
        **outcome_columns([pair.situacao for pair in pairs]),
        **with_applications(offers, {pair.codigo_vaga for pair in pairs}),
    }
    sketches = {name: counters[name](None) for name in COLUMNS}
    vectors = {
        "candidatos": VectorSample.of(people.projections(model)),
        "vagas": VectorSample.of(offers.projections(model)),
    }
    return Reference(taken_at, sketches, vectors).to_files()


def drawn(items: Sequence[Item], seed: int, most: int = MOST_ROWS) -> Sequence[Item]:
    """Return ``most`` items drawn without replacement, all if there are no more."""
    if len(items) <= most:
        return items
    chosen = np.random.default_rng(seed).choice(len(items), most, replace=False)
    return [items[at] for at in sorted(chosen.tolist())]


def _sketch(state: Mapping[str, Any]) -> Sketch:
    match state["kind"]:
        case "numeric":
            return NumericSketch.from_json(state)
        case "category":
            return CategorySketch.from_json(state)
        case "text":
            return TextSketch.from_json(state)
    raise SketchError("unknown kind of sketch")


def _sample(content: bytes) -> VectorSample:
    vectors = array_from_bytes(content, np.float16, (None, None))
    if not np.isfinite(vectors).all():
        raise SketchError("vectors must be finite")
    return VectorSample(vectors, seen=vectors.shape[0])
