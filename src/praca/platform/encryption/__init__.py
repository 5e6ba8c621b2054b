"""Envelope encryption: data keys that encrypt, and the keys that encrypt data keys."""

from praca.platform.encryption.envelope import DataKey, SealedDataError
from praca.platform.encryption.errors import EncryptionUnavailableError
from praca.platform.encryption.ports import KeyEncryption
from praca.platform.encryption.ring import KeyRing, open_key_ring

__all__ = [
    "DataKey",
    "EncryptionUnavailableError",
    "KeyEncryption",
    "KeyRing",
    "SealedDataError",
    "open_key_ring",
]
