"""What an import was asked to do, and what came of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

__all__ = ["ImportMode", "ImportReport", "Progress", "TransferKind"]

Progress: TypeAlias = Callable[[int, int], None]
"""Told now and then how many records and how many bytes (uncompressed) are behind."""


class TransferKind(StrEnum):
    """The three files of the job centre."""

    CANDIDATOS = "candidatos"
    VAGAS = "vagas"
    PROSPECTS = "prospects"


class ImportMode(StrEnum):
    """What happens to rows that the file does not name."""

    UPSERT = "upsert"
    REPLACE = "replace"


@dataclass(slots=True)
class ImportReport:
    """The outcome of one import.

    ``read == inserted + updated + unchanged + duplicates + skipped``. For ``prospects`` these
    count applications, and ``groups`` the vacancies they are filed under. ``erased`` tells how many
    of the skipped ones are of people who were erased: no file brings them back.
    """

    kind: TransferKind
    mode: ImportMode
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    skipped: int = 0
    erased: int = 0
    groups: int = 0
    missing_candidates: int = 0
    missing_vacancies: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    max_errors: int = 100

    def reject(self, position: int, key: str, where: str, reason: str, *, count: int = 1) -> None:
        """Count what is left out, and say why while there is room."""
        self.skipped += count
        if len(self.errors) < self.max_errors:
            self.errors.append(
                {"position": position, "key": key[:100], "field": where[:200], "reason": reason}
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        answer = asdict(self)
        del answer["max_errors"]
        answer["kind"] = self.kind.value
        answer["mode"] = self.mode.value
        return answer
