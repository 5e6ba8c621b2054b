"""What the data folder says of backups: a restore that has not ended, and the last good backup.

Loaded by every command, so it loads nothing itself.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Final

__all__ = ["RESTORING", "is_half_restored", "last_backup", "note_backup"]

RESTORING: Final = "restoring"
"""File in the data folder from the first to the last step of a restore."""
_LAST: Final = "last-backup.json"


def is_half_restored(data_dir: Path) -> bool:
    """Tell whether a restore into the folder was begun and has not ended."""
    return (data_dir / RESTORING).exists()


def note_backup(data_dir: Path, made_at: datetime, name: str, size: int) -> None:
    """Note in the data folder that a backup is complete, for whoever watches that there is one."""
    data_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"made_at": made_at.isoformat(), "file": name, "bytes": size})
    draft = data_dir / f"{_LAST}.{os.getpid()}"
    draft.write_text(text + "\n")
    draft.replace(data_dir / _LAST)


def last_backup(data_dir: Path) -> datetime | None:
    """Return of which moment the last complete backup from this data folder is; none: never."""
    try:
        return datetime.fromisoformat(json.loads((data_dir / _LAST).read_text())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
