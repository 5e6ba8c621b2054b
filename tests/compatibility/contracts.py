"""The routes that the contracts of the older systems list, where these are at hand."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.compatibility.facts import normalised

__all__ = ["CONTRACTS", "routes_of"]

CONTRACTS = Path("../shared/contracts/contracts.md")
_SYSTEM = re.compile(r"^## (\d) ·")
_PREFIX = re.compile(r"Prefix \*\*`([^`]+)`\*\*")
_QUOTED = re.compile(r"`([^`]+)`")
_METHOD = re.compile(r"\b(GET|POST|PUT|DELETE)\b")


def routes_of(text: str) -> dict[int, set[str]]:
    """Return the calls of every system, normalised."""
    found: dict[int, set[str]] = {}
    for number, section in _sections(text):
        prefix = _PREFIX.search(section)
        calls = _calls(section, prefix[1] if prefix else "")
        found[number] = {normalised(call) for call in calls}
    return found


def _sections(text: str) -> Iterator[tuple[int, str]]:
    for section in re.split(r"(?m)^(?=## )", text):
        if found := _SYSTEM.match(section):
            yield int(found[1]), section


def _calls(section: str, prefix: str) -> Iterator[str]:
    """Yield the calls of all tables; a heading with a path says what its table's begin with."""
    start = prefix
    for line in section.splitlines():
        if line.startswith("### "):
            quoted = _QUOTED.search(line)
            start = quoted[1] if quoted else ""
        if line.startswith("|"):
            # Method and path share a cell, or have one each.
            cells = line.strip("|").split("|")
            first = cells[0] if _QUOTED.search(cells[0]) else " ".join(cells[:2])
            yield from _row(first, start, prefix)


def _row(cell: str, start: str, prefix: str) -> Iterator[str]:
    method, before = "", ""
    for part in re.finditer(r"\b(?:GET|POST|PUT|DELETE)\b|`[^`]+`", cell):
        if _METHOD.fullmatch(part[0]):
            method = part[0]
        elif method:
            path = _whole(part[0].strip("`").partition("?")[0], before, start, prefix)
            before = path
            yield f"{method} {path}"


def _whole(path: str, before: str, start: str, prefix: str) -> str:
    if path.startswith("-"):  # only the end of the path before
        return before.rpartition("-")[0] + path
    if not path.startswith("/"):  # as the web client writes them
        return f"{prefix}/{path}"
    return path if path.startswith("/api/") else start + path
