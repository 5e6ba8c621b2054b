"""What a backup says of itself, in its last member: read first, believed only where it is checked.

Nothing in it grows with the number of rows or files.
"""

from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from praca.platform.backup.errors import BrokenBackupError

__all__ = ["FORMAT", "Database", "Erasures", "Manifest", "Section", "parse_manifest"]

FORMAT: Final = 1
"""Version of the layout; a release reads its own and older ones."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(_Part):
    """All members below one folder of the file, as one: how many, how long, and their digest.

    Attributes:
        members: how many files these are.
        size: their contents, in bytes.
        sha256: over name, size and content of each, in order.
    """

    members: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: str


class Database(_Part):
    """One dump.

    Attributes:
        revision: of the migrations.
        server: version of the PostgreSQL server, as a number (180000 is 18.0).
        at: when its snapshot was taken; all of the dump is of that moment.
        size: of the database on its server, in bytes.
        rows: how many rows each table had, by the table's name with its schema.
    """

    revision: tuple[str, ...]
    server: int
    at: AwareDatetime
    size: int
    rows: dict[str, int]


class Erasures(_Part):
    """Who had been erased when the list was made: numbers only, and when.

    Attributes:
        at: when it was made.
        accounts: by the account's id.
        candidates: by the candidate's code.
    """

    at: AwareDatetime
    accounts: dict[int, AwareDatetime] = Field(default_factory=dict)
    candidates: dict[int, AwareDatetime] = Field(default_factory=dict)

    def contains(self, older: "Erasures") -> bool:
        """Tell whether nobody of ``older`` is missing, as in a later list of the same city."""
        return (
            older.accounts.keys() <= self.accounts.keys()
            and older.candidates.keys() <= self.candidates.keys()
        )

    def since(self, moment: datetime) -> "Erasures":
        """Return those who were erased at ``moment`` or later."""
        return Erasures(
            at=self.at,
            accounts={id_: at for id_, at in self.accounts.items() if at >= moment},
            candidates={code: at for code, at in self.candidates.items() if at >= moment},
        )


class Manifest(_Part):
    """The last member of a backup.

    Attributes:
        format: see :data:`FORMAT`.
        praca: version of the release that made it.
        made_at: when it was begun.
        databases: ``city``, and ``identity`` if the accounts have a database of their own.
        sections: by the folder in the file.
        skipped_objects: files that were deleted while they were being copied.
        files: of the data folder, by name.
        key_names: under which keys the citizens' data keys are, with how many are under each.
        fingerprints: of the secrets that a restored city needs, by name, where they are settings.
        erasures: who had been erased by then.
    """

    format: Literal[1]
    praca: str
    made_at: AwareDatetime
    databases: dict[Literal["city", "identity"], Database]
    sections: dict[str, Section]
    skipped_objects: int
    files: tuple[str, ...]
    key_names: dict[str, int]
    fingerprints: dict[str, str]
    erasures: Erasures


class _Newer(BaseModel):
    format: int
    praca: str = "?"


def parse_manifest(text: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        BrokenBackupError: it is none, or one of a later format.
    """
    try:
        head = _Newer.model_validate_json(text)
        if head.format > FORMAT:
            raise BrokenBackupError(
                f"o backup foi feito por uma Praça mais nova ({head.praca}, formato {head.format});"
                f" esta versão lê o formato {FORMAT}. Use a versão que o fez."
            )
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BrokenBackupError("o manifesto do backup não pode ser lido") from error
