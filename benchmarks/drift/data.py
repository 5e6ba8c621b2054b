"""Invented tables that both sides measure: only numpy is needed to make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Table", "peak_mb", "shifted", "table"]

NAMES = np.array(list("abcdefgh"), dtype=object)
SHARES = np.array([0.4, 0.2, 0.15, 0.1, 0.08, 0.04, 0.02, 0.01])
# The same categories with weight moved so that the PSI between the two is 0.2.
_MOVED = np.array([0.6, 0.8, 0.9, 1.2, 1.6, 2.2, 2.6, 3.0])


@dataclass(frozen=True)
class Table:
    """Columns of numbers (shape (rows,)) and of names (object arrays)."""

    numbers: Sequence[NDArray[np.float64]]
    names: Sequence[NDArray[Any]]


def table(generator: np.random.Generator, rows: int, columns: int) -> Table:
    """Return three columns of numbers for one of names; a third of the numbers is skewed."""
    count = columns * 3 // 4
    numbers = [
        generator.lognormal(size=rows) if at % 3 == 0 else generator.normal(size=rows)
        for at in range(count)
    ]
    names = [_drawn(generator, rows, SHARES) for _ in range(columns - count)]
    return Table(numbers, names)


def shifted(generator: np.random.Generator, data: Table) -> Table:
    """Return the table with the second number and the first name changed by a true PSI of 0.2."""
    # Normal distributions of deviation 1 whose means differ by d have a PSI of d squared.
    moved = data.numbers[1] + np.sqrt(0.2)
    names = _drawn(generator, moved.size, _shares_of_psi(0.2))
    return Table(
        [data.numbers[0], moved, *data.numbers[2:]],
        [names, *data.names[1:]],
    )


def peak_mb() -> float:
    """Return the greatest resident memory of this process so far, in MB."""
    import resource  # noqa: PLC0415  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _drawn(generator: np.random.Generator, rows: int, shares: NDArray[np.float64]) -> Any:
    return NAMES[generator.choice(NAMES.size, rows, p=shares)]


def _shares_of_psi(wanted: float) -> NDArray[np.float64]:
    """Return shares between the usual and the moved ones, with that PSI to the usual."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        shares = SHARES * _MOVED**middle
        shares /= shares.sum()
        if np.sum((shares - SHARES) * np.log(shares / SHARES)) < wanted:
            low = middle
        else:
            high = middle
    return shares
