"""Which backups of a folder are kept."""

import re
from pathlib import Path
from typing import Final

from praca.platform.backup.errors import BackupError
from praca.platform.backup.reading import is_finished

__all__ = ["prune"]

_OURS: Final = re.compile(r"praca-\d{4}-\d\d-\d\dT\d{6}Z\.tar(\.sealed)?")


def prune(made: Path, keep: int, key: bytes | None) -> list[Path]:
    """Delete all but the newest ``keep`` backups beside ``made``; return what was deleted.

    The one just made stays, also where a clock that was wrong has left names of the future. A
    file that is cut off is neither counted nor deleted: somebody should look at it.
    """
    named = sorted(path for path in made.parent.iterdir() if _OURS.fullmatch(path.name))
    whole = [path for path in named if not path.is_symlink() and _is_whole(path, key)]
    old = [path for path in whole[:-keep] if path.name != made.name]
    for path in old:
        path.unlink()
    return old


def _is_whole(path: Path, key: bytes | None) -> bool:
    try:
        return path.is_file() and is_finished(path, key)
    except (BackupError, OSError):
        return False
