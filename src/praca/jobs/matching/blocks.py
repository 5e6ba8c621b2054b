"""Immutable blocks of encoded people or vacancies, and the list of blocks that an index is.

An index is a tuple of blocks, each with a mask of rows still valid. Adding rows adds a small block;
removing or replacing rows clears bits; neighbouring blocks of like size are merged, so each row is
copied a logarithmic number of times. A reader takes the tuple once and is never disturbed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.features import Channel
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING
from praca.learning.artifacts import ArtifactError, array_from_bytes, array_to_bytes
from praca.learning.retrieval import Postings

__all__ = ["Block", "Live", "Row", "merged", "with_rows", "without"]

_LEVELS: Final = 4
_SIZES: Final = np.array([scale.size for scale in (LEVEL, SCHOOLING, LANGUAGE, LANGUAGE)])
_GROWTH: Final = 2


class Row(Protocol):
    """One encoded person, or one encoded vacancy with the coefficients in it."""

    @property
    def terms(self) -> NDArray[np.int64]: ...  # noqa: D102
    @property
    def weights(self) -> NDArray[np.floating[Any]]: ...  # noqa: D102
    @property
    def dense(self) -> NDArray[np.floating[Any]]: ...  # noqa: D102
    @property
    def levels(self) -> tuple[int, int, int, int]: ...  # noqa: D102
    @property
    def areas(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows side by side.

    Attributes:
        codes: int64, shape (n,), distinct.
        postings: of all rows, with one weight per channel.
        dense: float32, shape (n, d).
        levels: int8, shape (4, n).
        areas: uint64, shape (n,).
        at: code -> position.
    """

    codes: NDArray[np.int64]
    postings: Postings
    dense: NDArray[np.float32]
    levels: NDArray[np.int8]
    areas: NDArray[np.uint64]
    at: Mapping[int, int]

    @classmethod
    def of(
        cls,
        codes: NDArray[np.int64],
        postings: Postings,
        dense: NDArray[np.float32],
        levels: NDArray[np.int8],
        areas: NDArray[np.uint64],
    ) -> Self:
        """Build from arrays."""
        at = {code: position for position, code in enumerate(codes.tolist())}
        return cls(codes, postings, dense, levels, areas, at)

    @classmethod
    def from_rows(cls, rows: Mapping[int, Row], dimensions: int) -> Self:
        """Build from code -> row."""
        values = list(rows.values())
        count = len(values)
        return cls.of(
            codes=np.fromiter(rows.keys(), np.int64, count),
            postings=Postings.from_documents(
                [(row.terms, row.weights.astype(np.float32, copy=False)) for row in values],
                channels=len(Channel),
            ),
            dense=np.array([row.dense for row in values], np.float32).reshape(count, dimensions),
            levels=np.array([row.levels for row in values], np.int8).reshape(count, _LEVELS).T,
            areas=np.array([row.areas for row in values], np.uint64),
        )

    def to_files(self) -> dict[str, bytes]:
        """Return the arrays as files."""
        arrays: dict[str, NDArray[Any]] = {
            "codes": self.codes,
            "terms": self.postings.terms,
            "starts": self.postings.starts,
            "documents": self.postings.documents,
            "weights": self.postings.weights,
            "dense": self.dense,
            "levels": self.levels,
            "areas": self.areas,
        }
        return {f"{name}.npy": array_to_bytes(array) for name, array in arrays.items()}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], dimensions: int) -> Self:
        """Rebuild from :meth:`to_files`; the arrays share the memory of the files.

        Raises:
            ArtifactError: a file is missing or not as expected.
        """

        def read(name: str, dtype: type[np.generic], *shape: int | None) -> NDArray[Any]:
            if f"{name}.npy" not in files:
                raise ArtifactError(f"Falta o arquivo {name}.npy no índice.")
            return array_from_bytes(files[f"{name}.npy"], dtype, shape)

        codes = read("codes", np.int64, None)
        count = codes.size
        try:
            postings = Postings(
                read("terms", np.int64, None),
                read("starts", np.int64, None),
                read("documents", np.int32, None),
                read("weights", np.float32, None, len(Channel)),
                count,
            )
        except (ValueError, IndexError) as error:
            raise ArtifactError("O índice está incompleto ou foi alterado.") from error
        block = cls.of(
            codes,
            postings,
            read("dense", np.float32, count, dimensions),
            read("levels", np.int8, _LEVELS, count),
            read("areas", np.uint64, count),
        )
        if not block._is_sound():  # noqa: SLF001  # its own
            raise ArtifactError("O índice contém valores impossíveis.")
        return block

    def _is_sound(self) -> bool:
        """Tell whether codes are distinct, levels on their scales, and numbers finite."""
        return bool(
            len(self.at) == self.codes.size
            and (self.postings.terms >= 0).all()
            and np.isfinite(self.postings.weights).all()
            and np.isfinite(self.dense).all()
            and (self.levels >= 0).all()
            and (self.levels < _SIZES[:, None]).all()
        )


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A block and which of its rows are valid (bool, shape (n,))."""

    block: Block
    alive: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of valid rows."""
        return int(np.count_nonzero(self.alive))


def without(blocks: Sequence[Live], codes: Collection[int]) -> tuple[Live, ...]:
    """Return ``blocks`` with the rows of ``codes`` cleared."""
    result = []
    for live in blocks:
        positions = [live.block.at[code] for code in codes if code in live.block.at]
        alive = live.alive
        if positions:
            alive = alive.copy()
            alive[positions] = False
        if alive.any():
            result.append(Live(live.block, alive))
    return tuple(result)


def with_rows(blocks: Sequence[Live], rows: Mapping[int, Row], dimensions: int) -> tuple[Live, ...]:
    """Return ``blocks`` with ``rows`` added, replacing those of the same codes."""
    if not rows:
        return tuple(blocks)
    added = Live(Block.from_rows(rows, dimensions), np.ones(len(rows), np.bool_))
    result = [*without(blocks, rows.keys()), added]
    while len(result) > 1 and result[-2].count < _GROWTH * result[-1].count:
        tail = merged(result[-2:])
        result[-2:] = [tail]
    return tuple(result)


def merged(blocks: Sequence[Live]) -> Live:
    """Return one block with the valid rows of all, in order."""
    if len(blocks) == 1 and blocks[0].alive.all():
        return blocks[0]
    keep = [live.alive for live in blocks]
    block = Block.of(
        codes=np.concatenate([live.block.codes[live.alive] for live in blocks]),
        postings=Postings.merge([live.block.postings for live in blocks], keep),
        dense=np.concatenate([live.block.dense[live.alive] for live in blocks]),
        levels=np.concatenate([live.block.levels[:, live.alive] for live in blocks], axis=1),
        areas=np.concatenate([live.block.areas[live.alive] for live in blocks]),
    )
    return Live(block, np.ones(block.codes.size, np.bool_))
