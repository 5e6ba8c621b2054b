"""Where each account's chain stood: one seal over all of them, and a file to keep elsewhere.

Whoever may change everything in the database can also make all hashes anew. He cannot change what
is kept in another place: a chain that went on must still have its earlier head where that was.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson

__all__ = ["EarlierHeads", "HeadsFileError", "HeadsWriter", "Seal"]

_FORMAT: Final = 1


class HeadsFileError(Exception):
    """The file is none of ours, or not whole; the message is for people."""


class Seal:
    """One hash over the heads of all accounts, which are added in the order of their ids."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(f"praca ledger {_FORMAT}\n".encode())

    def add(self, account_id: int, entries: int, head: bytes) -> None:
        """Add one account: how many entries it has, and the hash of the last of them."""
        self._hash.update(f"{account_id}|{entries}|{head.hex()}\n".encode())

    def hex(self) -> str:
        """Return the seal of the accounts that were added."""
        return self._hash.hexdigest()


class EarlierHeads:
    """Reads a file of heads beside a walk through the accounts, both in the order of ids.

    Raises:
        HeadsFileError: when what is wrong with the file is reached; ``finish`` sees its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = self._read()
        self._next = next(self._rows, None)

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return a reader of the file, if there is one."""
        return cls(path) if path.exists() else None

    def before(self, account_id: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield the accounts of the file, not yet seen, that come before this one."""
        while self._next is not None and self._next[0] < account_id:
            yield self._next
            self._next = next(self._rows, None)

    def take(self, account_id: int) -> tuple[int, bytes] | None:
        """Return how many entries the account had and its head then, if the file knows it."""
        if self._next is None or self._next[0] != account_id:
            return None
        _, entries, head = self._next
        self._next = next(self._rows, None)
        return entries, head

    def finish(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield the accounts that are left."""
        while self._next is not None:
            yield self._next
            self._next = next(self._rows, None)

    def _read(self) -> Iterator[tuple[int, int, bytes]]:
        seal, before = Seal(), 0
        try:
            with self._path.open("rb") as lines:
                if orjson.loads(next(lines, b"").rstrip() + b"]}").get("format") != _FORMAT:
                    raise HeadsFileError(f"{self._path} é de um formato desconhecido")
                for line in lines:
                    if not line.startswith(b"["):
                        break
                    row = _row(line)
                    if row[0] <= before:
                        raise HeadsFileError(f"{self._path} não está em ordem")
                    before = row[0]
                    seal.add(*row)
                    yield row
                else:
                    line = b""
            kept = orjson.loads(b'{"accounts":[' + line)["seal"]
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise HeadsFileError(f"{self._path} não pôde ser lido por inteiro") from error
        if kept != seal.hex():
            raise HeadsFileError(f"{self._path} foi alterado: o selo não é o das linhas")


def _row(line: bytes) -> tuple[int, int, bytes]:
    account_id, entries, head = orjson.loads(line.rstrip().rstrip(b","))
    return int(account_id), int(entries), bytes.fromhex(head)


class HeadsWriter:
    """Writes a file of heads beside another, which it replaces only when it is whole."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._new = path.with_name(f"{path.name}.new")
        self._now = now
        self._separator = b""

    def __enter__(self) -> Self:
        self._file = self._new.open("wb")
        head: dict[str, Any] = {"format": _FORMAT, "made_at": self._now}
        self._file.write(orjson.dumps(head)[:-1] + b',"accounts":[\n')
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        self._new.unlink(missing_ok=True)

    def add(self, account_id: int, entries: int, head: bytes) -> None:
        """Write one account, a line of its own."""
        self._file.write(self._separator + orjson.dumps([account_id, entries, head.hex()]))
        self._separator = b",\n"

    def replace(self, seal: str) -> None:
        """Put the new file in the old one's place."""
        self._file.write(b"\n" + b'],"seal":' + orjson.dumps(seal) + b"}\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._new.replace(self._path)
