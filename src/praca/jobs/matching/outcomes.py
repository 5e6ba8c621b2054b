"""What became of an application: the one table of statuses.

Undecided states (``Prospect``, ``Inscrito``, ``Encaminhado ao Requisitante``, interviews, people
who withdrew) say nothing about fit and are neither hires nor rejections.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from praca.kit.text import fold, squeeze

__all__ = ["HIRED", "OUTCOMES", "REJECTED", "Outcome", "outcome_of"]


class Outcome(StrEnum):
    """How an application ended, as far as it says something about fit."""

    HIRED = "hired"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


HIRED: Final = (
    "Contratado pela Decision",
    "Contratado como Hunting",
    "Aprovado",
    "Documentação PJ",
    "Documentação CLT",
    "Documentação Cooperado",
    "Encaminhar Proposta",
    "Proposta Aceita",
)
REJECTED: Final = (
    "Não Aprovado pelo Cliente",
    "Não Aprovado pelo RH",
    "Não Aprovado pelo Requisitante",
    "Recusado",
)


def _key(status: str) -> str:
    return squeeze(fold(status))


OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {_key(status): Outcome.HIRED for status in HIRED}
    | {_key(status): Outcome.REJECTED for status in REJECTED}
)
"""Folded status -> outcome; a status that is not in it is undecided."""


def outcome_of(status: str, table: Mapping[str, Outcome] = OUTCOMES) -> Outcome:
    """Return the outcome of a status, whatever its case, accents and blanks."""
    return table.get(_key(status), Outcome.UNDECIDED)
