"""The tables of settings: a section per group, its notes those of the group's docstring."""

import dataclasses
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Final, get_type_hints

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from praca.platform.settings import Settings
from tools.reference.text import paragraphs, table

__all__ = ["groups", "settings"]

_PREFIX: Final = "PRACA_"
_HEADINGS: Final = {
    "aws": "Questions on AWS",
    "encryption": "Encryption of documents",
    "helpdesk": "Help desk",
    "hiring": "Hiring model",
    "http": "HTTP",
    "jobs": "Job centre",
    "learning": "Models",
    "llm": "Language model",
    "mail": "E-mail",
    "objects": "Files",
    "sign_in": "Sign-in",
    "social": "Sign-in by other providers",
    "tasks": "Background work",
    "telemetry": "Traces",
    "tracking": "Training runs",
}
"""Headings of the groups that are called otherwise than their member of ``Settings``."""
_SAYS_SO_ITSELF: Final = "hiring"
"""The group whose docstring says for all its settings which other names they have."""


def groups() -> dict[str, type[BaseSettings]]:
    """Return the groups of settings by the names of their members of ``Settings``."""
    hints = get_type_hints(Settings)
    return {field.name: hints[field.name] for field in dataclasses.fields(Settings)}


def settings() -> str:
    """Return a section with a table for each group."""
    return "\n\n".join(_section(name, group) for name, group in groups().items())


def _section(name: str, group: type[BaseSettings]) -> str:
    heading = _HEADINGS.get(name) or name.replace("_", " ").capitalize()
    rows = [
        (
            f"`{_PREFIX}{field.upper()}`",
            _default(info),
            _meaning(info, others=name != _SAYS_SO_ITSELF),
        )
        for field, info in group.model_fields.items()
    ]
    parts = [f"## {heading}", *paragraphs(group), table(("Variable", "Default", "Meaning"), rows)]
    return "\n\n".join(parts)


def _default(info: FieldInfo) -> str:
    default = info.default
    if default is None or default == ():
        return "–"
    return f"`{_written(default)}`"


def _written(value: object) -> str:
    """Return a value as one writes it into a variable."""
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case Path():
            return f"./{value}"
        case tuple():
            return ", ".join(str(member).removesuffix(".0") for member in value)
        case _:
            return str(value)


def _meaning(info: FieldInfo, *, others: bool) -> str:
    names = [f"`{name}`" for name in _other_names(info)] if others else []
    told = f" Also read as {' or '.join(names)}." if names else ""
    return f"{info.description}{told}"


def _other_names(info: FieldInfo) -> Iterator[str]:
    """Yield the variables that a setting is read from besides its own."""
    choices = info.validation_alias
    for name in choices.choices if isinstance(choices, AliasChoices) else ():
        if re.fullmatch(r"[A-Z_]+", str(name)) and not str(name).startswith(_PREFIX):
            yield str(name)
