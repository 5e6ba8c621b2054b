"""The keys that encrypt people's documents."""

import base64
import binascii
import re

from pydantic import Field, SecretStr, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["EncryptionSettings"]

_KEY_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class EncryptionSettings(SettingsGroup):
    """Key encryption keys; every citizen's data key is kept under one of them.

    What they protect and how to change them: [Encryption of documents](../explain/encryption.md).
    """

    encryption_keys: SecretStr | None = Field(
        None,
        description="`name:key` pairs separated by commas, each key 32 bytes in base64; the first "
        "encrypts, the others still decrypt. Required in production unless `PRACA_KMS_KEY_ID` is "
        "set; in development one is made and kept in the data folder.",
    )
    kms_key_id: str | None = Field(
        None,
        description="Id of a symmetric AWS KMS key that encrypts instead; keys in the settings "
        "then only decrypt. Needs boto3.",
    )
    kms_endpoint: str | None = Field(
        None, description="Address of a service like KMS; none means AWS."
    )
    kms_region: str | None = Field(None, description="Region of the KMS key.")

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _parsed(value.get_secret_value())
        return value

    @property
    def keys(self) -> dict[str, bytes]:
        """The keys by name, the first first; empty if none is set."""
        return (
            {} if self.encryption_keys is None else _parsed(self.encryption_keys.get_secret_value())
        )


def _parsed(text: str) -> dict[str, bytes]:
    """Read ``name:key`` pairs; what is wrong is said without quoting any of it."""
    keys: dict[str, bytes] = {}
    for position, pair in enumerate(text.split(","), start=1):
        name, _, encoded = pair.strip().partition(":")
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"pair {position}: `name:key` is needed, the name of letters and digits"
            )
        if name in keys:
            raise ValueError(f"pair {position}: a name that was used before")
        try:
            keys[name] = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"pair {position}: the key is not base64") from None
        if len(keys[name]) != _KEY_BYTES:
            raise ValueError(f"pair {position}: the key must be {_KEY_BYTES} bytes in base64")
    return keys
