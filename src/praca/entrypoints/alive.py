"""The sign of life of a process that listens on no port: a file that it touches.

Standard library only: ``praca health`` reads it every few seconds beside each container, and is
to cost nothing.
"""

import asyncio
import contextlib
import os
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

__all__ = ["alive", "newest_sign_s"]

_FOLDER: Final = "alive"
_ODD: Final = re.compile(r"[^A-Za-z0-9.-]")


def _prefix() -> str:
    """Return how the names of this machine's files begin: replicas may share a data folder."""
    return f"worker-{_ODD.sub('_', socket.gethostname())}-"


@asynccontextmanager
async def alive(data_dir: Path, *, every_s: float) -> AsyncIterator[None]:
    """Touch a file every so often while the block runs, and remove it at the end.

    The loop that touches it is the one that works: when that one is stuck, the file grows old.

    Args:
        data_dir: where the file lies, in a folder ``alive``.
        every_s: seconds between two signs.
    """
    folder = data_dir / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    sign = folder / f"{_prefix()}{os.getpid()}"
    _forget_the_dead(folder)
    beating = asyncio.create_task(_beat(sign, every_s))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        sign.unlink(missing_ok=True)


async def _beat(sign: Path, every_s: float) -> None:
    while True:
        _touch(sign)
        await asyncio.sleep(every_s)


def _touch(sign: Path) -> None:
    # A full disk is no reason to stop working, and the next sign may succeed.
    with contextlib.suppress(OSError):
        sign.touch()


def _forget_the_dead(folder: Path) -> None:
    """Remove what processes of this machine left that were killed."""
    for sign in _signs(folder):
        try:
            os.kill(int(sign.name.removeprefix(_prefix())), 0)
        except ProcessLookupError:
            sign.unlink(missing_ok=True)
        except PermissionError:
            continue


def _signs(folder: Path) -> list[Path]:
    """Return the files of this machine, and not those of one whose name begins like its."""
    begin = _prefix()
    return [sign for sign in folder.glob(f"{begin}*") if sign.name.removeprefix(begin).isdecimal()]


def newest_sign_s(data_dir: Path) -> float | None:
    """Return the age, in seconds, of the newest sign of this machine's; None: there is none."""
    ages = []
    for sign in _signs(data_dir / _FOLDER):
        with contextlib.suppress(FileNotFoundError):
            ages.append(time.time() - sign.stat().st_mtime)
    return min(ages, default=None)
