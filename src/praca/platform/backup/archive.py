"""The file of a backup: a plain tar, written and read front to back, its members hashed.

Any ``tar`` can unpack it. Reading is stricter than that: only regular files with names of ours,
in the order in which they are written, so that nothing in the file decides where something goes.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from praca.platform.backup.errors import BrokenBackupError
from praca.platform.backup.manifest import Manifest, Section, parse_manifest

__all__ = [
    "END",
    "MANIFEST",
    "SECTIONS",
    "ArchiveReader",
    "ArchiveWriter",
    "Member",
    "Sink",
    "Source",
]

SECTIONS: Final = ("database/city", "database/identity", "objects", "files")
"""Folders of the file, in the order in which they stand there."""

_BLOCK: Final = 512
_CHUNK: Final = 1024 * 1024
MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST: Final = 256 * 1024 * 1024
_LARGEST_EXTRA: Final = 16 * 1024
END: Final = bytes(2 * _BLOCK)


class Sink(Protocol):
    """What a backup is written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        ...


class Source(Protocol):
    """What a backup is read from."""

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        ...


class _Digest:
    """The digest over the members of one section."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._members = 0
        self._size = 0

    def begin(self, name: str, size: int) -> None:
        self._hash.update(f"{name}\0{size}\0".encode())
        self._members += 1
        self._size += size

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def section(self) -> Section:
        return Section(members=self._members, size=self._size, sha256=self._hash.hexdigest())


class ArchiveWriter:
    """Writes members one after the other; the manifest last, and then nothing."""

    def __init__(self, sink: Sink, *, moment: float) -> None:
        self._sink = sink
        self._moment = moment
        self._digests = {section: _Digest() for section in SECTIONS}

    def add(self, section: str, name: str, size: int, content: Iterable[bytes]) -> None:
        """Write a member whose size is known.

        Raises:
            BrokenBackupError: there was more or less content than that.
        """
        digest = self._digests[section]
        digest.begin(name, size)
        self._header(f"{section}/{name}", size)
        left = size
        for piece in content:
            left -= len(piece)
            digest.update(piece)
            self._sink.write(piece)
        if left:
            raise BrokenBackupError(f"{section}/{name} mudou de tamanho durante a cópia")
        self._pad(size)

    def sections(self) -> dict[str, Section]:
        """Return what has been written so far."""
        return {name: digest.section() for name, digest in self._digests.items()}

    def finish(self, manifest: Manifest) -> str:
        """Write the manifest and the end; return the seal of the backup."""
        text = manifest.model_dump_json(indent=1).encode()
        self._header(MANIFEST, len(text))
        self._sink.write(text)
        self._pad(len(text))
        self._sink.write(END)
        return hashlib.sha256(text).hexdigest()

    def _header(self, name: str, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self._moment
        self._sink.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))

    def _pad(self, size: int) -> None:
        self._sink.write(bytes(-size % _BLOCK))


@dataclass(slots=True)
class Member:
    """One file in the backup.

    Attributes:
        section: the folder in the backup.
        name: the rest of its name.
        size: in bytes.
        content: yields it, once; what is left of it is passed over.
    """

    section: str
    name: str
    size: int
    content: Iterator[bytes]


class ArchiveReader:
    """Reads a backup once, front to back; only at the end it is known whether it is whole."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digests = {section: _Digest() for section in SECTIONS}
        self.manifest: Manifest | None = None
        self.seal = ""

    def members(self) -> Iterator[Member]:
        """Yield every member, then check all that was read against the manifest.

        Raises:
            BrokenBackupError: the file is no backup, or not as it was written.
        """
        last = 0
        while True:
            name, size = self._header()
            if name == MANIFEST:
                break
            section = next((each for each in SECTIONS if name.startswith(f"{each}/")), None)
            if section is None or SECTIONS.index(section) < last:
                raise BrokenBackupError("há no arquivo algo que um backup não contém")
            last = SECTIONS.index(section)
            member = Member(section, name.removeprefix(f"{section}/"), size, iter(()))
            self._digests[section].begin(member.name, size)
            member.content = self._content(size, self._digests[section])
            yield member
            for _ in member.content:
                pass
            self._exactly(-size % _BLOCK)
        self._check(size)

    def _check(self, size: int) -> None:
        if size > _LARGEST_MANIFEST:
            raise BrokenBackupError("o manifesto do backup é grande demais")
        text = self._exactly(size)
        self._exactly(-size % _BLOCK)
        if self._exactly(len(END)) != END or self._source.read(1):
            raise BrokenBackupError("o arquivo não termina onde o backup termina")
        manifest = parse_manifest(text)
        for name, digest in self._digests.items():
            if manifest.sections.get(name) != digest.section():
                raise BrokenBackupError(
                    f"o arquivo foi alterado ou está danificado: '{name}' não é o que foi gravado"
                )
        self.manifest, self.seal = manifest, hashlib.sha256(text).hexdigest()

    def _header(self) -> tuple[str, int]:
        """Read the next header, and the extra one before it that a long name or size needs."""
        info = self._block()
        extra: dict[str, str] = {}
        if info.type == tarfile.XHDTYPE:
            if info.size > _LARGEST_EXTRA:
                raise BrokenBackupError("há no arquivo algo que um backup não contém")
            extra = _records(self._exactly(info.size))
            self._exactly(-info.size % _BLOCK)
            info = self._block()
        if info.type != tarfile.REGTYPE or not extra.keys() <= {"path", "size", "mtime"}:
            raise BrokenBackupError("há no arquivo algo que um backup não contém")
        size = int(extra["size"]) if extra.get("size", "").isdecimal() else info.size
        if size < 0:
            raise BrokenBackupError("há no arquivo algo que um backup não contém")
        return extra.get("path", info.name), size

    def _block(self) -> tarfile.TarInfo:
        try:
            return tarfile.TarInfo.frombuf(self._exactly(_BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise BrokenBackupError("o arquivo não é um backup da Praça, ou acaba cedo") from error

    def _content(self, size: int, digest: _Digest) -> Iterator[bytes]:
        while size:
            piece = self._exactly(min(size, _CHUNK))
            digest.update(piece)
            size -= len(piece)
            yield piece

    def _exactly(self, size: int) -> bytes:
        """Read so many bytes, of which there are a few at most."""
        found = self._source.read(size)
        if len(found) < size:
            whole = io.BytesIO()
            whole.write(found)
            while found and whole.tell() < size:
                found = self._source.read(size - whole.tell())
                whole.write(found)
            found = whole.getvalue()
        if len(found) < size:
            raise BrokenBackupError("o arquivo acaba cedo: a cópia dele não está inteira")
        return found


def _records(text: bytes) -> dict[str, str]:
    """Read the extra header of a member: lines of ``length key=value``."""
    found: dict[str, str] = {}
    while text:
        length, _, _ = text.partition(b" ")
        line = text[: int(length)] if length.isdigit() else b""
        key, equals, value = line[len(length) + 1 : -1].partition(b"=")
        if not equals or not line.endswith(b"\n"):
            raise BrokenBackupError("há no arquivo algo que um backup não contém")
        try:
            found[key.decode()] = value.decode()
        except UnicodeDecodeError as error:
            raise BrokenBackupError("há no arquivo algo que um backup não contém") from error
        text = text[len(line) :]
    return found
