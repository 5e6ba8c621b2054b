"""The tables of routes in the page on compatibility, made of the facts.

``uv run python -m tests.compatibility.page`` writes them anew between their marks.
"""

import re
import sys
from pathlib import Path

from tests.compatibility.facts import SYSTEMS, Route, load

__all__ = ["find_page", "parts", "rows", "table", "with_tables"]

_ROOT = Path(__file__).parents[2]
_PART = "<!-- routes of system {0} -->\n{1}\n<!-- end of routes of system {0} -->"
_MARKED = re.compile(
    r"<!-- routes of system (\d) -->\n(.*?)\n<!-- end of routes of system \1 -->", re.DOTALL
)
_HEAD = "| Route | | Who could | Who may | What differs | To open it |\n|---|---|---|---|---|---|"


def find_page() -> Path:
    """Return where the page is, whichever folder of the documentation it is in."""
    (page,) = (_ROOT / "docs").rglob("compatibility.md")
    return page


def rows(number: int) -> list[str]:
    """Return a line for every route of the system."""
    return [_row(route) for route in load(number).routes]


def table(number: int) -> str:
    """Return the system's table."""
    return "\n".join([_HEAD, *rows(number)])


def parts(page: str) -> dict[int, str]:
    """Return what the page has between the marks of each system."""
    return {int(number): content for number, content in _MARKED.findall(page)}


def with_tables(page: str) -> str:
    """Return the page with the tables as the facts are now."""
    return _MARKED.sub(lambda found: _PART.format(found[1], table(int(found[1]))), page)


def _row(route: Route) -> str:
    cells = (f"`{route.call}`", route.verdict, route.old, route.who, route.note, route.opens or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    place = find_page()
    text = place.read_text(encoding="utf-8")
    missing = set(SYSTEMS) - set(parts(text))
    if missing:
        sys.exit(f"{place.name} has no marks for the systems {missing}")
    place.write_text(with_tables(text), encoding="utf-8")
