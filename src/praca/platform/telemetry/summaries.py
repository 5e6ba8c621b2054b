"""What a statement does, in words that hold no value: ``UPDATE wallet.accounts``.

Only what looks like a keyword or a name outside of quotation marks is taken over, so what stands in
quotation marks cannot get through, nor can a number. As OpenTelemetry's conventions for databases
want it (``db.query.summary``), the targets follow the operation in their order.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["Summary", "summary_of"]

_READ: Final = 4000
_TARGETS: Final = 4
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?"
_HIDDEN: Final = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*(?:'|$)|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL
)
_PARTS: Final = re.compile(
    rf"""
    (?P<skipped>\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b | \bDO\s+UPDATE\b | \bDISTINCT\s+FROM\b)
    | \b(?P<write>INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|COPY)\s+(?:ONLY\s+)?
      (?P<written>{_NAME})
    | \b(?:FROM|JOIN|USING)\s+(?:ONLY\s+|LATERAL\s+)*(?P<read>{_NAME})(?P<call>\s*\()?
    | (?P<local>{_NAME})\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s*)?\(
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FIRST: Final = re.compile(r"\s*\(*\s*([A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Summary:
    """A statement without its values.

    Attributes:
        operation: ``SELECT``, ``UPDATE`` …
        targets: tables, the written one first.
    """

    operation: str
    targets: tuple[str, ...]

    @property
    def text(self) -> str:
        """Both, as the span is called."""
        return " ".join((self.operation, *self.targets))


def summary_of(statement: str) -> Summary:
    """Return what ``statement`` does."""
    return _summary(statement[:_READ])


@lru_cache(maxsize=1024)
def _summary(statement: str) -> Summary:
    bare = _HIDDEN.sub(" ", statement)
    operation = ""
    written, read, local = list[str](), list[str](), set[str]()
    for part in _PARTS.finditer(bare):
        if part["write"]:
            operation = operation or part["write"].split()[0].upper()
            written.append(part["written"])
        elif part["read"] and ("." in part["read"] or not part["call"]):  # ours, or no function
            read.append(part["read"])
        elif part["local"]:
            local.add(part["local"])
    targets = [name for name in dict.fromkeys(written + read) if name not in local]
    return Summary(operation or _first_word(bare), tuple(targets[:_TARGETS]))


def _first_word(bare: str) -> str:
    found = _FIRST.match(bare)
    word = found[1].upper() if found else "SQL"
    return "SELECT" if word == "WITH" else word
