"""``docker compose …`` lines of the documents, held against what they name.

No engine is needed: a line is good if its files are there, its profiles and services are in them,
its options are Compose's, and what it runs in a container of ours is a command of ours.
"""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from typer.main import get_command

from praca.entrypoints.cli import app

_ROOT = Path(__file__).parents[2]
_WITH_VALUE = {"-f", "--env-file", "--profile"}
_OPTIONS = {
    "build": {"--pull"},
    "down": set(),
    "exec": {"-T"},
    "logs": {"--follow"},
    "ps": {"--all"},
    "pull": set(),
    "restart": set(),
    "run": {"--env", "--no-deps", "--rm", "--volume"},
    "stop": set(),
    "up": {"--build", "--detach", "--wait"},
}
"""The subcommands that the documents use, and the options of each that they use."""
_OPTIONS_WITH_VALUE = {"--env", "--volume"}
_ONE_SERVICE = {"exec", "run"}


def check(line: str) -> None:
    """Raise AssertionError if the line names what is not there."""
    words = shlex.split(line)[2:]
    given: dict[str, list[str]] = {option: [] for option in _WITH_VALUE}
    while words and words[0] in _WITH_VALUE:
        option, value, *words = words
        given[option].append(value)
    assert words, f"{line}: no subcommand"
    for path in given["--env-file"]:
        assert (_ROOT / path).is_file(), f"{line}: no {path}"
    services = _services(given["-f"] or ["compose.yaml"])
    known = {profile for service in services.values() for profile in service.get("profiles", ())}
    assert set(given["--profile"]) <= known, f"{line}: no such profile"
    subcommand, *rest = words
    assert subcommand in _OPTIONS, f"{line}: {subcommand} is not known here"
    mounted: list[str] = []
    while rest and rest[0].startswith("-"):
        option, *rest = rest
        assert option in _OPTIONS[subcommand], f"{line}: {option} is not known here"
        if option in _OPTIONS_WITH_VALUE:
            assert rest, f"{line}: {option} needs a value"
            mounted += [rest[0].split(":")[1]] if option == "--volume" else []
            rest = rest[1:]
    named = rest[:1] if subcommand in _ONE_SERVICE else rest
    active = _active(services, given["--profile"])
    assert set(named) <= active, f"{line}: no such service in these profiles"
    if subcommand in _ONE_SERVICE:
        assert len(rest) > 0, f"{line}: no service"
        _check_command(line, services[rest[0]], subcommand, _seen_inside(rest[1:], mounted))


def _seen_inside(words: list[str], mounted: list[str]) -> list[str]:
    """Put a file that is here in the place of each in a folder that only the container has."""
    folders = tuple(f"{folder}/" for folder in mounted)
    return [__file__ if word.startswith(folders) else word for word in words]


def _services(paths: Iterable[str]) -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = {}
    for path in paths:
        content = YAML(typ="safe").load((_ROOT / path).read_text(encoding="utf-8"))
        for name, service in content["services"].items():
            services[name] = {**services.get(name, {}), **service}
    return services


def _active(services: dict[str, dict[str, Any]], profiles: list[str]) -> set[str]:
    """Return the services that Compose knows of with these profiles."""
    return {
        name
        for name, service in services.items()
        if not service.get("profiles") or set(service["profiles"]) & set(profiles)
    }


def _check_command(line: str, service: dict[str, Any], subcommand: str, words: list[str]) -> None:
    """In a container of ours: with ``run`` the entry point is there, with ``exec`` it is not."""
    if not service["image"].startswith("${IMAGE_"):
        return
    if subcommand == "exec":
        assert words[:1] == ["praca"], f"{line}: runs no command of ours"
        words = words[1:]
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        if command.invoke_without_command and words and words[0].startswith("-"):
            break
        assert words, f"{line}: no command"
        assert words[0] in command.commands, f"{line}: no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    try:
        command.make_context("praca", list(words))
    except Exception as error:  # each kind of Typer's own
        raise AssertionError(f"{line}: {error}") from error
