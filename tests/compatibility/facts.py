"""What the clients of the five older systems call and read, route by route.

Each file under ``facts`` is one system. A route says who could call it, who may now, and how it is
told to answer as before (``opens``); its tries are requests of the old client, with the members of
the answers that the client reads. ``tests/integration/compatibility`` makes every one of them, and
``docs/compatibility.md`` has a row for each route.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "SYSTEMS",
    "File",
    "Parameter",
    "Refusal",
    "Route",
    "System",
    "Try",
    "Verdict",
    "load",
    "normalised",
    "spelled_out",
]

FOLDER = Path(__file__).parent / "facts"
SYSTEMS = (1, 2, 3, 4, 5)
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


class Verdict(StrEnum):
    """What an old client finds."""

    SAME = "same"
    RICHER = "richer"  # all it reads, and more beside it
    STRICTER = "stricter"  # something it did is refused
    DIFFERENT = "different"  # something it read is told otherwise
    NEW = "new"  # not of the old system


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Try(_Fact):
    """One request of the old client and what it reads of the answer.

    Texts that begin with ``$`` stand for what the world or an earlier answer holds.

    Attributes:
        by: who calls: a role, ``anonymous``, or ``$name`` of a token; else who the route says.
        at: the parts of the path.
        work: whether a worker then does what was asked for.
        until: the call is repeated until this is read.
        reads: members of the answer and what they are, see ``reading``.
        keeps: names for later, and the members that they are taken from.
    """

    by: str | None = None
    at: Mapping[str, Any] = {}
    query: Mapping[str, Any] = {}
    json_: Any = Field(None, alias="json")
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = {}
    status: int = 200
    work: bool = False
    until: Mapping[str, str] = {}
    reads: Mapping[str, str] = {}
    answers: Mapping[str, str] = {}
    keeps: Mapping[str, str] = {}


class Refusal(_Fact):
    """Who could call the route once and cannot now, and the status that he gets."""

    by: str
    status: int


class Route(_Fact):
    """A route of an old system.

    Attributes:
        call: method and path, as the old client wrote them.
        old: who could call it.
        who: who may now.
        by: one of these, for the tries.
        seen: what is known of the old answer: ``C`` code and recording, ``R`` README only, ``P``
            pieces of code, ``≠`` the two disagree; ``-`` for what the old system had not.
        opens: the setting, or the roles, that let the old client through.
        note: what differs, for the page.
    """

    call: Annotated[str, Field(pattern=r"^(GET|POST|PUT|DELETE|WS) /\S*$")]
    verdict: Verdict
    old: str
    who: str
    by: str = "anonymous"
    seen: Annotated[str, Field(pattern=r"^(C|R|P|≠|-)$")]
    opens: str | None = None
    refuses: Refusal | None = None
    note: str = ""
    tries: Annotated[tuple[Try, ...], Field(alias="try", min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> "Route":
        if (self.verdict is Verdict.NEW) != (self.seen == "-"):
            raise ValueError(f"{self.call}: only what is new was not seen")
        if self.refuses is not None and (
            self.opens is None or self.verdict is not Verdict.STRICTER
        ):
            raise ValueError(f"{self.call}: who is refused must learn how to open it")
        if self.verdict is Verdict.STRICTER and not (self.opens and self.note):
            raise ValueError(f"{self.call}: say what is stricter and how to open it")
        return self

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its parts in braces."""
        return self.call.partition(" ")[2]

    @property
    def setting(self) -> tuple[str, str] | None:
        """The setting that opens it and its value, if it is one that does."""
        found = re.fullmatch(r"`(PRACA_\w+)=(\w+)`", self.opens or "")
        return None if found is None else (found[1], found[2])


class Parameter(_Fact):
    """An option of an old parameter file.

    Attributes:
        option: section and name.
        example: as it is written there.
        setting: the setting that takes it, and ``is_`` what it then is; none where it is ignored.
    """

    option: Annotated[str, Field(pattern=r"^\w+\.\w+$")]
    example: str
    setting: str | None = None
    is_: Any = Field(None, alias="is")
    note: str = ""


class File(_Fact):
    """An object of an old bucket; without ``reads`` Praça has none of this name."""

    key: str
    verdict: Verdict
    reads: Mapping[str, str] = {}
    note: str


class System(_Fact):
    """One of the older systems."""

    number: int
    routes: Annotated[tuple[Route, ...], Field(alias="route")]
    parameters: Annotated[tuple[Parameter, ...], Field(alias="parameter")] = ()
    files: Annotated[tuple[File, ...], Field(alias="file")] = ()


@cache
def load(number: int) -> System:
    """Return the facts about one system."""
    with (FOLDER / f"system-{number}.toml").open("rb") as file:
        return System.model_validate({"number": number, **tomllib.load(file)})


def normalised(call: str) -> str:
    """Return the call without the names of the path's parts and without a slash at its end."""
    method, _, path = call.partition(" ")
    bare = re.sub(r"\{\w+\}", "{}", path).rstrip("/")
    return f"{method} {bare or '/'}"


def spelled_out(members: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield every member with what it is, ``{a,b}`` in a name as one member each."""
    for name, kind in members.items():
        found = _BRACES.search(name)
        if found is None:
            yield name, kind
            continue
        for part in found[1].split(","):
            yield f"{name[: found.start()]}{part.strip()}{name[found.end() :]}", kind
