"""What lies in the tables and in the store, read without our own code."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from tests.integration.wallet_documents import uploads
from tests.integration.wallet_documents.conftest import Keep

from praca.entrypoints.api import create_app
from praca.identity import Role, Subject
from praca.platform.encryption import EncryptionUnavailableError, SealedDataError, open_key_ring
from praca.platform.encryption.adapters.settings_keys import SettingsKeys
from praca.platform.objects import ObjectStore
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.wallet.documents import key_repository
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.errors import DocumentConflictError
from praca.wallet.documents.inspection import Inspected
from praca.wallet.documents.objects import FILE as FILE_PART
from praca.wallet.documents.objects import THUMBNAIL as THUMBNAIL_PART
from praca.wallet.documents.objects import DocumentObjects
from praca.wallet.documents.personal_data import DocumentsHolder
from praca.wallet.documents.room import open_documents
from praca.wallet.documents.rotation import rotate

Account = dict[str, Any]
FILE = Inspected("image/png", b"file", b"thumbnail")
TABLES = (
    "data_keys",
    "documents",
    "document_shares",
    "document_share_views",
    "document_reminders",
    "loose_objects",
)


@pytest.fixture
def rows(city_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        yield connection


def everything(rows: psycopg.Connection[Any], folder: Path) -> bytes:
    """All that is kept, tables and files, as somebody with a copy has it."""
    found = b""
    for table in TABLES:
        for (row,) in rows.execute(f"SELECT t::text FROM wallet.{table} t".encode()):
            # Bytes are shown in hexadecimal: look into them, too.
            found += row.encode()
            for part in row.replace('"', ",").replace("\\\\x", "\\x").split(","):
                if part.startswith("\\x"):
                    found += bytes.fromhex(part.removeprefix("\\x"))
    for path in folder.rglob("*"):
        found += path.name.encode() + (path.read_bytes() if path.is_file() else b"")
    return found


async def test_a_copy_of_tables_and_files_tells_nothing(
    client: httpx.AsyncClient,
    ana: Account,
    keep: Keep,
    rows: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    secret = "SEGREDO-91XZ"
    pdf = uploads.pdf(secret)
    document = await keep(
        ana,
        pdf,
        document_number=secret,
        holder_name=secret,
        issued_by=secret,
        issued_on="1987-06-05",
    )
    one = f"/api/v1/documents/{document['id']}"
    await client.put(one, json={"file_name": f"{secret}.pdf"}, headers=ana["headers"])
    plain = await keep(ana, file_path=f"/{secret}")
    assert plain["file_path"] == f"/{secret}"
    kept = everything(rows, tmp_path)
    assert len(kept) > len(pdf)
    assert b"RG" in kept  # types are in the plain: the search itself finds what is there
    for clue in (secret.encode(), b"1987-06-05", b"%PDF", b"JFIF", pdf[20:40]):
        assert clue not in kept, clue
    file = await client.get(f"{one}/file", headers=ana["headers"])
    assert file.content == pdf
    assert f"{secret}.pdf" in file.headers["Content-Disposition"]


async def opens(resources: Resources, document: dict[str, Any], owner: Account, what: str) -> bool:
    """Tell whether the owner's document, or its file, can be read; through HTTP it is a 500."""
    service = open_documents(resources).documents
    subject = Subject(owner["id"], owner["username"], Role.USUARIO, None)
    try:
        if what == "fields":
            await service.read(subject, document["id"])
        else:
            await service.read_file(subject, document["id"], what)
    except SealedDataError:
        return False
    return True


async def test_what_is_moved_to_another_place_does_not_open(
    ana: Account, bia: Account, keep: Keep, resources: Resources, rows: psycopg.Connection[Any]
) -> None:
    first = await keep(ana, uploads.png(), holder_name="Ana", document_number="1")
    second = await keep(ana, holder_name="Ana", document_number="2")
    others = await keep(bia, uploads.png(), holder_name="Bia", document_number="3")

    def swap(column: str, one: int, other: int) -> None:
        rows.execute(
            f"UPDATE wallet.documents d SET {column} = s.{column} FROM wallet.documents s"
            " WHERE (d.id, s.id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))".encode(),
            {"a": one, "b": other},
        )

    for column in ("document_number", "holder_name"):
        for other, owner in ((second, ana), (others, bia)):
            swap(column, first["id"], other["id"])
            assert not await opens(resources, first, ana, "fields")
            assert not await opens(resources, other, owner, "fields")
            swap(column, first["id"], other["id"])
            assert await opens(resources, first, ana, "fields")
            assert await opens(resources, other, owner, "fields")
    rows.execute("UPDATE wallet.documents SET issued_by = holder_name WHERE id = %s", [first["id"]])
    assert not await opens(resources, first, ana, "fields")
    rows.execute("UPDATE wallet.documents SET issued_by = NULL WHERE id = %s", [first["id"]])
    rows.execute("UPDATE wallet.documents SET user_id = %s WHERE id = %s", [bia["id"], first["id"]])
    assert not await opens(resources, first, bia, "fields")
    assert not await opens(resources, first, bia, FILE_PART)
    assert await opens(resources, others, bia, FILE_PART)


