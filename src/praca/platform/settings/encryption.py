"""The keys that encrypt people's documents."""

from pydantic import Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["EncryptionSettings"]


class EncryptionSettings(SettingsGroup):
    """Key encryption keys; every citizen's data key is kept under one of them."""

    encryption_keys: SecretStr | None = Field(
        None,
        description="`name:key` pairs separated by commas, each key 32 bytes in base64; the first "
        "encrypts, the others still decrypt. Required in production; in development one is made "
        "and kept in the data folder.",
    )
