"""What ``praca up`` warns of: settings that open something to everybody."""

import pytest

from praca.entrypoints.cli.up import opened
from praca.platform.settings import Settings


def test_nothing_is_said_of_what_is_as_it_should_be() -> None:
    assert not [*opened(Settings.load())]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRACA_JOBS_ACCESS", "public"),
        ("PRACA_ML_ACCESS", "public"),
        ("PRACA_SCRAPE_ACCESS", "signed_in"),
    ],
)
def test_what_is_opened_is_said_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    (said,) = opened(Settings.load())
    assert said.startswith(f"{name}={value}: ")