async def test_files_that_are_swapped_in_the_store_do_not_open(
    ana: Account, keep: Keep, resources: Resources, tmp_path: Path
) -> None:
    document = await keep(ana, uploads.png())
    await keep(ana, uploads.png())
    files = sorted((tmp_path / "objects/documents").iterdir())
    kept = {path: path.read_bytes() for path in files}
    for what in (FILE_PART, THUMBNAIL_PART):
        assert await opens(resources, document, ana, what)
    for path, other in zip(files, [*files[1:], files[0]], strict=True):
        path.write_bytes(kept[other])
    for what in (FILE_PART, THUMBNAIL_PART):
        assert not await opens(resources, document, ana, what)


def key_text(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


KEYS = [key_text(name) for name in ("k1", "k2")]


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", KEYS[0])
    return Settings.load()


def with_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> Settings:
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", ",".join(keys))
    return Settings.load()


@pytest_asyncio.fixture
async def restarted(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The server after a restart with the new key alone."""
    settings = with_keys(monkeypatch, KEYS[1])
    new = replace(resources, settings=settings, encryption=open_key_ring(settings))
    transport = httpx.ASGITransport(app=create_app(settings, new), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


class KilledError(Exception):
    pass


async def test_keys_are_rotated_in_use_stopped_half_way_and_run_again(
    client: httpx.AsyncClient,
    restarted: httpx.AsyncClient,
    resources: Resources,
    ana: Account,
    keep: Keep,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = await keep(ana, uploads.png())
    one = f"/api/v1/documents/{document['id']}"
    city = resources.databases.city
    keys = DataKeys(city, resources.encryption)
    for account_id in range(1001, 1008):
        await keys.require(account_id)
    assert (await restarted.get(one, headers=ana["headers"])).status_code == 503
    both = open_key_ring(with_keys(monkeypatch, KEYS[1], KEYS[0]))

    def die(count: int) -> None:
        assert count <= 3
        raise KilledError

    with pytest.raises(KilledError):
        await rotate(city, both, die, batch=3)
    async with city.read() as session:
        assert await key_repository.count_by_name(session) == {"k1": 5, "k2": 3}
    # Whoever knows both keys goes on in between.
    in_between = DataKeys(city, both)
    for account_id in range(1001, 1008):
        assert await in_between.find(account_id) is not None
    steps: list[int] = []
    done = await rotate(city, both, steps.append, batch=3)
    assert (done.count, done.current, steps) == (5, "k2", [3, 5])
    assert (await rotate(city, both, steps.append)).count == 0
    answer = await restarted.get(f"{one}/file", headers=ana["headers"])
    assert answer.status_code == 200
    assert (await client.get(one, headers=ana["headers"])).status_code == 503  # knows k1 only


async def test_rotation_stops_at_a_key_that_is_gone_and_loses_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = resources.databases.city
    await DataKeys(city, resources.encryption).require(1001)
    only_new = open_key_ring(with_keys(monkeypatch, KEYS[1]))
    with pytest.raises(EncryptionUnavailableError):
        await rotate(city, only_new, lambda _: None)
    assert await DataKeys(city, resources.encryption).find(1001) is not None


async def test_a_data_key_in_another_accounts_row_does_not_open(
    resources: Resources, rows: psycopg.Connection[Any]
) -> None:
    keys = DataKeys(resources.databases.city, resources.encryption)
    await keys.require(1001)
    await keys.require(1002)
    rows.execute(
        "UPDATE wallet.data_keys SET wrapped = (SELECT wrapped FROM wallet.data_keys"
        " WHERE account_id = 1001) WHERE account_id = 1002"
    )
    with pytest.raises(SealedDataError):
        await keys.find(1002)


async def test_two_who_make_the_first_key_at_once_use_the_same(resources: Resources) -> None:
    city = resources.databases.city
    found = await asyncio.gather(
        *(DataKeys(city, resources.encryption).require(1001) for _ in range(8))
    )
    sealed = found[0].seal(b"x", "here")
    assert [key.open(sealed, "here") for key in found] == [b"x"] * 8


async def test_erasure_leaves_nothing_and_no_copy_opens(
    client: httpx.AsyncClient,
    ana: Account,
    bia: Account,
    keep: Keep,
    resources: Resources,
    rows: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    document = await keep(ana, uploads.png(), holder_name="Ana")
    await keep(bia, uploads.png())
    made = await client.post(
        f"/documents/{document['id']}/shares",
        json={"fields": ["holder_name"]},
        headers=ana["headers"],
    )
    await client.get(made.json()["url"])
    holder = DocumentsHolder(resources)
    exported: Any = await holder.export(ana["id"])
    assert exported["documentos"] == [document]
    (share,) = exported["compartilhamentos"]
    assert (share["documento"], share["campos"]) == (document["id"], ["holder_name"])
    assert [view["rede"] for view in share["aberto"]] == ["127.0.0.0/24"]
    for _ in range(2):
        await holder.erase(ana["id"])
        left = {
            table: rows.execute(f"SELECT count(*) FROM wallet.{table}".encode()) for table in TABLES
        }
        assert {table: counted.fetchone() for table, counted in left.items()} == {
            **dict.fromkeys(TABLES, (0,)),
            "data_keys": (2,),
            "documents": (1,),
        }
        mark = rows.execute(
            "SELECT wrapped, key_name FROM wallet.data_keys WHERE account_id = %s", [ana["id"]]
        )
        assert mark.fetchone() == (None, "")
        assert len(list((tmp_path / "objects/documents").iterdir())) == 2  # Bia's
    assert await holder.export(ana["id"]) == {"documentos": [], "compartilhamentos": []}
    # A request that was under way cannot bring anything back.
    late = await client.post(
        "/documents",
        json={"document_type": "RG", "document_number": "1"},
        headers=ana["headers"],
    )
    assert (late.status_code, late.json()["code"]) == (409, "document_conflict")
    assert (await client.get(made.json()["url"])).status_code == 404


async def test_who_never_kept_a_document_is_erased_too(resources: Resources) -> None:
    holder = DocumentsHolder(resources)
    assert await holder.export(1001) == {"documentos": [], "compartilhamentos": []}
    await holder.erase(1001)
    with pytest.raises(DocumentConflictError):
        await DataKeys(resources.databases.city, resources.encryption).require(1001)


class Broken(ObjectStore):
    """A store that takes and gives, but removes nothing."""

    def delete(self, key: str) -> None:
        raise OSError(key)


async def test_objects_that_nobody_has_are_swept_and_others_are_not(
    client: httpx.AsyncClient, ana: Account, keep: Keep, resources: Resources, tmp_path: Path
) -> None:
    document = await keep(ana, uploads.png())
    city = resources.databases.city
    objects = DocumentObjects(city, resources.objects)
    key = await DataKeys(city, resources.encryption).require(ana["id"])
    await objects.put(key, ana["id"], document["id"], FILE)  # whoever did this died here
    folder = tmp_path / "objects/documents"
    assert len(list(folder.iterdir())) == 4
    assert await objects.sweep() == 0  # it may be an upload that is still under way
    assert await objects.sweep(older_than_s=0) == 1
    assert len(list(folder.iterdir())) == 2
    assert await objects.sweep(older_than_s=0) == 0
    file = await client.get(document["file_path"], headers=ana["headers"])
    assert file.status_code == 200


async def test_an_object_that_could_not_be_removed_is_removed_later(
    ana: Account, keep: Keep, resources: Resources, settings: Settings, tmp_path: Path
) -> None:
    await keep(ana, uploads.png())
    broken = replace(resources, objects=Broken(settings.objects, settings.data_dir))
    await DocumentsHolder(broken).erase(ana["id"])
    folder = tmp_path / "objects/documents"
    assert len(list(folder.iterdir())) == 2
    objects = DocumentObjects(resources.databases.city, resources.objects)
    assert await objects.sweep(older_than_s=0) == 1
    assert list(folder.iterdir()) == []


def test_keys_in_the_settings_wrap_with_the_first() -> None:
    keys = SettingsKeys({"new": bytes(32), "old": bytes([1] * 32)})
    assert keys.current == "new"
    assert keys.knows("old")
