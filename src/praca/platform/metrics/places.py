"""Where the processes of one service keep their figures: a folder, and a place for each of them.

Figures of several processes are files mapped into memory (see prometheus-client's mode for several
processes), which that library names by process id: a file for each process that ever was. Here a
process takes the lowest place that nobody has, and goes on counting in the files of whoever had it
before. So sums never fall while one process lives, and there are as many files as processes at a
time. A place is held by a lock, which the kernel takes back however the process ends.
"""

import contextlib
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import fasteners

__all__ = ["Place", "folder_of", "take_place"]

_MOST_PLACES: Final = 256
_looking: Final = threading.Lock()
_FORGOTTEN_S: Final = 7 * 24 * 3600.0
"""After this, the folder of a machine or container that is gone may go, too."""


def folder_of(data_dir: Path, service: str) -> Path:
    """Return the folder in which the processes of ``service`` on this machine keep figures.

    Containers that share a data folder are scraped one by one, so each has its own.
    """
    host = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())[:64] or "host"
    return data_dir / "metrics" / f"{service}@{host}"


class Place:
    """The place of this process; see :func:`take_place`."""

    def __init__(self, folder: Path, number: int, lock: "fasteners.InterProcessLock") -> None:
        self.folder: Final = folder
        self.number: Final = number
        self._lock = lock
        _forget_gauges(folder, number)
        _process_file(folder, number).write_text(str(os.getpid()), encoding="ascii")

    def processes(self) -> Iterator[tuple[int, int]]:
        """Yield place and process id of each process that lives.

        What the others left that counts only while they live is forgotten on the way.
        """
        for number in _numbers(self.folder):
            if number == self.number:
                # Our own lock is not to be touched: the system would take it for given back.
                yield number, os.getpid()
            elif _is_free(self.folder, number):
                continue
            else:
                with contextlib.suppress(OSError, ValueError):  # it has only just come
                    yield number, int(_process_file(self.folder, number).read_text("ascii"))

    def leave(self) -> None:
        """Give the place back; what was counted stays, what was the case does not."""
        _forget_gauges(self.folder, self.number)
        self._lock.release()


def take_place(folder: Path) -> Place:
    """Take a place in ``folder``; who comes when nobody is there begins at zero.

    Raises:
        OSError: the folder cannot be written to, or has no place left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(folder)
    with fasteners.InterProcessLock(folder / "arriving.lock"):
        if all(_is_free(folder, number) for number in _numbers(folder)):
            # Files of an earlier release, or torn when the machine went down, go as well.
            for file in folder.glob("*.db"):
                file.unlink(missing_ok=True)
        for number in range(_MOST_PLACES):
            lock = fasteners.InterProcessLock(_lock_file(folder, number))
            if lock.acquire(blocking=False):
                return Place(folder, number, lock)
    raise OSError(f"no place left in {folder}")


def _lock_file(folder: Path, number: int) -> Path:
    return folder / f"{number}.lock"


def _process_file(folder: Path, number: int) -> Path:
    return folder / f"{number}.pid"


def _numbers(folder: Path) -> list[int]:
    return sorted(int(file.stem) for file in folder.glob("[0-9]*.lock"))


def _is_free(folder: Path, number: int) -> bool:
    """Tell whether nobody holds a place; what its last process was doing is forgotten then."""
    # To the system a lock is the process's: of two threads that look, the first to finish would
    # give it back for both, and the other remove figures of whoever has taken the place by then.
    with _looking:
        lock = fasteners.InterProcessLock(_lock_file(folder, number))
        if not lock.acquire(blocking=False):
            return False
        try:
            _forget_gauges(folder, number)
        finally:
            lock.release()
    return True


def _forget_gauges(folder: Path, number: int) -> None:
    for file in folder.glob(f"gauge_*_{number}.db"):
        file.unlink(missing_ok=True)


def _remove_forgotten(folder: Path) -> None:
    """Remove what machines and containers that are gone have left in the data folder."""
    for other in folder.parent.iterdir():
        if other == folder or not other.is_dir():
            continue
        with contextlib.suppress(OSError):  # somebody else removes it just now
            newest = max((file.stat().st_mtime for file in other.iterdir()), default=0.0)
            is_old = time.time() - newest > _FORGOTTEN_S
            if is_old and all(_is_free(other, number) for number in _numbers(other)):
                shutil.rmtree(other)
