"""A text cut into sentences, each of them a piece of the text exactly as it stands there."""

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["spans"]

_LONGEST: Final = 500
"""A sentence of more characters is cut at a blank: some texts have no full stop for pages."""
_END: Final = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s)|\n+|;(?=\s)")
_BLANKS: Final = re.compile(r"\s*")
_LAST_WORD: Final = re.compile(r"(?:^|[\s(])([^\s(]+)$")
_NUMBER_OF_A_LIST: Final = re.compile(r"\d{1,2}(?:\.\d{1,2})*|[A-Za-z]|[ivx]{1,4}")
_SHORTENED: Final = """
    a.c al am apto art arts av bl cap cel cf cia cod cód coord d.c dec dep depto dr dra dras drs
    ed eng est etc ex exa exmo exmos fl fls fone gov hab ibid inc ind jan fev mar abr mai jun jul
    ago set out nov dez km ltda máx max min mín mun n no nº num núm obs org pag pág par pç pça
    prof profa profs qd r ref rod s.a sec seg séc sr sra sras srs sta sto tel trav tv univ v vol
    p.ex p
    """
_ABBREVIATIONS: Final = frozenset(_SHORTENED.split())


def spans(text: str) -> list[tuple[int, int]]:
    """Return where each sentence of ``text`` begins and ends, blanks around it left out.

    Line breaks and semicolons end one, too. A full stop after an abbreviation, or after the
    number of a list's entry, does not.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        found.extend(_bounded(text, start, end))
        start = end
    return found


def _ends(text: str) -> Iterator[int]:
    last = 0
    for match in _END.finditer(text):
        if match[0] == "." and _goes_on(text, last, match):
            continue
        last = match.end()
        yield last
    yield len(text)


def _goes_on(text: str, start: int, stop: re.Match[str]) -> bool:
    """Tell whether the full stop belongs to an abbreviation or a list's number, or a name."""
    before = text[start : stop.start()]
    word = _LAST_WORD.search(before)
    if word is None:
        return False
    if word[1].lower() in _ABBREVIATIONS:
        return True
    is_first = not before[: word.start()].strip()
    if is_first and _NUMBER_OF_A_LIST.fullmatch(word[1]) is not None:
        return True
    # An initial of a name; and what goes on in small letters was no end.
    is_initial = len(word[1]) == 1 and word[1].isupper()
    following = text[stop.end() :].lstrip()[:1]
    return is_initial or following.islower()


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while True:
        blanks = _BLANKS.match(text, start, end)
        start = blanks.end() if blanks else start
        stop = start + len(text[start:end].rstrip())
        if stop <= start:
            return
        if stop - start <= _LONGEST:
            yield start, stop
            return
        cut = max(
            text.rfind(" ", start, start + _LONGEST), text.rfind("\n", start, start + _LONGEST)
        )
        if cut <= start:
            cut = start + _LONGEST
        yield start, start + len(text[start:cut].rstrip())
        start = cut
