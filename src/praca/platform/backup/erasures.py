"""The list of who was erased, as a file that is kept outside of the database."""

import os
from pathlib import Path

from pydantic import ValidationError

from praca.platform.backup.errors import BackupError
from praca.platform.backup.manifest import Erasures

__all__ = ["read_list", "replace_list"]


def read_list(path: Path) -> Erasures:
    """Read a list.

    Raises:
        BackupError: the file is none.
        OSError: it cannot be read.
    """
    try:
        return Erasures.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BackupError(f"{path} não é uma lista de `praca backup erasures`") from error


def replace_list(path: Path, found: Erasures) -> None:
    """Write a list in the place of an older one of the same city; it is there whole, or not.

    A city that was lost and begun anew, or restored without this list, knows of fewer people: what
    runs by the clock must not replace the only list that names the others.

    Raises:
        BackupError: the file is no list, or names somebody whom ``found`` does not.
        OSError: it cannot be written.
    """
    if path.exists() and not found.contains(read_list(path)):
        raise BackupError(
            f"{path} nomeia pessoas apagadas que este banco de dados não conhece: é de antes de"
            " uma restauração, ou de outra cidade. Nada foi escrito; restaure com essa lista"
            " (--erasures) ou dê outro nome à nova"
        )
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(found.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
