"""What is counted, declared where it is counted; nothing is kept before a process says so.

A room declares its figures at import, with :class:`Counter`, :class:`Gauge` and
:class:`Histogram`, and calls them wherever it likes: until :func:`bind` was called a call costs one
comparison, and the library that keeps the figures, a tenth of a second to load, is not loaded.
Which figures there are is known all the same, so their table in the docs can be tested.

Labels are given in the order of their declaration, as text, and only what is one of few: a kind, a
route's template, a status. Never what a person has typed, and nothing that tells persons apart.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

__all__ = ["OTHERS", "Counter", "Family", "Gauge", "Histogram", "bind", "declared", "release"]

OTHERS: Final = "(outros)"
"""Stands for the labels of whatever comes after the most that a family may tell apart."""
_MOST_CHILDREN: Final = 5_000

_declared: "dict[str, Family]" = {}


class Family:
    """Figures of one name, told apart by labels.

    Args:
        name: as it is exposed, unit and ``_total`` included.
        text: what it says, one line.
        labels: names of the labels.
    """

    kind = ""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        if name in _declared:
            raise ValueError(f"declared twice: {name}")
        self.name: Final = name
        self.text: Final = text
        self.labels: Final = tuple(labels)
        self._children: dict[tuple[str, ...], Any] = {}
        self._parent: Any = None
        self._creating: Callable[[], AbstractContextManager[None]] | None = None
        _declared[name] = self

    def bind(self, parent: Any, creating: "Callable[[], AbstractContextManager[None]]") -> None:
        """Begin to keep figures in ``parent``, the library's object.

        Args:
            parent: where.
            creating: opens what a new child has to be made within.
        """
        self._children = {}
        self._creating = creating
        self._parent = parent
        if not self.labels:
            self._children[()] = parent

    def release(self) -> None:
        """Keep no figures any longer."""
        self._parent = None
        self._children = {}

    def _child(self, labels: tuple[str, ...]) -> Any:
        child = self._children.get(labels)
        return self._made(labels) if child is None else child

    def _made(self, labels: tuple[str, ...]) -> Any:
        """Return a child that is new, or the one of all others where there are too many."""
        if len(labels) != len(self.labels):
            raise TypeError(f"{self.name} has the labels {self.labels}")
        if len(self._children) >= _MOST_CHILDREN:
            labels = (OTHERS,) * len(labels)
        assert self._creating is not None  # noqa: S101  # set with the parent
        with self._creating():
            child = self._parent.labels(*labels)
        self._children[labels] = child
        return child


class Counter(Family):
    """Only grows; its name ends in ``_total``."""

    kind = "counter"

    def add(self, *labels: str, amount: float = 1) -> None:
        """Add ``amount``; never raises because of who listens, may be called from any thread."""
        if self._parent is not None:
            self._child(labels).inc(amount)


class Gauge(Family):
    """Goes up and down.

    Args:
        how: what of several processes is shown: ``sum`` of all, or ``max``.
    """

    kind = "gauge"

    def __init__(
        self, name: str, text: str, labels: Sequence[str] = (), *, how: str = "sum"
    ) -> None:
        super().__init__(name, text, labels)
        self.how: Final = how

    def set(self, value: float, *labels: str) -> None:
        """Make it ``value``."""
        if self._parent is not None:
            self._child(labels).set(value)

    def add(self, *labels: str, amount: float = 1) -> None:
        """Add ``amount``, which may be negative."""
        if self._parent is not None:
            self._child(labels).inc(amount)


class Histogram(Family):
    """How many values were at most how large.

    Args:
        buckets: upper bounds, in the unit of the name.
    """

    kind = "histogram"

    def __init__(
        self, name: str, text: str, labels: Sequence[str] = (), *, buckets: Sequence[float]
    ) -> None:
        super().__init__(name, text, labels)
        self.buckets: Final = tuple(buckets)

    def observe(self, value: float, *labels: str) -> None:
        """Take ``value`` in."""
        if self._parent is not None:
            self._child(labels).observe(value)


def declared() -> "Iterator[Family]":
    """Yield everything that was declared by the modules loaded so far, by name."""
    for name in sorted(_declared):
        yield _declared[name]


def bind(
    make: Callable[[Family], Any], creating: "Callable[[], AbstractContextManager[None]]"
) -> None:
    """Begin to keep figures.

    Args:
        make: makes the library's object for a family.
        creating: opens what new children have to be made within.
    """
    for family in declared():
        with creating():
            parent = make(family)
        family.bind(parent, creating)


def release() -> None:
    """Keep no figures any longer, for example in a process that was forked."""
    for family in declared():
        family.release()
