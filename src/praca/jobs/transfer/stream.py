"""Walks a JSON object of any size, one member at a time, in constant memory.

A general event parser would have to decide for the whole file what one odd string means: yajl
turns half a surrogate pair into "?" or gives up on everything. So the file is only *cut* here,
along the braces outside strings, and every member is parsed (and refused) on its own.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

import orjson

from praca.jobs.transfer.errors import BrokenFileError

__all__ = ["LARGEST_MEMBER", "Member", "Unreadable", "iter_members", "open_plain_or_gzip"]

LARGEST_MEMBER: Final = 16 * 1024 * 1024
"""Bytes of one record: what bounds the memory, so a file with more in one record is refused."""

_CHUNK: Final = 256 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BLANKS: Final = re.compile(rb"[ \t\r\n]*+")
_CUT_SHORT: Final = "ele termina antes do fim do JSON"

# All that is neither a bracket nor the quote of a string that has not ended yet.
_PLAIN: Final = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_SCALAR: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,{}\[\]":]++', re.DOTALL)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_OPENING: Final = b"{["


class Member(NamedTuple):
    """One member of the file's object: where it starts, its key, and the bytes of its value."""

    offset: int
    key: bytes
    value: bytes

    def key_text(self) -> str:
        """Return the key, its lone surrogates (if any) made visible."""
        text = str(_any_json(self.key, self.offset))
        return text.encode("utf-8", "backslashreplace").decode()

    def parse(self) -> Any:
        """Return the value. Halves of surrogate pairs stay in; what is no JSON breaks the file."""
        try:
            return orjson.loads(self.value)
        except orjson.JSONDecodeError:
            return _any_json(self.value, self.offset)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a value that is JSON but that nobody here can read."""

    reason: str


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _any_json(raw: bytes, offset: int) -> Any:
    try:
        return json.loads(raw.decode(), parse_constant=_constant)
    except RecursionError:
        return Unreadable("está aninhado demais")
    except UnicodeDecodeError as error:
        raise BrokenFileError("ele não está em UTF-8", position=offset + error.start) from None
    except ValueError as error:
        if "Exceeds the limit" in str(error):  # an integer of more digits than Python converts
            return Unreadable("número grande demais")
        at = getattr(error, "pos", 0)
        raise BrokenFileError("ele não é JSON válido", position=offset + at) from None


class _Window:
    """A sliding view of the file; ``position`` is where the next unread byte lies in it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.data = b""
        self.position = 0
        self.dropped = 0

    @property
    def offset(self) -> int:
        """Where in the file the next byte lies."""
        return self.dropped + self.position

    def more(self, keep: int) -> bool:
        """Read further, forgetting all before ``keep``; False at the end of the file.

        Positions of the caller move left by ``keep``. The step grows with what is held, so a long
        record costs linear time.
        """
        held = len(self.data) - keep
        if held > LARGEST_MEMBER:
            raise BrokenFileError("há um registro grande demais", position=self.dropped + keep)
        try:
            chunk = self._source.read(max(_CHUNK, held))
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise BrokenFileError(
                "a compactação está corrompida ou incompleta", position=self.dropped
            ) from None
        if not chunk:
            return False
        self.data = self.data[keep:] + chunk
        self.dropped += keep
        self.position -= keep
        return True

    def peek(self) -> int:
        """Skip blanks and return the next byte, or -1 at the end."""
        blanks = 0
        while True:
            end = cast("re.Match[bytes]", _BLANKS.match(self.data, self.position)).end()
            blanks += end - self.position
            self.position = end
            if end < len(self.data):
                return self.data[end]
            # A few packed bytes unpack to hours of blanks, in which nobody could cancel.
            if blanks > LARGEST_MEMBER:
                raise BrokenFileError("há espaço em branco demais", position=self.offset)
            if not self.more(end):
                return -1

    def take(self, byte: bytes) -> None:
        """Consume one expected byte."""
        found = self.peek()
        if found == -1:
            raise BrokenFileError(_CUT_SHORT, position=self.offset)
        if found != byte[0]:
            raise BrokenFileError(
                f"era esperado {byte.decode()!r}, veio {chr(found)!r}", position=self.offset
            )
        self.position += 1

    def token(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        """Consume one string or bare word."""
        self.peek()
        while True:
            match = pattern.match(self.data, self.position)
            if match and match.end() < len(self.data):
                self.position = match.end()
                return match.group()
            if not self.more(self.position):
                break
        if match:
            self.position = match.end()
            return match.group()
        if self.peek() in (-1, ord('"')):
            raise BrokenFileError(_CUT_SHORT, position=self.offset)
        raise BrokenFileError(f"era esperado {what}", position=self.offset)

    def value(self) -> bytes:
        """Consume one value, whole."""
        first = self.peek()
        if first < 0 or first not in _OPENING:  # negative: the file ends here
            return self.token(_SCALAR, "um valor")
        depth = 0
        at = self.position
        while True:
            at = cast("re.Match[bytes]", _PLAIN.match(self.data, at)).end()
            if at == len(self.data) or self.data[at] == ord('"'):
                start = self.position
                if not self.more(start):
                    raise BrokenFileError(_CUT_SHORT, position=self.dropped + len(self.data))
                at -= start
                continue
            depth += 1 if self.data[at] in _OPENING else -1
            at += 1
            if depth == 0:
                raw = self.data[self.position : at]
                self.position = at
                return raw


def iter_members(source: BinaryIO) -> Iterator[Member]:
    """Yield the members of the JSON object in ``source``, in order, repeated keys included.

    Raises:
        BrokenFileError: it is not one whole JSON object.
    """
    window = _Window(source)
    window.more(0)
    if window.data.startswith(b"\xef\xbb\xbf"):
        window.position = 3
    first = window.peek()
    if first == -1:
        raise BrokenFileError("ele está vazio")
    if first != ord("{"):
        raise BrokenFileError("o topo não é um objeto JSON", position=window.offset)
    window.position += 1
    if window.peek() == ord("}"):
        window.position += 1
    else:
        while True:
            offset = window.offset
            key = window.token(_STRING, "o código de um registro entre aspas")
            window.take(b":")
            window.peek()
            offset = window.offset
            yield Member(offset, key, window.value())
            if window.peek() == ord(","):
                window.position += 1
                continue
            window.take(b"}")
            break
    if window.peek() != -1:
        raise BrokenFileError("há algo depois do fim do JSON", position=window.offset)


class _Prefixed(io.RawIOBase):
    """A stream whose first bytes were already taken."""

    def __init__(self, prefix: bytes, rest: BinaryIO) -> None:
        self._prefix = prefix
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._prefix:
            data, self._prefix = self._prefix[: len(buffer)], self._prefix[len(buffer) :]
        else:
            data = self._rest.read(len(buffer)) or b""
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._rest.close()
        super().close()


def open_plain_or_gzip(source: Path | str | BinaryIO) -> BinaryIO:
    """Open a file, or wrap an open stream, unpacking gzip if its first bytes say so."""
    stream = Path(source).open("rb") if isinstance(source, Path | str) else source  # noqa: SIM115
    prefix = b""
    while len(prefix) < len(_GZIP_MAGIC):
        piece = stream.read(len(_GZIP_MAGIC) - len(prefix))
        if not piece:
            break
        prefix += piece
    whole = io.BufferedReader(_Prefixed(prefix, stream), _CHUNK)
    if prefix == _GZIP_MAGIC:
        return cast("BinaryIO", gzip.GzipFile(fileobj=whole, mode="rb"))
    return cast("BinaryIO", whole)
