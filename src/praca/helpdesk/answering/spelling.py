"""Misspelt words of questions, corrected to words of the articles.

Symmetric deletes: two words within one edit of each other (a letter too many, missing, wrong, or
two swapped) share a form with at most one letter deleted from each. Long words may be two edits
off. Source: Garbe, "1000x faster spelling correction algorithm" (2012), the method of SymSpell;
distance: Damerau, "A technique for computer detection and correction of spelling errors",
Communications of the ACM 7 (1964), in its restricted form.
"""

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["Speller", "distance"]

_SHORTEST: Final = 5
_LONG: Final = 8
_LONGEST: Final = 24


class Speller:
    """Nearest known terms of unknown ones.

    Args:
        known: term -> in how many articles it occurs; of equally near terms the commonest wins.
    """

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = dict(known)
        self._by_form: dict[str, list[str]] = {}
        for term in sorted(self._known):
            if term.isalpha() and _SHORTEST <= len(term) <= _LONGEST:
                for form in _forms(term, _edits(term)):
                    self._by_form.setdefault(form, []).append(term)

    def __contains__(self, term: str) -> bool:
        return term in self._known

    def nearest(self, term: str) -> str | None:
        """Return the known term that ``term`` was probably meant to be, or None.

        Its first letter is taken to be right: a wrong one is rare, and most false corrections
        have one.
        """
        if not (term.isalpha() and _SHORTEST <= len(term) <= _LONGEST):
            return None
        forms = _forms(term, _edits(term))
        candidates = {one for form in forms for one in self._by_form.get(form, ())}
        near = [
            (edits, -self._known[one], one)
            for one in candidates
            if one[0] == term[0]
            and (edits := distance(term, one)) <= min(_edits(term), _edits(one))
        ]
        return min(near)[2] if near else None


def distance(one: str, other: str) -> int:
    """Return how many letters were added, left out, changed or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        new = [at]
        for to, wanted in enumerate(other, 1):
            best = min(row[to] + 1, new[-1] + 1, row[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                best = min(best, before[to - 2] + 1)
            new.append(best)
        before, row = row, new
    return row[-1]


def _edits(term: str) -> int:
    return 2 if len(term) >= _LONG else 1


def _forms(term: str, deletes: int) -> Iterable[str]:
    forms = {term}
    for _ in range(deletes):
        forms |= {form[:at] + form[at + 1 :] for form in forms for at in range(len(form))}
    return forms
