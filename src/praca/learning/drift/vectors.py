"""Texts as short vectors that nothing was learned for, and a bounded uniform sample of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["VectorSample", "mixed", "projected"]

_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_ROWS: Final = 1000
_DIMENSIONS: Final = 128


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64 well-mixed bits for each number, the same on every machine.

    The finaliser of SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
    generators", OOPSLA (2014).
    """
    # Products of unsigned integers wrap, which is meant.
    value = numbers * _ODD
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def projected(
    texts: Sequence[NDArray[np.int64]], weights: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return a random projection of each text, shape (texts, 128), of unit length or zeros.

    Directions learned from the reference's own texts fit those better than any other text, and a
    classifier would tell them apart by that alone. Random signs owe nothing to any text. Source:
    Achlioptas, "Database-friendly random projections", JCSS 66 (2003).

    Args:
        texts: distinct term numbers of each.
        weights: of each term, shape (terms,); terms of weight 0 and numbers behind are left out.
    """
    terms = np.arange(2 * weights.size, dtype=np.uint64)
    bits = np.unpackbits(mixed(terms).astype("<u8").view(np.uint8)).reshape(-1, _DIMENSIONS)
    signs = bits.astype(np.float32) * 2 - 1
    result = np.zeros((len(texts), _DIMENSIONS), np.float32)
    for row, text in enumerate(texts):
        known = text[text < weights.size]
        result[row] = weights[known].astype(np.float32) @ signs[known]
    norms = np.linalg.norm(result, axis=1, keepdims=True)
    np.divide(result, norms, out=result, where=norms > 0)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class VectorSample:
    """The rows whose hashes are the smallest: every distinct row is as likely as any other.

    A hash of the row takes the place of a random number, so the sample does not depend on the order
    or the batches in which rows come, and samples can be merged. Equal rows are in it together or
    not at all. Rows of zeros (texts without a known term) are left out.

    Attributes:
        vectors: float16, shape (n, d), in the order of their hashes.
        size: so many rows are kept at most.
        seen: how many rows, zeros left out, were offered.
    """

    vectors: NDArray[np.float16]
    size: int = _ROWS
    seen: int = 0

    @classmethod
    def of(cls, vectors: NDArray[Any], size: int = _ROWS) -> Self:
        """Return the sample of ``vectors``, shape (n, d)."""
        rows = np.asarray(vectors, np.float16)
        rows = rows[np.any(rows != 0, axis=1)]
        return cls(_least(rows, size), size, rows.shape[0])

    def __add__(self, other: Self) -> Self:
        """Return the sample of the rows of both."""
        size = min(self.size, other.size)
        vectors = np.concatenate([self.vectors, other.vectors])
        return type(self)(_least(vectors, size), size, self.seen + other.seen)


def _least(rows: NDArray[np.float16], size: int) -> NDArray[np.float16]:
    keys = _hashes(rows)
    return rows[np.argsort(keys, kind="stable")[:size]]


def _hashes(rows: NDArray[np.float16]) -> NDArray[np.uint64]:
    bits = np.ascontiguousarray(rows).view(np.uint16).astype(np.uint64)
    weights = mixed(np.arange(1, rows.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    return mixed((bits * weights).sum(axis=1, dtype=np.uint64))
