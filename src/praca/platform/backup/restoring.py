"""Restoring: only where nothing is, and the databases last, so that no half city can start."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import fasteners
from psycopg import sql

from praca.platform.backup.archive import ArchiveReader, Member
from praca.platform.backup.errors import BrokenBackupError, RestoreError
from praca.platform.backup.manifest import Database, Manifest
from praca.platform.backup.marker import RESTORING, is_half_restored
from praca.platform.backup.postgres import Loading, is_empty, loading
from praca.platform.backup.reading import Verified, checked_name, opened_backup
from praca.platform.objects import ObjectStore
from praca.platform.revisions import revisions

__all__ = ["Target", "check_release", "claimed", "restore"]

Progress = Callable[[str, int], None]
_HARMLESS: Final = {"locks", "lost+found"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup is restored to.

    Attributes:
        data_dir: the data folder.
        urls: the databases' addresses, by their names in the manifest.
        objects: the store of files; None: it is left as it is, for it was not lost.
        statements: SQL run in each database before anybody sees it.
    """

    data_dir: Path
    urls: Mapping[str, str]
    objects: ObjectStore | None
    statements: Mapping[str, str]


def check_release(manifest: Manifest) -> None:
    """Refuse a backup that is at a migration which this release does not know.

    Raises:
        RestoreError: it was made by a later one.
    """
    city = manifest.databases["city"]
    wanted = {"city": city.revision}
    if identity := manifest.databases.get("identity"):
        wanted["identity"] = identity.revision
    for history, found in wanted.items():
        if unknown := set(found) - revisions(history).known:
            raise RestoreError(
                f"o backup foi feito pela Praça {manifest.praca}, cujo banco de dados está na"
                f" revisão {', '.join(sorted(unknown))}, que esta versão não conhece; restaure com"
                " aquela versão ou uma mais nova"
            )


@contextmanager
def claimed(
    data_dir: Path, manifest: Manifest, *, is_embedded: bool, has_objects: bool = True
) -> Iterator[None]:
    """Hold an empty data folder for a restore; no other command works on it until the end.

    If the block does not end well, the folder stays unusable, and says why.

    Args:
        data_dir: the folder.
        manifest: of the backup.
        is_embedded: the databases will lie in it.
        has_objects: the files of the store will lie in it.

    Raises:
        RestoreError: the folder is not empty, is in use, or too small.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = fasteners.InterProcessLock(data_dir / "locks" / "up")
    if not lock.acquire(blocking=False):
        raise RestoreError(f"a pasta {data_dir} está em uso por um `praca up` ou outra restauração")
    try:
        _check_folder(data_dir, manifest, is_embedded=is_embedded, has_objects=has_objects)
        marker = data_dir / RESTORING
        with marker.open("x") as file:
            json.dump({"made_at": manifest.made_at.isoformat()}, file)
            file.flush()
            os.fsync(file.fileno())
        yield
        marker.unlink()
    finally:
        lock.release()


def _check_folder(
    data_dir: Path, manifest: Manifest, *, is_embedded: bool, has_objects: bool
) -> None:
    if is_half_restored(data_dir):
        raise RestoreError(
            f"uma restauração em {data_dir} foi interrompida, e o que há lá não serve; apague a"
            " pasta (e o que ela tenha posto em bancos de dados e armazenamentos próprios) e repita"
        )
    if found := {path.name for path in data_dir.iterdir()} - _HARMLESS:
        raise RestoreError(
            f"a pasta {data_dir} não está vazia ({', '.join(sorted(found)[:3])}…); a restauração só"
            " escreve onde não há nada"
        )
    needed = manifest.sections["files"].size
    if has_objects:
        needed += manifest.sections["objects"].size
    if is_embedded:
        needed += sum(each.size for each in manifest.databases.values())
    free = shutil.disk_usage(data_dir).free
    if free < needed:
        raise RestoreError(f"faltam {(needed - free) // 10**6 + 1} MB livres em {data_dir}")


def restore(
    path: Path, key: bytes | None, verified: Verified, target: Target, progress: Progress
) -> None:
    """Put what is in the backup where nothing is: files first, then the databases at once.

    Raises:
        RestoreError: something is there already, or PostgreSQL refused something.
        BrokenBackupError: the file is not any more what was verified.
    """
    _check_empty(target, verified.manifest)
    with ExitStack() as open_ones, opened_backup(path, key) as archive:
        loads = {
            f"database/{name}": open_ones.enter_context(loading(target.urls[name]))
            for name in verified.manifest.databases
        }
        _spread(archive, {name: load for name, (load, _) in loads.items()}, target, progress)
        if archive.seal != verified.seal:
            raise BrokenBackupError("o arquivo mudou entre a verificação e a restauração")
        # The city last: without it nothing starts.
        for name in sorted(verified.manifest.databases, reverse=True):
            counts = _check_of(verified.manifest.databases[name])
            loads[f"database/{name}"][1](f"{counts}\n{target.statements.get(name, '')}")


def _check_empty(target: Target, manifest: Manifest) -> None:
    if manifest.databases.keys() != target.urls.keys():
        one = "duas bases (PRACA_IDENTITY_DATABASE_URL)" if len(target.urls) == 1 else "uma base só"
        raise RestoreError(f"o backup é de uma cidade com {one}; restaure-o em uma igual")
    for name, url in target.urls.items():
        if not is_empty(url):
            raise RestoreError(
                f"o banco de dados ({name}) não está vazio; crie um novo e aponte para ele"
            )
    if target.objects is not None and next(target.objects.everything(), None) is not None:
        raise RestoreError(
            "o armazenamento de arquivos não está vazio; escolha outro prefixo ou, se os arquivos"
            " não se perderam e são desta cidade, use --keep-objects"
        )


def _spread(
    archive: ArchiveReader, loads: Mapping[str, Loading], target: Target, progress: Progress
) -> None:
    done, current = 0, ""

    def passing(what: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal done
        for piece in pieces:
            yield piece
            done += len(piece)
            progress(what, done)

    for member in archive.members():
        if current in loads and member.section != current:
            loads[current].end()
        current = member.section
        name = checked_name(member)
        if current in loads:
            for piece in passing("banco de dados", member.content):
                loads[current].write(piece)
        elif current == "objects" and target.objects is not None:
            member.content = passing("arquivos", member.content)
            target.objects.upload(name, _readable(member))
        elif current == "files":
            _write_file(target.data_dir / name, member)
    if current in loads:
        loads[current].end()


class _Pieces(io.RawIOBase):
    """The content of a member as a file that can only be read on."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        target = memoryview(cast("bytearray", buffer))
        self._rest = self._rest or next(self._pieces, b"")
        taken = self._rest[: len(target)]
        target[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def _readable(member: Member) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(member.content))


def _write_file(path: Path, member: Member) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in member.content:
            file.write(piece)


def _check_of(database: Database) -> str:
    """Return SQL that fails unless every table has as many rows as when it was dumped."""
    checks = [
        sql.SQL("IF (SELECT count(*) FROM {}) <> {} THEN RAISE EXCEPTION {}; END IF;").format(
            sql.Identifier(*name.split(".", 1)),
            sql.Literal(count),
            sql.Literal(f"{name}: linhas a mais ou a menos"),
        )
        for name, count in database.rows.items()
    ]
    body = sql.SQL("\n").join(checks).as_string(None)
    return f"DO $check$ BEGIN\n{body}\nEND $check$;"
