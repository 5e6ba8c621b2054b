"""Key encryption keys in AWS KMS, or whatever speaks its protocol."""

import asyncio
import importlib
import threading
from typing import Any, Final

import structlog

from praca.platform.encryption.envelope import SealedDataError
from praca.platform.encryption.errors import EncryptionUnavailableError
from praca.platform.settings import EncryptionSettings, SettingsError

__all__ = ["KMS_PREFIX", "KmsKeys"]

KMS_PREFIX: Final = "kms:"
_log = structlog.get_logger("praca.encryption")
_TIMEOUT_S: Final = 5
_TRIES: Final = 2
# The service's answers to a ciphertext that is not what it should be.
_REFUSALS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class KmsKeys:
    """Wraps with a symmetric key of the service; the owner is the encryption context.

    The service is asked in a thread. Its ciphertexts name the key's material, so a key that the
    service itself rotates needs nothing here; a change of ``PRACA_KMS_KEY_ID`` is a rotation.

    Args:
        settings: the key's id, and where the service is.

    Raises:
        SettingsError: boto3, which speaks to the service, is not installed.
    """

    def __init__(self, settings: EncryptionSettings) -> None:
        try:
            self._boto = importlib.import_module("boto3")
            self._errors = importlib.import_module("botocore.exceptions")
            config = importlib.import_module("botocore.config").Config
        except ImportError as error:
            raise SettingsError("PRACA_KMS_KEY_ID: needs boto3 (pip install boto3)") from error
        self._key_id = str(settings.kms_key_id)
        retries = {"total_max_attempts": _TRIES, "mode": "standard"}
        self._options: dict[str, Any] = {
            "endpoint_url": settings.kms_endpoint,
            "region_name": settings.kms_region,
            "config": config(connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries=retries),
        }
        self._client: Any = None
        self._opening = threading.Lock()

    @property
    def current(self) -> str:
        """``kms:`` and the key's id."""
        return KMS_PREFIX + self._key_id

    def knows(self, name: str) -> bool:
        """Tell whether the key is one of the service's."""
        return name.startswith(KMS_PREFIX)

    async def wrap(self, key: bytes, owner: str) -> bytes:
        """Let the service encrypt a data key.

        Raises:
            EncryptionUnavailableError: the service does not answer, or refuses.
        """
        answer = await self._ask("encrypt", self._key_id, owner, Plaintext=key)
        return bytes(answer["CiphertextBlob"])

    async def unwrap(self, wrapped: bytes, name: str, owner: str) -> bytes:
        """Let the service decrypt a data key.

        Raises:
            EncryptionUnavailableError: the service does not answer, or refuses.
            SealedDataError: it was wrapped for somebody else, or was changed.
        """
        key_id = name.removeprefix(KMS_PREFIX)
        answer = await self._ask("decrypt", key_id, owner, CiphertextBlob=wrapped)
        return bytes(answer["Plaintext"])

    async def _ask(self, call: str, key_id: str, owner: str, **given: bytes) -> Any:
        context = {"praca-data-key-of": owner}
        try:
            return await asyncio.to_thread(
                self._called, call, KeyId=key_id, EncryptionContext=context, **given
            )
        except self._errors.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _REFUSALS:
                raise SealedDataError("a data key that does not belong here") from None
            _log.error("encryption.kms_refused", call=call, error=code)
            raise EncryptionUnavailableError from None
        except self._errors.BotoCoreError as error:
            _log.error("encryption.kms_unreachable", call=call, error=type(error).__name__)
            raise EncryptionUnavailableError from None

    def _called(self, call: str, **arguments: object) -> Any:
        with self._opening:  # made at first use: it takes longer than everything else at a start
            self._client = self._client or self._boto.client("kms", **self._options)
        return getattr(self._client, call)(**arguments)
