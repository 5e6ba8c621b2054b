"""Files: one interface over a local folder and S3, streaming both ways."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from praca.kit.errors import DomainError, ErrorKind
from praca.platform.errors import ObjectNotFoundError
from praca.platform.settings import ObjectSettings, SettingsError

__all__ = ["InvalidObjectKeyError", "ObjectStore", "checked_key", "objects_address"]

_CHUNK = 1024 * 1024
_LONGEST_KEY = 1000  # bytes; S3 allows 1,024
_LONGEST_PART = 255  # bytes of a file's name
_PART_OF_AN_UPLOAD = re.compile(r"#\d+$")


class InvalidObjectKeyError(DomainError):
    """The name of a file that could leave the store, or that no store can hold."""

    code = "invalid_object_key"
    kind = ErrorKind.BAD_REQUEST
    title = "Invalid file key"

    def __init__(self) -> None:
        super().__init__("A chave do arquivo não é válida.")


class ObjectStore:
    """Files by key (``exports/vagas.json``); the same calls for every kind of store."""

    def __init__(self, settings: ObjectSettings, data_dir: Path) -> None:
        self._store: Any = _open(settings, data_dir)

    def upload(self, key: str, source: BinaryIO) -> None:
        """Store what ``source`` yields under ``key``, part by part, replacing what was there."""
        # A file is measured by seeking; a pipe or a socket can only be read.
        parts = source if source.seekable() else iter(lambda: source.read(8 * _CHUNK), b"")
        obstore.put(self._store, checked_key(key), parts, chunk_size=8 * _CHUNK)

    def open(self, key: str) -> BinaryIO:
        """Open the file for sequential reading; only a buffer of it is in memory.

        Raises:
            ObjectNotFoundError: there is none.
        """
        try:
            return cast(
                "BinaryIO", obstore.open_reader(self._store, checked_key(key), buffer_size=_CHUNK)
            )
        except FileNotFoundError as error:
            raise ObjectNotFoundError(key) from error

    def size(self, key: str) -> int:
        """Return the file's size in bytes.

        Raises:
            ObjectNotFoundError: there is none.
        """
        try:
            return int(obstore.head(self._store, checked_key(key))["size"])
        except FileNotFoundError as error:
            raise ObjectNotFoundError(key) from error

    def read(self, key: str) -> bytes:
        """Return the whole file; for small ones.

        Raises:
            ObjectNotFoundError: there is none.
        """
        try:
            return bytes(obstore.get(self._store, checked_key(key)).bytes())
        except FileNotFoundError as error:
            raise ObjectNotFoundError(key) from error

    def write(self, key: str, content: bytes) -> None:
        """Store ``content`` under ``key``."""
        obstore.put(self._store, checked_key(key), content)

    def writer(self, key: str) -> Any:
        """Open ``key`` for streaming writes; the file appears when the context ends."""
        return obstore.open_writer(self._store, checked_key(key), buffer_size=8 * _CHUNK)

    def copy(self, source: str, target: str) -> None:
        """Copy one file within the store.

        Raises:
            ObjectNotFoundError: there is no ``source``.
        """
        try:
            obstore.copy(self._store, checked_key(source), checked_key(target))
        except FileNotFoundError as error:
            raise ObjectNotFoundError(source) from error

    def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        try:
            obstore.delete(self._store, checked_key(key))
        except FileNotFoundError:
            return

    def delete_below(self, prefix: str, *, keep: str | None = None) -> None:
        """Remove every file below ``prefix``, but those below ``keep``."""
        for key in list(self.keys(prefix)):
            if keep is None or not key.startswith(f"{keep}/"):
                self.delete(key)

    def keys(self, prefix: str, *, before: datetime | None = None) -> Iterator[str]:
        """Yield the keys below ``prefix``; of what was written ``before`` a moment, if it is given.

        Args:
            prefix: of the keys.
            before: an aware moment.
        """
        for batch in obstore.list(self._store, prefix=checked_key(prefix)):
            for item in batch:
                if before is None or item["last_modified"] < before:
                    yield str(item["path"])

    def everything(self) -> Iterator[str]:
        """Yield the key of every file in the store."""
        for batch in obstore.list(self._store):
            for item in batch:
                yield str(item["path"])

    def parts(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Return a file's size and its content in parts: of one moment, also if it is replaced.

        Raises:
            ObjectNotFoundError: there is none.
        """
        try:
            answer = obstore.get(self._store, checked_key(key))
        except FileNotFoundError as error:
            raise ObjectNotFoundError(key) from error
        return int(answer.meta["size"]), map(bytes, answer.stream(min_chunk_size=_CHUNK))

    def write_all(self, prefix: str, files: Mapping[str, bytes]) -> None:
        """Store several small files below ``prefix``."""
        for name, content in files.items():
            self.write(f"{prefix}/{name}", content)

    def read_all(self, prefix: str) -> dict[str, bytes]:
        """Return every file below ``prefix`` by its name under it."""
        return {key.removeprefix(f"{prefix}/"): self.read(key) for key in self.keys(prefix)}

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the file in parts, for an HTTP answer.

        Raises:
            ObjectNotFoundError: there is none.
        """
        try:
            answer = await obstore.get_async(self._store, checked_key(key))
        except FileNotFoundError as error:
            raise ObjectNotFoundError(key) from error
        async for part in answer.stream(min_chunk_size=_CHUNK):
            yield bytes(part)


def checked_key(key: str) -> str:
    """Return ``key`` if every kind of store can hold it, below its root.

    Raises:
        InvalidObjectKeyError: it is empty, too long, or could leave the store.
    """
    if len(key) > _LONGEST_KEY or len(_bytes_of(key)) > _LONGEST_KEY:
        raise InvalidObjectKeyError
    if any(ord(char) < ord(" ") or char in "\\\x7f" for char in key):
        raise InvalidObjectKeyError
    if not all(map(_is_name, key.split("/"))):
        raise InvalidObjectKeyError
    return key


def _bytes_of(key: str) -> bytes:
    try:
        return key.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell
        raise InvalidObjectKeyError from None


def _is_name(part: str) -> bool:
    """Tell whether a file or a folder may be called so; a leading slash makes an empty part."""
    return (
        part not in {"", ".", ".."}
        and len(part.encode()) <= _LONGEST_PART
        and not _PART_OF_AN_UPLOAD.search(part)
    )


def objects_address(settings: ObjectSettings, data_dir: Path) -> str:
    """Return where the files lie, ``file:///…`` or ``s3://bucket/prefix``, for other programs."""
    folder = _folder(settings, data_dir)
    return str(settings.objects_url).rstrip("/") if folder is None else folder.as_uri()


