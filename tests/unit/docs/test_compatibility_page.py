"""The page on compatibility, the facts it is made of, and the contracts that these are about."""

import os
from collections import Counter
from operator import attrgetter
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.compatibility.contracts import CONTRACTS, routes_of
from tests.compatibility.facts import SYSTEMS, Parameter, Route, Verdict, load, normalised
from tests.compatibility.page import find_page, parts, table
from tests.compatibility.reading import unread

from praca.platform.settings import Settings

_ROUTES = {number: load(number).routes for number in SYSTEMS}
# As many as the contracts list: where these are not at hand, no fact may go unseen either.
_COUNTS = {1: 27, 2: 3, 3: 28, 4: 24, 5: 3}


def old_calls(number: int) -> list[str]:
    return [normalised(one.call) for one in _ROUTES[number] if one.verdict is not Verdict.NEW]


@pytest.mark.parametrize("number", SYSTEMS)
def test_the_page_has_a_row_for_every_fact_and_a_fact_for_every_row(number: int) -> None:
    shown = parts(find_page().read_text(encoding="utf-8"))[number]
    told = "run `uv run python -m tests.compatibility.page`"
    assert shown == table(number), told


@pytest.mark.parametrize("number", SYSTEMS)
def test_no_route_is_told_twice_and_none_is_lost(number: int) -> None:
    calls = Counter(old_calls(number))
    assert max(calls.values()) == 1
    assert calls.total() == _COUNTS[number]


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the old systems' contracts are not at hand")
def test_the_facts_are_about_the_routes_of_the_contracts() -> None:
    listed = routes_of(CONTRACTS.read_text(encoding="utf-8"))
    assert {number: len(calls) for number, calls in listed.items()} == _COUNTS
    assert {number: set(old_calls(number)) for number in SYSTEMS} == listed


@pytest.mark.parametrize("route", [route for found in _ROUTES.values() for route in found])
def test_who_was_let_in_and_is_not_is_called(route: Route) -> None:
    """What anybody could call and only some may now is stricter, and refused in the walk."""
    is_closed = route.old == "anybody" and not route.who.startswith(("anybody", "whoever"))
    assert is_closed == (route.refuses is not None and route.refuses.by == "anonymous")
    assert route.setting is None or route.tries[0].status < 400


def test_the_settings_that_open_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {route.setting for found in _ROUTES.values() for route in found} - {None}
    assert len(named) > 2
    for name in [name for name in os.environ if name.startswith("PRACA_")]:
        monkeypatch.delenv(name)
    before = repr(Settings.load())
    for setting in named:
        with monkeypatch.context() as patch:
            patch.setenv(*setting)  # type: ignore[misc]  # none was taken out
            assert repr(Settings.load()) != before, setting


def test_the_old_parameter_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parameters = load(2).parameters
    for name in list(os.environ):
        if name.startswith("PRACA_") or name in {
            one.option.partition(".")[2] for one in parameters
        }:
            monkeypatch.delenv(name)
    file = tmp_path / "params.txt"
    file.write_text("".join(f"[{section}]\n{lines}" for section, lines in sections(parameters)))
    monkeypatch.setenv("PRACA_HIRING_PARAMS_FILE", str(file))
    settings = Settings.load()
    for one in parameters:
        if one.setting is not None:
            found = attrgetter(one.setting)(settings)
            value = found.get_secret_value() if isinstance(found, SecretStr) else found
            assert (list(value) if isinstance(value, tuple) else value) == one.is_, one.option


def sections(parameters: tuple[Parameter, ...]) -> list[tuple[str, str]]:
    lines: dict[str, str] = {}
    for one in parameters:
        section, _, name = one.option.partition(".")
        lines[section] = lines.get(section, "") + f"{name} = {one.example}\n"
    return list(lines.items())


@pytest.mark.parametrize(
    ("body", "members"),
    [
        ({"a": 1}, {"b": "int"}),
        ({"a": True}, {"a": "int"}),
        ({"a": 1}, {"a": "float"}),
        ({"a": None}, {"a": "str"}),
        ({"data": []}, {"data[].a": "int"}),
        ({"data": [{"a": 1}, {}]}, {"data[].a": "int"}),
        ({"a": "x"}, {"a": "=y"}),
        ({"a": 1}, {"a": "=1.0"}),
        ("x", {"a": "str"}),
        ([], {"[]": "object"}),
        ([1], {"": "empty"}),
        ({"a": {"b": 1}}, {"a.{b,c}": "int"}),
    ],
)
def test_what_is_missing_is_seen(body: object, members: dict[str, str]) -> None:
    assert len(unread(body, members)) == 1


def test_what_is_there_is_read() -> None:
    body = {"a": {"b": 1, "c": "x"}, "d": [{"e": 0.5}, {"e": None}], "f": []}
    members = {"a.b": "int", "a.{b,c}": "int", "d[].e": "float?", "f": "empty", "a.c": "=x"}
    assert unread(body, members) == ["a.c: 'x' is no int"]
