"""What the data folder says of a restore that has not ended.

Loaded by every command, so it loads nothing itself.
"""

from pathlib import Path
from typing import Final

__all__ = ["RESTORING", "is_half_restored"]

RESTORING: Final = "restoring"
"""File in the data folder from the first to the last step of a restore."""


def is_half_restored(data_dir: Path) -> bool:
    """Tell whether a restore into the folder was begun and has not ended."""
    return (data_dir / RESTORING).exists()
