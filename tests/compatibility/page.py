"""The tables of routes in the page on compatibility, made of the facts.

``uv run python -m tests.compatibility.page`` writes them anew between their marks.
"""

import re
import sys
from pathlib import Path

from tests.compatibility.facts import SYSTEMS, Parameter, Route, load

__all__ = ["find_page", "parts", "rows", "table", "with_tables"]

_ROOT = Path(__file__).parents[2]
_PART = "<!-- routes of system {0} -->\n{1}\n<!-- end of routes of system {0} -->"
_MARKED = re.compile(
    r"<!-- routes of system (\d) -->\n(.*?)\n<!-- end of routes of system \1 -->", re.DOTALL
)
_FILES = "| File | | What became of it |\n|---|---|---|"
_PARAMETERS = "| Option of `params.txt` | Setting | |\n|---|---|---|"
_HEAD = "| Route | | Who could | Who may | What differs | To open it |\n|---|---|---|---|---|---|"


def find_page() -> Path:
    """Return where the page is, whichever folder of the documentation it is in."""
    (page,) = (_ROOT / "docs").rglob("compatibility.md")
    return page


def rows(number: int) -> list[str]:
    """Return a line for every route of the system."""
    return [_row(route) for route in load(number).routes]


def table(number: int) -> str:
    """Return the system's tables: its routes, and its files and parameters if it had some."""
    system = load(number)
    tables = [[_HEAD, *rows(number)]]
    if system.files:
        tables.append(
            [_FILES, *(_line(f"`{one.key}`", one.verdict, one.note) for one in system.files)]
        )
    if system.parameters:
        tables.append([_PARAMETERS, *(_parameter(one) for one in system.parameters)])
    return "\n\n".join("\n".join(lines) for lines in tables)


def parts(page: str) -> dict[int, str]:
    """Return what the page has between the marks of each system."""
    return {int(number): content for number, content in _MARKED.findall(page)}


def with_tables(page: str) -> str:
    """Return the page with the tables as the facts are now."""
    return _MARKED.sub(lambda found: _PART.format(found[1], table(int(found[1]))), page)


def _row(route: Route) -> str:
    return _line(
        f"`{route.call}`", route.verdict, route.old, route.who, route.note, route.opens or ""
    )


def _parameter(one: Parameter) -> str:
    section, _, name = one.option.partition(".")
    setting = (one.setting or "").rpartition(".")[2].upper().replace("SIGNING_KEY", "SECRET_KEY")
    return _line(f"`[{section}] {name}`", f"`PRACA_{setting}`" if setting else "none", one.note)


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    place = find_page()
    text = place.read_text(encoding="utf-8")
    missing = set(SYSTEMS) - set(parts(text))
    if missing:
        sys.exit(f"{place.name} has no marks for the systems {missing}")
    place.write_text(with_tables(text), encoding="utf-8")
