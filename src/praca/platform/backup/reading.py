"""Opening a backup, and checking it without restoring it."""

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from praca.platform.backup.archive import END, MANIFEST, ArchiveReader, Member, Source
from praca.platform.backup.errors import BrokenBackupError
from praca.platform.backup.manifest import Manifest
from praca.platform.backup.postgres import check_dump
from praca.platform.backup.sealing import MAGIC, SealedSource, has_last_piece
from praca.platform.objects import InvalidObjectKeyError, checked_key

__all__ = [
    "FILE_NAMES",
    "Verified",
    "checked_name",
    "is_finished",
    "looks_like_backup",
    "opened_backup",
    "verify_backup",
]

FILE_NAMES: Final = (
    "secret-key",
    "encryption-key",
    "pix-webhook-secret",
    "sample-accounts.txt",
    "sample-articles-begun",
    "sample-begun",
    "sample-books-begun",
    "sample-loaded",
)
"""Files of the data folder that a backup may hold."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that is whole.

    Attributes:
        entries: how many things the lists of its dumps name.
    """

    manifest: Manifest
    seal: str
    entries: int


@contextmanager
def opened_backup(path: Path, key: bytes | None) -> Iterator[ArchiveReader]:
    """Open a backup for reading, sealed or not.

    Raises:
        BrokenBackupError: it is sealed and there is no key, or the other way round.
    """
    try:
        with path.open("rb") as file:
            is_sealed = file.read(len(MAGIC)) == MAGIC
            file.seek(0)
            if is_sealed and key is None:
                raise BrokenBackupError("o backup está selado: falta PRACA_BACKUP_KEY")
            if key is not None and not is_sealed:
                # Anybody can write one that is not: the key would protect from nothing.
                raise BrokenBackupError(
                    "o arquivo não está selado, mas há uma PRACA_BACKUP_KEY; se é mesmo um backup"
                    " de antes da chave, rode o comando sem ela"
                )
            source: Source = file if key is None else SealedSource(file, key)
            yield ArchiveReader(source)
    except OSError as error:
        raise BrokenBackupError(f"o backup não pode ser lido: {error}") from error


def looks_like_backup(path: Path) -> bool:
    """Tell whether the file begins as a backup does."""
    with path.open("rb") as file:
        head = file.read(512)
    return head.startswith((MAGIC, b"database/city/"))


def is_finished(path: Path, key: bytes | None) -> bool:
    """Tell by its end whether a backup was copied to the end; its contents are not checked."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) == MAGIC:
            file.seek(0)
            return key is not None and has_last_piece(file, key)
        file.seek(0)
        try:
            with tarfile.open(fileobj=file, mode="r:") as archive:
                last = archive.getmembers()[-1]
        except (tarfile.TarError, IndexError):
            return False
        end = last.offset_data + last.size + -last.size % tarfile.BLOCKSIZE + len(END)
        return last.name == MANIFEST and file.seek(0, os.SEEK_END) == end


def checked_name(member: Member) -> str:
    """Return the member's name if something of this name may be in its section.

    Raises:
        BrokenBackupError: it may not.
    """
    is_good = True
    if member.section == "objects":
        try:
            checked_key(member.name)
        except InvalidObjectKeyError:
            is_good = False
    elif member.section == "files":
        is_good = member.name in FILE_NAMES
    else:
        is_good = member.name.isascii() and member.name.isdigit()
    if not is_good:
        raise BrokenBackupError("há no arquivo algo que um backup não contém")
    return member.name


def verify_backup(path: Path, key: bytes | None, progress: Callable[[int], None]) -> Verified:
    """Read all of a backup: every checksum, every name, and the list of what its dumps hold.

    Raises:
        BrokenBackupError: it is not as it was written.
    """
    entries, done = 0, 0

    def passing(member: Member) -> Iterator[bytes]:
        nonlocal done
        checked_name(member)
        for piece in member.content:
            yield piece
            done += len(piece)
            progress(done)

    with opened_backup(path, key) as archive:
        for section, members in groupby(archive.members(), lambda each: each.section):
            pieces = chain.from_iterable(map(passing, members))
            if section.startswith("database/"):
                entries += check_dump(pieces)
            for _ in pieces:
                pass
    manifest = archive.manifest
    if manifest is None:
        raise BrokenBackupError("o backup não tem manifesto")
    for name in manifest.databases:
        if not manifest.sections[f"database/{name}"].members:
            raise BrokenBackupError("falta um dump")
    return Verified(manifest, archive.seal, entries)
