"""The commands of ``praca``, with their arguments and options, from what they are built of."""

from collections.abc import Iterator
from typing import Any, get_args

from typer.main import get_command

from praca.entrypoints.cli import app
from tools.reference.text import table

__all__ = ["cli", "commands"]


def commands() -> dict[str, Any]:
    """Return every command by what is typed after ``praca``; groups that do something, too."""
    return dict(sorted(_below(get_command(app), "")))


def _below(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full = f"{before}{name}"
        is_group = hasattr(command, "commands")
        if is_group:
            yield from _below(command, f"{full} ")
        if not is_group or command.invoke_without_command:
            yield full, command


def cli() -> str:
    """Return a table of all commands, then a section for each."""
    found = commands()
    rows = ((f"[`{name}`](#{_anchor(name)})", _told(found[name])[0]) for name in found)
    parts = [table(("Command", "What it does"), rows)]
    parts += [_section(name, command) for name, command in found.items()]
    return "\n\n".join(parts)


def _anchor(name: str) -> str:
    return f"praca-{name.replace(' ', '-')}"


def _told(command: Any) -> list[str]:
    return [" ".join(part.split()) for part in (command.help or "").split("\n\n")]


def _section(name: str, command: Any) -> str:
    rows = [
        (_names(parameter), _values(parameter), _default(parameter), parameter.help or "")
        for parameter in command.params
        if parameter.name != "help"
    ]
    usage = " ".join(
        [f"praca {name}", *(_usage(one) for one in command.params if _is_argument(one))]
    )
    parts = [f"## praca {name}", *_told(command), f"`{usage}`"]
    if rows:
        parts.append(table(("Argument or option", "Value", "Default", "Meaning"), rows))
    return "\n\n".join(parts)


def _is_argument(parameter: Any) -> bool:
    return not parameter.opts[0].startswith("-")


def _usage(parameter: Any) -> str:
    name = str(parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _names(parameter: Any) -> str:
    if _is_argument(parameter):
        return f"`{str(parameter.name).upper()}`"
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _values(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    if choices := get_args(kind):
        return ", ".join(f"`{choice}`" for choice in choices)
    words = {"bool": "–", "int": "number", "float": "number", "Path": "path", "str": "text"}
    return _bounded(words.get(kind.__name__, kind.__name__), parameter)


def _bounded(word: str, parameter: Any) -> str:
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if low is None and high is None:
        return word
    if high is None:
        return f"{word}, {low} or more"
    return f"{word}, {low} to {high}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if parameter.default in {None, False, ()}:
        return "–"
    return f"`{parameter.default}`"
