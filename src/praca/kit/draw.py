"""Random draws that come out the same on every platform and Python version.

Python promises reproducible numbers for ``seed(str)`` and ``random()`` only; ``choice``, ``sample``
and ``gauss`` may change between releases, so everything here is built on ``random()``.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """A stream of draws that belongs to one record: same key, same stream."""

    __slots__ = ("unit",)

    def __init__(self, key: str) -> None:
        # Believable data are wanted here, not secrets.
        self.unit = random.Random(key).random  # noqa: S311

    def below(self, limit: int) -> int:
        """Return a whole number in ``[0, limit)``."""
        return int(self.unit() * limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number in ``[low, high]``."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.unit() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options; repeat an option in the sequence to give it weight."""
        return options[int(self.unit() * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Return ``count`` different places of ``options`` (or all), in drawn order."""
        pool = list(options)
        size = len(pool)
        count = min(count, size)
        for place in range(count):
            other = place + int(self.unit() * (size - place))
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:count]
