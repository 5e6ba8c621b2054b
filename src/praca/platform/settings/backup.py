"""Backups."""

import base64
import binascii

from pydantic import Field, SecretStr, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["BackupSettings"]

_KEY_BYTES = 32


class BackupSettings(SettingsGroup):
    """How backups are kept from other eyes."""

    backup_key: SecretStr | None = Field(
        None,
        description="32 bytes in base64: backups are sealed under it (AES-256-GCM), and only it "
        "opens them. Keep it apart from the backups. Without it a backup is readable as it lies.",
    )

    @field_validator("backup_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        # A compose file hands a variable on that nobody has set.
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("backup_key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(_decoded(value)) != _KEY_BYTES:
            raise ValueError(f"{_KEY_BYTES} bytes in base64 are needed")
        return value

    @property
    def key(self) -> bytes | None:
        """The key, if there is one."""
        return None if self.backup_key is None else _decoded(self.backup_key)


def _decoded(value: SecretStr) -> bytes:
    try:
        return base64.b64decode(value.get_secret_value().strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the key is not base64") from None