def _folder(settings: ObjectSettings, data_dir: Path) -> Path | None:
    """Return the folder that the files lie in; None: they are somewhere else."""
    url = settings.objects_url
    if url is None:
        return (data_dir / "objects").resolve()
    if "://" not in url:
        return Path(url).resolve()
    return Path(urlsplit(url).path) if url.startswith("file://") else None


def _open(settings: ObjectSettings, data_dir: Path) -> Any:
    folder = _folder(settings, data_dir)
    if folder is not None:
        return LocalStore(folder, mkdir=True)
    parts = urlsplit(str(settings.objects_url))
    if parts.scheme != "s3" or not parts.netloc:
        raise SettingsError("PRACA_OBJECTS_URL: a folder, file:///… or s3://bucket/prefix")
    options: dict[str, Any] = {}
    if settings.objects_region:
        options["region"] = settings.objects_region
    if settings.objects_access_key_id and settings.objects_secret_access_key:
        options["access_key_id"] = settings.objects_access_key_id
        options["secret_access_key"] = settings.objects_secret_access_key.get_secret_value()
    if settings.objects_endpoint:
        options["endpoint"] = settings.objects_endpoint
        options["virtual_hosted_style_request"] = False
        if settings.objects_endpoint.startswith("http://"):
            options["client_options"] = {"allow_http": True}
    try:
        return S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **options)
    except BaseError as error:
        raise SettingsError(f"PRACA_OBJECTS_URL: {error}") from error
