import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from praca.platform.errors import ObjectNotFoundError
from praca.platform.objects import ObjectStore
from praca.platform.settings import ObjectSettings

_MIB = 1024 * 1024
_BUCKET = "praca-tests"
_REGION = "us-east-1"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=_REGION,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=_BUCKET)
    client.close()
    yield endpoint
    server.stop()


@pytest.fixture(params=["local", "file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return ObjectStore(ObjectSettings(objects_url=None), tmp_path)
    if request.param == "file":
        return ObjectStore(ObjectSettings(objects_url=f"file://{tmp_path}/files"), tmp_path)
    settings = ObjectSettings(
        objects_url=f"s3://{_BUCKET}/{tmp_path.name}",
        objects_endpoint=request.getfixturevalue("s3_endpoint"),
        objects_region=_REGION,
        objects_access_key_id="key",
        objects_secret_access_key=SecretStr("secret"),
    )
    return ObjectStore(settings, tmp_path)


class _Stream(io.RawIOBase):
    """So many bytes, which never lie in memory together; notes the largest part asked for."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.digest = hashlib.sha256()
        self.largest = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self.largest = max(self.largest, size if size >= 0 else self.left)
        count = self.left if size < 0 else min(size, self.left)
        part = (self.left.to_bytes(8) * (count // 8 + 1))[:count]
        self.left -= count
        self.digest.update(part)
        return part


def test_write_and_read(store: ObjectStore) -> None:
    store.write("a/b.txt", "ação".encode())
    assert store.read("a/b.txt") == "ação".encode()
    assert store.size("a/b.txt") == 6
    store.write("a/b.txt", b"")
    assert store.read("a/b.txt") == b""
    assert store.size("a/b.txt") == 0


def test_a_long_stream_is_uploaded_and_read_in_parts(store: ObjectStore) -> None:
    size = 20 * _MIB + 17
    source = _Stream(size)
    store.upload("big", cast("BinaryIO", source))
    assert source.left == 0
    assert source.largest < size
    assert store.size("big") == size
    digest, total = hashlib.sha256(), 0
    reader = store.open("big")
    while part := bytes(reader.read(_MIB)):
        assert len(part) <= _MIB
        digest.update(part)
        total += len(part)
    reader.close()
    assert total == size
    assert digest.digest() == source.digest.digest()


async def test_stream_yields_the_whole_file(store: ObjectStore) -> None:
    content = bytes(range(256)) * (3 * _MIB // 256)
    store.upload("streamed", io.BytesIO(content))
    assert b"".join([part async for part in store.stream("streamed")]) == content


def test_upload_replaces(store: ObjectStore) -> None:
    store.upload("k", io.BytesIO(b"a longer first content"))
    store.upload("k", io.BytesIO(b"second"))
    assert store.read("k") == b"second"


def test_writer_shows_the_file_at_its_end(store: ObjectStore) -> None:
    part = b"0123456789abcdef" * (_MIB // 16)
    with store.writer("written") as writer:
        for _ in range(10):
            writer.write(part)
        with pytest.raises(ObjectNotFoundError):
            store.size("written")
    assert store.size("written") == 10 * _MIB
    assert store.read("written") == part * 10


def test_copy(store: ObjectStore) -> None:
    store.write("from", b"1")
    store.write("to/there", b"old")
    store.copy("from", "to/there")
    assert store.read("to/there") == store.read("from") == b"1"


def test_delete_is_done_once_and_may_be_said_twice(store: ObjectStore) -> None:
    store.write("gone", b"1")
    store.delete("gone")
    store.delete("gone")
    with pytest.raises(ObjectNotFoundError):
        store.read("gone")


async def test_what_is_missing_is_said_to_be(store: ObjectStore) -> None:
    with pytest.raises(ObjectNotFoundError, match="no/such"):
        store.read("no/such")
    with pytest.raises(ObjectNotFoundError):
        store.size("no/such")
    with pytest.raises(ObjectNotFoundError):
        store.open("no/such")
    with pytest.raises(ObjectNotFoundError):
        _ = [part async for part in store.stream("no/such")]
    with pytest.raises(ObjectNotFoundError):
        store.copy("no/such", "target")


def test_keys_and_read_all_stay_below_their_prefix(store: ObjectStore) -> None:
    files = {"one": b"1", "deep/two": b"2", "três.json": b"3"}
    store.write_all("models/match/1", files)
    store.write("models/match/10", b"not below")
    store.write("models/match2/1", b"nor this")
    assert sorted(store.keys("models/match/1")) == sorted(f"models/match/1/{n}" for n in files)
    assert store.read_all("models/match/1") == files
    assert store.read_all("nothing/here") == {}
