"""A backup under a key: AES-256-GCM in pieces, so that it streams, and no piece can be left out.

Each file has a key of its own, derived (HKDF-SHA256) from the city's key and a random salt. Its
pieces are numbered in their nonces, and the last one says that it is the last: what is cut off,
swapped or taken from another file does not open (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, 2015).
"""

import os
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from praca.platform.backup.errors import BrokenBackupError

__all__ = ["MAGIC", "SealedSink", "SealedSource", "has_last_piece"]

MAGIC: Final = b"praca-backup-1\n\0"
_SALT: Final = 32
_PIECE: Final = 1024 * 1024
_TAG: Final = 16
_WRONG: Final = "o backup não abre com esta PRACA_BACKUP_KEY, ou o arquivo foi alterado"


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=MAGIC).derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


def has_last_piece(source: BinaryIO, key: bytes) -> bool:
    """Tell whether the file ends with the piece that says it is the last, without reading all."""
    head = len(MAGIC) + _SALT
    salt = source.read(head)[len(MAGIC) :]
    number, rest = divmod(source.seek(0, os.SEEK_END) - head, _PIECE + _TAG)
    number -= rest == 0
    if number < 0:
        return False
    source.seek(head + number * (_PIECE + _TAG))
    try:
        piece = source.read(_PIECE + _TAG)
        _cipher(key, salt).decrypt(_nonce(number, is_last=True), piece, None)
    except (InvalidTag, ValueError):
        return False
    return True


class SealedSink:
    """Seals what is written to it; :meth:`close` writes the last piece."""

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        salt = os.urandom(_SALT)
        self._target = target
        self._cipher = _cipher(key, salt)
        self._waiting = bytearray()
        self._number = 0
        target.write(MAGIC + salt)

    def write(self, data: bytes, /) -> None:
        """Take all of ``data``."""
        self._waiting += data
        # One that is full may still be the last.
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), is_last=False)
            del self._waiting[:_PIECE]

    def close(self) -> None:
        """Write what is left, as the last piece."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._target.write(self._cipher.encrypt(nonce, piece, None))
        self._number += 1


class SealedSource:
    """Opens what :class:`SealedSink` wrote, piece by piece.

    Raises:
        BrokenBackupError: another key, or not the file that was written.
    """

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        head = source.read(len(MAGIC) + _SALT)
        if len(head) < len(MAGIC) + _SALT or not head.startswith(MAGIC):
            raise BrokenBackupError(_WRONG)
        self._source = source
        self._cipher = _cipher(key, head[len(MAGIC) :])
        self._next = source.read(_PIECE + _TAG)
        self._opened = b""
        self._at = 0
        self._number = 0

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end."""
        if self._at == len(self._opened) and self._next:
            self._open()
        found = self._opened[self._at : self._at + size]
        self._at += len(found)
        return found

    def _open(self) -> None:
        piece, self._next = self._next, self._source.read(_PIECE + _TAG)
        nonce = _nonce(self._number, is_last=not self._next)
        try:
            self._opened = self._cipher.decrypt(nonce, piece, None)
        except InvalidTag as error:
            raise BrokenBackupError(_WRONG) from error
        self._at = 0
        self._number += 1
