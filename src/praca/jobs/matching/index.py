"""Rankings in memory: all people for a vacancy, all vacancies for a person; complete and live.

Every row is scored, not a preselection, in single precision: to about 1e-5 the log-odds that
:meth:`MatchModel.score` gives the pair. Readers never wait: a change builds new blocks and then
swaps one reference.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.blocks import Block, Live, Row, merged, with_rows, without
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import ArtifactError, json_from_bytes, json_to_bytes
from praca.learning.linear import sigmoid

__all__ = ["CandidateIndex", "Ranked", "VacancyIndex"]

_FORMAT: Final = 1
_STATE: Final = "match-index.json"
_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of a ranking."""

    codigo: int
    probability: float


class _Index(ABC):
    """What both indexes share: blocks of rows of one model."""

    kind: ClassVar[str]

    def __init__(self, model: MatchModel) -> None:
        self.model = model
        self._blocks: tuple[Live, ...] = ()
        self._writing = threading.Lock()

    def __len__(self) -> int:
        """Return the number of rows."""
        return sum(live.count for live in self._blocks)

    def __contains__(self, codigo: int) -> bool:
        """Tell whether a code is in the index."""
        return any(
            codigo in live.block.at and live.alive[live.block.at[codigo]] for live in self._blocks
        )

    @property
    def codes(self) -> set[int]:
        """The codes of all rows."""
        return {code for live in self._blocks for code in live.block.codes[live.alive].tolist()}

    def remove(self, codes: Iterable[int]) -> None:
        """Take rows out; codes that are not in are ignored.

        Nothing of them stays in memory: the blocks they were in are copied without them.
        """
        with self._writing:
            left = without(self._blocks, set(codes))
            self._blocks = tuple(merged([live]) for live in left)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return sum(live.block.postings.nbytes + live.block.dense.nbytes for live in self._blocks)

    def to_files(self) -> dict[str, bytes]:
        """Return a snapshot as files, for :func:`praca.learning.artifacts.pack`."""
        blocks = self._blocks
        dimensions = self._dimensions
        block = merged(blocks).block if blocks else Block.from_rows({}, dimensions)
        state = {"format": _FORMAT, "kind": self.kind, "model": self.model.fingerprint}
        return {_STATE: json_to_bytes(state), **block.to_files()}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], model: MatchModel) -> Self:
        """Rebuild from :meth:`to_files`; verify the artefact first, this checks only the form.

        Raises:
            ArtifactError: incomplete, of another kind, or made with another model.
        """
        state = json_from_bytes(files.get(_STATE, b""))
        expected = {"format": _FORMAT, "kind": cls.kind, "model": model.fingerprint}
        if state != expected:
            raise ArtifactError("O índice é de outro tipo, de outra versão ou de outro modelo.")
        self = cls(model)
        block = Block.from_files(files, self._dimensions)
        if block.codes.size:
            self._blocks = (Live(block, np.ones(block.codes.size, np.bool_)),)
        return self

    @property
    def _dimensions(self) -> int:
        return int(self.model.encoder_.lsa_.components_.shape[1])

    def _add(self, rows: Iterable[tuple[int, Row]]) -> None:
        pending: dict[int, Row] = {}
        for code, row in rows:
            pending[code] = row
            if len(pending) >= _CHUNK:
                self._add_block(pending)
                pending = {}
        self._add_block(pending)

    def _add_block(self, rows: Mapping[int, Row]) -> None:
        with self._writing:
            self._blocks = with_rows(self._blocks, rows, self._dimensions)

    @abstractmethod
    def _shifts(self, block: Block, query: Row) -> NDArray[np.float64]:
        """Return what offset, levels and fields of work add for each row of ``block``."""

    def _best(self, query: Row, top: int) -> list[Ranked]:
        codes, scores = [], []
        weights, dense = query.weights.astype(np.float32), query.dense.astype(np.float32)
        for live in self._blocks:
            total = self._shifts(live.block, query)
            total += live.block.postings.scores(query.terms, weights)
            total += live.block.dense @ dense
            codes.append(live.block.codes[live.alive])
            scores.append(total[live.alive])
        if not codes or top < 1:
            return []
        return _top(np.concatenate(codes), np.concatenate(scores), top)


class CandidateIndex(_Index):
    """People to be ranked for a vacancy."""

    kind: ClassVar[str] = "candidates"

    def upsert(self, profiles: Iterable[CandidateProfile]) -> None:
        """Add people, or replace those of the same code; profiles without a code are refused.

        Raises:
            ValueError: a profile has no code.
        """
        encode = self.model.encoder_.candidate
        self._add((_code(profile.codigo), encode(profile)) for profile in profiles)

    def rank(self, vacancy: VacancyProfile, top: int) -> list[Ranked]:
        """Return the ``top`` people most likely to fit, best first; ties in order of code."""
        return self._best(self.model.fold(vacancy), top)

    def _shifts(self, block: Block, query: Row) -> NDArray[np.float64]:
        return self.model.scorer_.shifts(
            block.levels, query.levels, block.areas, np.array([query.areas], np.uint64)
        )


class VacancyIndex(_Index):
    """Vacancies to be recommended to a person."""

    kind: ClassVar[str] = "vacancies"

    def upsert(self, profiles: Iterable[VacancyProfile]) -> None:
        """Add vacancies, or replace those of the same code.

        Raises:
            ValueError: a profile has no code.
        """
        encoder, fold = self.model.encoder_, self.model.scorer_.fold
        self._add((_code(profile.codigo), fold(encoder.vacancy(profile))) for profile in profiles)

    def recommend(self, candidate: CandidateProfile, top: int) -> list[Ranked]:
        """Return the ``top`` vacancies that fit best, best first; ties in order of code."""
        return self._best(self.model.encode(candidate), top)

    def _shifts(self, block: Block, query: Row) -> NDArray[np.float64]:
        return self.model.scorer_.shifts(
            query.levels, block.levels, np.array([query.areas], np.uint64), block.areas
        )


def _code(codigo: int | None) -> int:
    if codigo is None:
        raise ValueError("a row of an index needs a code")
    return codigo


def _top(codes: NDArray[np.int64], scores: NDArray[np.float64], top: int) -> list[Ranked]:
    top = min(top, scores.size)
    border = np.partition(scores, scores.size - top)[scores.size - top]
    near = np.flatnonzero(scores >= border)
    order = near[np.lexsort((codes[near], -scores[near]))][:top]
    probabilities = sigmoid(scores[order]).tolist()
    return [
        Ranked(code, probability)
        for code, probability in zip(codes[order].tolist(), probabilities, strict=True)
    ]
