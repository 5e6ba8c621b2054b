"""What is made of the code is what the code makes now."""

from collections.abc import Mapping

import pytest
from tests.integration.api.test_who_may_call_what import TABLE
from tools.reference import FOLDER, pages
from tools.reference.api import OWN
from tools.reference.cli import commands
from tools.reference.settings import groups

from praca.platform.settings import Settings


@pytest.fixture(scope="module")
def made() -> Mapping[str, str]:
    return pages()


def test_nothing_else_lies_beside_what_is_made(made: Mapping[str, str]) -> None:
    found = {f"reference/{page.name}" for page in (FOLDER / "reference").iterdir()}
    assert found == {name for name in made if name.startswith("reference/")}


@pytest.mark.parametrize(
    "name",
    [
        "images/layers.svg",
        "reference/api.md",
        "reference/cli.md",
        "reference/errors.md",
        "reference/settings.md",
    ],
)
def test_what_is_made_is_fresh(name: str, made: Mapping[str, str]) -> None:
    # Stale? `uv run python -m tools.reference` writes it anew.
    assert (FOLDER / name).read_text(encoding="utf-8") == made[name]


def test_who_may_call_about_himself_calls_what_there_is() -> None:
    assert set(OWN) <= set(TABLE)


def test_every_setting_is_explained(settings: Settings) -> None:
    assert set(groups()) == set(vars(settings))
    for name, group in groups().items():
        assert group.__doc__, name
        for field, info in group.model_fields.items():
            assert info.description, field


def test_a_group_that_does_something_itself_is_a_command_too() -> None:
    assert {"backup", "backup verify", "models list"} <= set(commands())
    assert "models" not in commands()


def test_every_option_is_explained() -> None:
    assert len(commands()) > 20
    for name, command in commands().items():
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name}: {parameter.name}"
