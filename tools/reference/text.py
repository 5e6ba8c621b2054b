"""Markdown from docstrings and values."""

import inspect
import re
from collections.abc import Iterable

__all__ = ["paragraphs", "table"]

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields|Source):(\s|$)")


def paragraphs(documented: object) -> list[str]:
    """Return the paragraphs of a docstring, each on one line, without its sections."""
    text = inspect.getdoc(documented) or ""
    told = [part for part in text.split("\n\n") if not _SECTION.match(part)]
    return [" ".join(part.split()).replace("``", "`") for part in told]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; what would end a cell is escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([_cell(cell) for cell in row] for row in rows)]
    ruled = [f"| {' | '.join(line)} |" for line in lines]
    ruled[1] = "|" + "---|" * len(names)
    return "\n".join(ruled)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
