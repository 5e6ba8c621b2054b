"""The documents say what the code says: settings, commands, links.

Their examples are run by tests/e2e/test_documented_blocks.py.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from pydantic_settings import BaseSettings
from typer.main import get_command
from typer.testing import CliRunner

from praca.entrypoints.cli import app
from praca.platform.settings import Settings

_ROOT = Path(__file__).parents[3]
_PAGES = sorted(
    [*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md"), *(_ROOT / "benchmarks").glob("*.md")],
    key=lambda page: page.relative_to(_ROOT).as_posix(),
)
_NAMES = [page.relative_to(_ROOT).as_posix() for page in _PAGES]
_START = "pip install uv && uv run praca up"
_TEST = "pip install uv && uv run pytest"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _commands() -> Mapping[str, Any]:
    command: Any = get_command(app)
    return dict(command.commands)


def _groups() -> dict[str, type[BaseSettings]]:
    hints = get_type_hints(Settings)
    return {field.name: hints[field.name] for field in dataclasses.fields(Settings)}


def _variables() -> set[str]:
    return {f"PRACA_{name.upper()}" for group in _groups().values() for name in group.model_fields}


def test_every_setting_has_a_row() -> None:
    page = (_ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(PRACA_[A-Z0-9_]+)` \|", page, re.MULTILINE))
    assert rows == _variables()


def test_pages_name_no_setting_that_is_not_there() -> None:
    named = {
        name
        for page in _PAGES
        for name in re.findall(r"PRACA_[A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8"))
    }
    assert named <= _variables()


@pytest.mark.parametrize("command", [_START, _TEST])
def test_readme_has_the_command_on_a_line_of_its_own(command: str) -> None:
    assert command in (_ROOT / "README.md").read_text(encoding="utf-8").splitlines()


def test_ci_calls_the_test_command_of_the_readme() -> None:
    lines = (_ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert _TEST in [line.strip().replace(" --quiet", "") for line in lines]


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_relative_links_resolve(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [link.split("#")[0] for link in _LINK.findall(text) if "://" not in link]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def _anchors(page: Path) -> set[str]:
    """Return the names that headings have as targets of links."""
    headings = re.findall(
        r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_links_to_headings_resolve(page: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if anchor and "://" not in link:
            assert anchor in _anchors(page.parent / target if target else page), link


def test_both_readmes_show_the_same() -> None:
    # Words differ; commands, answers, links and the number of everything do not.
    own = {"README.md": "README.pt-BR.md", "README.pt-BR.md": "README.md"}
    english, portuguese = (
        (_ROOT / name).read_text(encoding="utf-8").replace(f"]({other})", "](other)")
        for name, other in own.items()
    )
    assert _FENCE.findall(english) == _FENCE.findall(portuguese)
    assert _LINK.findall(english) == _LINK.findall(portuguese)
    for mark in (r"^#+ ", r"^\* ", r"^\| "):
        rows = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, portuguese)]
        assert rows[0] == rows[1], mark


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(app, [name, "--help"])
    assert answer.exit_code == 0
    assert answer.output.strip()
    assert _commands()[name].help
