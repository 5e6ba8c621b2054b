"""One contract for what keeps keys, and what is each one's own."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from praca.platform.encryption import (
    EncryptionUnavailableError,
    KeyEncryption,
    SealedDataError,
    open_key_ring,
)
from praca.platform.settings import Settings

REGION = "sa-east-1"
DATA_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def kms_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def new_kms_key(endpoint: str) -> str:
    client = boto3.client("kms", endpoint_url=endpoint, region_name=REGION)
    try:
        return str(client.create_key()["KeyMetadata"]["KeyId"])
    finally:
        client.close()


def key_text(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.fixture(params=["settings", "development", "kms"])
def keys(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> KeyEncryption:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    if request.param == "settings":
        monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", f"{key_text('k1')},{key_text('k2')}")
    if request.param == "kms":
        request.getfixturevalue("aws")
        endpoint = request.getfixturevalue("kms_endpoint")
        monkeypatch.setenv("PRACA_KMS_KEY_ID", new_kms_key(endpoint))
        monkeypatch.setenv("PRACA_KMS_ENDPOINT", endpoint)
        monkeypatch.setenv("PRACA_KMS_REGION", REGION)
    return open_key_ring(Settings.load())


async def test_a_data_key_comes_back_and_is_not_in_what_is_kept(keys: KeyEncryption) -> None:
    wrapped = await keys.wrap(DATA_KEY, "account 7")
    assert DATA_KEY not in wrapped
    assert await keys.unwrap(wrapped, keys.current, "account 7") == DATA_KEY
    assert keys.knows(keys.current)


async def test_a_data_key_is_its_owners(keys: KeyEncryption) -> None:
    wrapped = await keys.wrap(DATA_KEY, "account 7")
    with pytest.raises(SealedDataError):
        await keys.unwrap(wrapped, keys.current, "account 8")


async def test_a_changed_data_key_is_noticed(keys: KeyEncryption) -> None:
    wrapped = bytearray(await keys.wrap(DATA_KEY, "account 7"))
    wrapped[-1] ^= 1
    with pytest.raises(SealedDataError):
        await keys.unwrap(bytes(wrapped), keys.current, "account 7")


async def test_a_key_that_nobody_knows_is_told(keys: KeyEncryption) -> None:
    wrapped = await keys.wrap(DATA_KEY, "account 7")
    assert not keys.knows("other")
    with pytest.raises(EncryptionUnavailableError):
        await keys.unwrap(wrapped, "other", "account 7")


async def test_keys_move_from_the_settings_to_a_service(
    monkeypatch: pytest.MonkeyPatch, kms_endpoint: str, aws: None
) -> None:
    del aws
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", key_text("k1"))
    wrapped = await open_key_ring(Settings.load()).wrap(DATA_KEY, "account 7")
    monkeypatch.setenv("PRACA_KMS_KEY_ID", new_kms_key(kms_endpoint))
    monkeypatch.setenv("PRACA_KMS_ENDPOINT", kms_endpoint)
    monkeypatch.setenv("PRACA_KMS_REGION", REGION)
    both = open_key_ring(Settings.load())
    assert both.current.startswith("kms:")
    assert await both.unwrap(wrapped, "k1", "account 7") == DATA_KEY


async def test_a_service_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, aws: None
) -> None:
    del aws
    monkeypatch.setenv("PRACA_KMS_KEY_ID", "alias/praca")
    monkeypatch.setenv("PRACA_KMS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("PRACA_KMS_REGION", REGION)
    with pytest.raises(EncryptionUnavailableError):
        await open_key_ring(Settings.load()).wrap(DATA_KEY, "account 7")


async def test_the_key_of_development_is_kept_for_the_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    wrapped = await open_key_ring(Settings.load()).wrap(DATA_KEY, "account 7")
    again = open_key_ring(Settings.load())
    assert await again.unwrap(wrapped, again.current, "account 7") == DATA_KEY
    assert (tmp_path / "encryption-key").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", key_text("k1"))
    later = open_key_ring(Settings.load())
    assert later.current == "k1"
    assert await later.unwrap(wrapped, again.current, "account 7") == DATA_KEY
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", "x" * 32)
    assert not open_key_ring(Settings.load()).knows(again.current)
