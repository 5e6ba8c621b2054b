"""A model's text, as it comes, cut into sentences with the passages that each cites."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from praca.helpdesk.answering.sentences import spans

__all__ = ["Pieces", "Said"]

_MARK: Final = re.compile(r"\s?[\[【](\d{1,3}(?:\s?[,;e]\s?\d{1,3})*)[\]】]")
_AFTER_STOP: Final = re.compile(r"([.!?…]+)((?:\s?[\[【]\d[\d\s,;e]*[\]】])+)")
_ONLY_MARKS: Final = re.compile(r"[\s\[\]【】\d,;.]*")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a model.

    Attributes:
        gap: what stands between it and the one before: a blank or the end of a line.
        text: without the marks of its citations.
        cited: the numbers in those marks.
    """

    gap: str
    text: str
    cited: frozenset[int]


class Pieces:
    """Takes a text in as it comes, and gives its sentences once they are whole.

    A sentence is whole when the next has begun, since a citation's mark may follow the full
    stop. One that cites nothing waits for the next that does, and is said together with it, on
    that one's word.
    """

    def __init__(self) -> None:
        self._tail = ""
        self._waiting: list[Said] = []
        self.length = 0

    def take(self, text: str) -> Iterator[Said]:
        """Take in more text; yield the sentences that are whole now."""
        self.length += len(text)
        self._tail = _AFTER_STOP.sub(r"\2\1", self._tail + text)
        found = spans(self._tail)
        if len(found) < 2 or _ONLY_MARKS.fullmatch(self._tail, found[-1][0]):  # noqa: PLR2004
            return
        whole, tail = found[:-1], found[-1][0]
        if _ONLY_MARKS.fullmatch(self._tail, whole[-1][0], whole[-1][1]):
            return
        yield from self._cut(whole)
        gap = self._tail[whole[-1][1] : tail]
        self._tail = gap + self._tail[tail:]

    def rest(self) -> Iterator[Said]:
        """Yield what is left, at the end of the text."""
        self._tail = _AFTER_STOP.sub(r"\2\1", self._tail)
        yield from self._cut(spans(self._tail))
        self._tail = ""
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def _cut(self, found: list[tuple[int, int]]) -> Iterator[Said]:
        end = 0
        for start, stop in found:
            gap = "\n" if "\n" in self._tail[end:start] else " "
            end = stop
            raw = self._tail[start:stop]
            cited = frozenset(
                int(one) for mark in _MARK.findall(raw) for one in _NUMBER.findall(mark)
            )
            text = _MARK.sub("", raw).strip()
            if not text and not cited:
                continue
            yield from self._with_waiting(Said(gap, text, cited))

    def _with_waiting(self, said: Said) -> Iterator[Said]:
        self._waiting.append(said)
        if not said.cited:
            return
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if one.text:
                yield Said(one.gap, one.text, said.cited)
