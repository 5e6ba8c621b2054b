"""Making a backup: one moment of the database, then the files, then what is told of both."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

import fasteners
import psycopg

from praca.kit.clock import utc_now
from praca.kit.errors import DomainError
from praca.platform.backup.archive import ArchiveWriter, Sink
from praca.platform.backup.errors import BackupError
from praca.platform.backup.manifest import FORMAT, Database, Erasures, Manifest
from praca.platform.backup.postgres import Snapshot, snapshot
from praca.platform.backup.sealing import SealedSink
from praca.platform.objects import ObjectStore

__all__ = ["Contents", "Made", "Progress", "make_backup", "name_of"]

Progress = Callable[[str, int], None]
"""Is told what is being copied, and how many bytes there are so far."""

_PART: Final = ".part"
_LOCK: Final = ".praca-backup.lock"


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a backup.

    Attributes:
        city_url: the city's database.
        identity_url: the accounts', if it is another one.
        objects: the store of files.
        files: of the data folder.
        key_names: reads, from the city's database, under which keys data keys are.
        erasures: reads, from the city's and the accounts' database, who was erased.
        named_files: reads, from the city's database, of how many files its rows know, by a
            pattern of their keys.
        fingerprints: of the secrets in the settings.
        key: that the backup is sealed under.
    """

    city_url: str
    identity_url: str | None
    objects: ObjectStore
    files: tuple[Path, ...]
    key_names: Callable[[psycopg.Connection[Any]], dict[str, int]]
    erasures: Callable[[psycopg.Connection[Any], psycopg.Connection[Any]], Erasures]
    named_files: Callable[[psycopg.Connection[Any]], dict[str, int]]
    fingerprints: dict[str, str]
    key: bytes | None


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is complete and on the disk.

    Attributes:
        path: its file.
        size: in bytes.
        seal: see :meth:`ArchiveWriter.finish`.
        manifest: what it says of itself.
        absent: how many files rows name that the store did not have: deleted since, or lost.
    """

    path: Path
    size: int
    seal: str
    manifest: Manifest
    absent: int


def name_of(moment: datetime, *, is_sealed: bool) -> str:
    """Return the name of the backup of a moment in UTC."""
    return f"praca-{moment:%Y-%m-%dT%H%M%SZ}.tar{'.sealed' if is_sealed else ''}"


def make_backup(contents: Contents, folder: Path, progress: Progress) -> Made:
    """Write a backup into ``folder``; it has its name only once it is whole and on the disk.

    Raises:
        BackupError: it could not be made; nothing is left of it.
    """
    moment = utc_now()
    path = folder / name_of(moment, is_sealed=contents.key is not None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder), _draft(path) as file:
            sink: Sink = file if contents.key is None else SealedSink(file, contents.key)
            manifest, seal, absent = _write(contents, sink, moment, progress)
            if isinstance(sink, SealedSink):
                sink.close()
        return Made(path, path.stat().st_size, seal, manifest, absent)
    except OSError as error:
        raise BackupError(f"o backup não pôde ser escrito: {error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only backup into the folder, and clear away what a killed one left."""
    lock = fasteners.InterProcessLock(folder / _LOCK)
    if not lock.acquire(blocking=False):
        raise BackupError(f"outro backup está sendo feito na pasta {folder}")
    try:
        for left in folder.glob(f"praca-*{_PART}"):
            left.unlink()
        yield
    finally:
        lock.release()


@contextmanager
def _draft(path: Path) -> Iterator[BinaryIO]:
    """Give a file that gets its name when the block has ended well, and is removed otherwise."""
    draft = path.with_name(path.name + _PART)
    if path.exists():
        raise BackupError(f"{path} já existe")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Counting:
    """Tells the progress of what passes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def passing(self, what: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self._done += len(piece)
            self._progress(what, self._done)


def _write(
    contents: Contents, sink: Sink, moment: datetime, progress: Progress
) -> tuple[Manifest, str, int]:
    archive = ArchiveWriter(sink, moment=int(moment.timestamp()))
    counting = _Counting(progress)
    databases, key_names, erasures, named = _databases(contents, archive, counting)
    # Only now: the files of every row that the dump has are there, or were erased since.
    skipped, absent = _objects(contents.objects, archive, counting, named)
    for path in contents.files:
        content = path.read_bytes()
        archive.add("files", path.name, len(content), [content])
    manifest = Manifest(
        format=FORMAT,
        praca=version("praca"),
        made_at=moment,
        databases=databases,
        sections=archive.sections(),
        skipped_objects=skipped,
        files=tuple(path.name for path in contents.files),
        key_names=key_names,
        fingerprints=contents.fingerprints,
        erasures=erasures,
    )
    return manifest, archive.finish(manifest), absent


def _databases(
    contents: Contents, archive: ArchiveWriter, counting: _Counting
) -> tuple[dict[Any, Database], dict[str, int], Erasures, dict[str, int]]:
    """Dump the databases: the accounts' after the city's.

    So whoever a row of the city names has his account in the backup, or was erased in between,
    which the list of erasures tells.
    """
    with ExitStack() as open_ones:
        city = open_ones.enter_context(snapshot(contents.city_url, "platform"))
        key_names = contents.key_names(city.connection)
        named = contents.named_files(city.connection)
        _dump("city", city, archive, counting)
        databases = {"city": city.facts}
        identity = city
        if contents.identity_url is not None:
            identity = open_ones.enter_context(snapshot(contents.identity_url, "identity"))
            _dump("identity", identity, archive, counting)
            databases["identity"] = identity.facts
        erasures = contents.erasures(city.connection, identity.connection)
        return databases, key_names, erasures, named


def _dump(name: str, moment: Snapshot, archive: ArchiveWriter, counting: _Counting) -> None:
    # In numbered pieces: how long a dump gets is not known before it has ended.
    for number, piece in enumerate(moment.dump(), start=1):
        passed = counting.passing("banco de dados", [piece])
        archive.add(f"database/{name}", f"{number:06}", len(piece), passed)


def _objects(
    objects: ObjectStore,
    archive: ArchiveWriter,
    counting: _Counting,
    named: dict[str, int],
) -> tuple[int, int]:
    """Copy every file.

    Args:
        objects: where they are.
        archive: where they go.
        counting: is told.
        named: how many there should be.

    Returns:
        How many could not be copied, because they were deleted meanwhile, and how many that rows
        name were not there.

    Raises:
        BackupError: there is none of what should be there: this is another store.
    """
    skipped = 0
    left = dict(named)
    for key in objects.everything():
        try:
            size, parts = objects.parts(key)
        except DomainError:  # gone, or of a name that Praça gives to nothing
            skipped += 1
            continue
        archive.add("objects", key, size, counting.passing("arquivos", parts))
        for pattern in left:
            left[pattern] -= re.fullmatch(pattern, key) is not None
    if lost := [pattern for pattern, count in left.items() if count == named[pattern] > 0]:
        raise BackupError(
            f"o banco de dados conhece {named[lost[0]]} arquivos ({lost[0]}), e no armazenamento"
            " não há nenhum; confira PRACA_OBJECTS_URL e PRACA_DATA_DIR"
        )
    return skipped, sum(max(count, 0) for count in left.values())
