"""What a backup of the whole city holds, put together from what the rooms know."""

import hashlib
import hmac
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import psycopg

from praca.identity.personal_data.repository import ERASED_ACCOUNTS
from praca.jobs.erasure.repository import ERASED_CODES
from praca.kit.clock import utc_now
from praca.platform.backup.errors import BackupError
from praca.platform.backup.making import Contents
from praca.platform.backup.manifest import Erasures, Manifest
from praca.platform.backup.reading import FILE_NAMES
from praca.platform.database import sqlalchemy_url
from praca.platform.objects import ObjectStore, objects_address
from praca.platform.settings import Settings
from praca.wallet.documents.key_repository import COUNT_BY_NAME

__all__ = ["check_place", "contents_of", "identity_url", "missing_secrets", "read_erasures"]

_PURPOSE: Final = b"praca backup: which secret"
_SIGNING: Final = "PRACA_SECRET_KEY"
_KEY: Final = "PRACA_ENCRYPTION_KEYS:"
_KMS: Final = "kms:"
_DEVELOPMENT: Final = "development"
_NAMED_FILES: Final = """
SELECT 'documents/[0-9a-f]+', count(*) FROM wallet.documents WHERE object_id IS NOT NULL
UNION ALL SELECT 'models/.+', count(*) FROM platform.models
"""
"""A model has several files: that there is one at all is what can be told."""


def identity_url(settings: Settings, city_url: str) -> str | None:
    """Return the address of the accounts' database, if it is not the city's."""
    given = settings.database.identity_database_url
    url = None if given is None else given.get_secret_value()
    return None if url is None or sqlalchemy_url(url) == sqlalchemy_url(city_url) else url


def contents_of(settings: Settings, city_url: str) -> Contents:
    """Return what a backup of the city holds."""
    return Contents(
        city_url=city_url,
        identity_url=identity_url(settings, city_url),
        objects=ObjectStore(settings.objects, settings.data_dir),
        files=_files(settings),
        key_names=_key_names,
        erasures=read_erasures,
        named_files=_named_files,
        fingerprints=_fingerprints(settings),
        key=settings.backup.key,
    )


def _files(settings: Settings) -> tuple[Path, ...]:
    """Return what is to be kept of the data folder: in production no secret is there."""
    if settings.is_production:
        return ()
    paths = (settings.data_dir / name for name in FILE_NAMES)
    return tuple(path for path in paths if path.is_file())


def check_place(settings: Settings, folder: Path) -> None:
    """Refuse to write backups among the files that they hold: each would hold those before it.

    Raises:
        BackupError: the folder is in the store of files.
    """
    address = urlsplit(objects_address(settings.objects, settings.data_dir))
    if address.scheme == "file" and folder.resolve().is_relative_to(unquote(address.path)):
        raise BackupError(f"{folder} está dentro do armazenamento de arquivos; escolha outra pasta")


def _named_files(city: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(city.execute(_NAMED_FILES).fetchall())


def _key_names(city: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(city.execute(COUNT_BY_NAME).fetchall())


def read_erasures(city: psycopg.Connection[Any], identity: psycopg.Connection[Any]) -> Erasures:
    """Return who has been erased, by the databases."""
    return Erasures(
        at=utc_now(),
        accounts=dict(identity.execute(ERASED_ACCOUNTS).fetchall()),
        candidates=dict(city.execute(ERASED_CODES).fetchall()),
    )


def _fingerprints(settings: Settings) -> dict[str, str]:
    """Return a mark of each secret in the settings, by which the same one is known again."""
    found = {f"{_KEY}{name}": key for name, key in settings.encryption.keys.items()}
    if settings.core.secret_key is not None:
        found[_SIGNING] = settings.core.secret_key.get_secret_value().encode()
    return {name: _mark(secret) for name, secret in found.items()}


def _mark(secret: bytes) -> str:
    return hmac.digest(secret, _PURPOSE, hashlib.sha256)[:8].hex()


def missing_secrets(settings: Settings, manifest: Manifest) -> tuple[list[str], list[str]]:
    """Return which secrets the restored city would lack.

    Returns:
        The keys without which documents do not open, and what else is another than it was.
    """
    here = _fingerprints(settings)
    keys = [
        name
        for name in manifest.key_names
        if not _has_key(settings, manifest, name, here.get(f"{_KEY}{name}"))
    ]
    wanted = manifest.fingerprints.get(_SIGNING)
    is_other = wanted is not None and here.get(_SIGNING) != wanted
    return keys, [_SIGNING] if is_other else []


def _has_key(settings: Settings, manifest: Manifest, name: str, mark: str | None) -> bool:
    if name.startswith(_KMS):
        return settings.encryption.kms_key_id is not None
    if name == _DEVELOPMENT and mark is None:
        return not settings.is_production and "encryption-key" in manifest.files
    return mark is not None and mark == manifest.fingerprints.get(f"{_KEY}{name}", mark)
