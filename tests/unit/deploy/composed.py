"""The compose file as Compose would read it, as far as ours goes: merged, variables put in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from tests.dockerfiles import ROOT

COMPOSE = ROOT / "compose.yaml"
LOOPBACK = ROOT / "deploy/compose/loopback.yaml"
DEV_VALUES = ROOT / "deploy/compose/dev.env"

_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:?[?-])([^}]*))?\}")


class NotGivenError(Exception):
    """A variable that must be given was not; Compose would start nothing."""


def read(path: Path) -> dict[str, Any]:
    """Return the file with its anchors merged."""
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def variables(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name, operator (``:?``, ``:-`` …) and what follows it, of every variable."""
    text = re.sub(r"^\s*#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for found in _VARIABLE.finditer(text):
        yield found[1], found[2] or "", found[3] or ""


def required() -> set[str]:
    """Return the variables without which nothing starts."""
    return {name for name, operator, _ in variables(COMPOSE) if operator == ":?"}


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the variables in.

    Raises:
        NotGivenError: one that must be given is not.
    """

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found[1], found[2] or "", found[3] or ""
        given = values.get(name, "")
        if given or (name in values and operator == "-"):
            return given
        if operator.endswith("?"):
            raise NotGivenError(name)
        return rest if operator.endswith("-") else ""

    return _VARIABLE.sub(value, text).replace("$$", "$")


def environment(service: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a container; a name alone is passed on only where it is given."""
    found: dict[str, str] = {}
    for name, text in service.get("environment", {}).items():
        if text is not None:
            found[name] = filled(str(text), values)
        elif name in values:
            found[name] = values[name]
    return found


def all_environments(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the variables of every container by its service."""
    services = read(COMPOSE)["services"]
    return {name: environment(service, values) for name, service in services.items()}


def values_of(path: Path) -> dict[str, str]:
    """Read a file of ``NAME=value`` lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
