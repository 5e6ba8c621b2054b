"""A city is backed up while people use it, and comes back from the file in an empty folder."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import typer
from tests.e2e.running import short_folder
from tests.integration.backup.commands import Commands
from tests.integration.cities import create_database, drop_database
from tests.integration.wallet_documents import uploads
from tests.workers import own

from praca.entrypoints.api import create_app
from praca.entrypoints.backups import contents_of, read_erasures
from praca.entrypoints.cli.runtime import held_database
from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.backup.errors import BackupError, BrokenBackupError, RestoreError
from praca.platform.backup.making import Made, make_backup
from praca.platform.backup.reading import verify_backup
from praca.platform.backup.restoring import Target, restore
from praca.platform.embedded import EmbeddedPostgres
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.wallet.ledger.verify import verify

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Client = httpx.AsyncClient
_API = "/api/v1"
_PASSWORD = "Segredo-forte-9"
_ERASED = 31999


def _quiet(*_: object) -> None:
    pass


async def _ok(answer: Awaitable[httpx.Response]) -> Any:
    found = await answer
    assert found.is_success, found.text
    return found.json() if found.content else None


async def _sign_in(client: Client, name: str) -> httpx.Response:
    form = {"username": name, "password": _PASSWORD}
    return await client.post(f"{_API}/auth/login", data=form)


@dataclass
class Life:
    """What two people have in the city, and the city's marks of it."""

    maria: dict[str, Any]
    joao: dict[str, Any]
    refresh_token: str
    card: str
    document: int
    file: bytes
    share: str


async def _live(client: Client, make_account: MakeAccount, resources: Resources) -> Life:
    maria, joao = await make_account("maria"), await make_account("joao")
    kept = [await _keep(client, owner) for owner in (maria, joao)]
    shared = await _ok(
        client.post(
            f"{_API}/documents/{kept[0]}/shares",
            json={"fields": ["document_type"]},
            headers=maria["headers"],
        )
    )
    card = await _ok(client.post(f"{_API}/transport-card/", headers=maria["headers"]))
    number = str(card["card_number"])
    await _recharge(client, maria, number, 2500)
    signed_in = (await _sign_in(client, "maria")).json()
    resources.objects.write("models/match/1/weights.bin", os.urandom(70_000))
    async with resources.databases.city.write() as session:
        await resources.tasks.enqueue(session, "identity.send_notice", {"notice_id": "0"})
    with psycopg.connect(resources.databases.city.dsn) as connection:
        connection.execute(
            "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas) VALUES (%s, '{}')",
            [_ERASED],
        )
    file = await client.get(f"{_API}/documents/{kept[0]}/file", headers=maria["headers"])
    assert file.is_success
    return Life(
        *(maria, joao, signed_in["refresh_token"], number, kept[0], file.content),
        share=shared["url"].rsplit("token=", 1)[1],
    )


async def _keep(client: Client, owner: dict[str, Any]) -> int:
    fields = {"document_type": "RG", "document_number": "12.345"}
    upload = client.post(
        f"{_API}/documents/upload",
        data=fields,
        files={"file": ("rg.jpg", uploads.jpeg())},
        headers=owner["headers"],
    )
    return int((await _ok(upload))["id"])


async def _recharge(client: Client, owner: dict[str, Any], card: str, amount: int) -> None:
    url = f"{_API}/transport-card/{card}/recharge"
    await _ok(client.post(url, json={"amount": amount}, headers=owner["headers"]))


async def _backed_up(
    client: Client, resources: Resources, life: Life, folder: Path
) -> tuple[Made, int]:
    """Back up while one card is recharged all the time; return how often it was."""
    contents = contents_of(resources.settings, resources.databases.city.dsn)
    making = asyncio.create_task(asyncio.to_thread(make_backup, contents, folder, _quiet))
    count = 0
    while not making.done():
        await _recharge(client, life.maria, life.card, 100)
        count += 1
    return await making, count


@asynccontextmanager
async def _city_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Yield a client of the city in a folder, and its resources."""
    monkeypatch.setenv("PRACA_DATA_DIR", str(folder))
    settings = Settings.load()
    with EmbeddedPostgres(folder) as server:
        resources = open_resources(settings, server.url, TASK_KINDS)
        transport = httpx.ASGITransport(app=create_app(settings, resources))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield client, resources
        finally:
            await resources.close()


def _erasures(praca: Commands, dsn: str, path: Path) -> Path:
    done = praca("backup", "erasures", "--out", str(path), PRACA_DATABASE_URL=dsn)
    assert done.returncode == 0, done.stderr
    assert "1 contas e 1 candidatos" in done.stdout
    return path


@pytest.fixture
def nobody_was_erased(city_dsn: str) -> None:
    """The audit of other tests outlives them, and the list of the erased is made of it."""
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        for schema in (b"platform", b"identity"):
            connection.execute(b"ALTER TABLE %s.audit_log DISABLE TRIGGER USER" % schema)
            connection.execute(b"DELETE FROM %s.audit_log" % schema)
            connection.execute(b"ALTER TABLE %s.audit_log ENABLE TRIGGER USER" % schema)


@pytest.mark.usefixtures("nobody_was_erased")
async def test_a_city_comes_back_in_an_empty_folder(
    praca: Commands,
    client: Client,
    make_account: MakeAccount,
    resources: Resources,
    city_dsn: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = await _live(client, make_account, resources)
    heads = tmp_path / "heads.json"
    assert (await verify(resources.databases.city, heads=heads)).is_good
    made, count = await _backed_up(client, resources, life, tmp_path / "backups")
    assert count > 1
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in made.path.parent.iterdir()) == [
        ".praca-backup.lock",
        made.path.name,
    ]

    # What happens after the backup: two people are erased, a share is ended, somebody comes.
    await _ok(client.delete(f"{_API}/users/me", headers=life.joao["headers"]))
    admin = await make_account("chefe", role="admin")
    await _ok(client.delete(f"{_API}/candidatos/{_ERASED}", headers=admin["headers"]))
    erasures = _erasures(praca, city_dsn, tmp_path / "erasures.json")
    assert "maria" not in erasures.read_text()

    with short_folder() as folder:
        there = folder / "new"
        restored = praca(
            *("restore", str(made.path), "--data-dir", str(there)), *("--erasures", str(erasures))
        )
        assert restored.returncode == 0, restored.stderr
        assert "Apagados de novo: 1 contas e 1 candidatos" in restored.stdout
        assert not (there / "restoring").exists()
        async with _city_in(there, monkeypatch) as (again, its):
            await _check_city(again, its, life, made, count)
            await _check_forgotten(again, its, life, admin)
            checked = praca("ledger", "verify", "--data-dir", str(there), "--heads", str(heads))
            assert (checked.returncode, "Tudo certo." in checked.stdout) == (0, True)


async def _check_city(
    client: Client, resources: Resources, life: Life, made: Made, count: int
) -> None:
    """What was there is there again, of one moment."""
    token = (await _sign_in(client, "maria")).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    file = await client.get(f"{_API}/documents/{life.document}/file", headers=headers)
    assert file.content == life.file
    balance = await _ok(client.get(f"{_API}/transport-card/{life.card}/balance", headers=headers))
    assert 2500 <= balance <= 2500 + 100 * count
    before = made.manifest.databases["city"].rows
    async with resources.databases.city.engine.connect() as connection:
        for table in ("wallet.entries", "wallet.transfers"):
            found = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
            assert found.scalar_one() == before[table] > 0
    assert len(resources.objects.read("models/match/1/weights.bin")) == 70_000


async def _check_forgotten(
    client: Client, resources: Resources, life: Life, admin: dict[str, Any]
) -> None:
    """Who was erased is gone again, and nothing that was ended goes on."""
    assert (await _sign_in(client, "joao")).status_code == 401
    refreshed = await client.post(
        f"{_API}/auth/refresh", json={"refresh_token": life.refresh_token}
    )
    assert refreshed.status_code == 401
    for stranger in (life.maria, admin):  # a token of before, and one of an account that is not
        own_data = await client.get(f"{_API}/users/me/export", headers=stranger["headers"])
        assert own_data.status_code == 401
    shared = await client.get(f"{_API}/shared-documents", params={"token": life.share})
    assert shared.status_code in {404, 410}
    city = resources.databases.city.dsn
    with psycopg.connect(city) as connection:
        kinds = connection.execute(
            "SELECT status FROM platform.task_runs WHERE kind = 'identity.send_notice'"
        ).fetchall()
        assert kinds == [("cancelled",)]
        ids = connection.execute(
            "SELECT max(id), nextval(pg_get_serial_sequence('identity.accounts', 'id'))"
            " FROM identity.accounts"
        ).fetchone()
        assert ids is not None
        assert ids[1] > ids[0] + 1_000_000
        owners = connection.execute("SELECT user_id FROM wallet.documents").fetchall()
        assert owners == [(life.maria["id"],)]
        assert connection.execute("SELECT count(*) FROM jobs.candidates").fetchone() == (0,)
        erased = read_erasures(connection, connection)
    assert (list(erased.accounts), list(erased.candidates)) == ([life.joao["id"]], [_ERASED])
    # A file and a thumbnail of Maria's, and nobody else's.
    assert len(list(resources.objects.keys("documents"))) == 2


@pytest.fixture
def empty_database(city_dsn: str) -> Iterator[str]:
    name = own("praca_tests_restored")
    yield create_database(city_dsn, name)
    drop_database(city_dsn, name)


async def test_neither_backup_nor_restore_leaves_half_of_something(
    praca: Commands, resources: Resources, city_dsn: str, empty_database: str, tmp_path: Path
) -> None:
    resources.objects.write("models/match/1/weights.bin", b"w" * 9)
    backups, there = tmp_path / "backups", tmp_path / "there"
    here = {"PRACA_DATABASE_URL": city_dsn, "PRACA_DATA_DIR": str(resources.settings.data_dir)}
    assert praca.killed("backup", "--out", str(backups), **here).returncode == -9
    assert [path.suffix for path in backups.glob("praca-*")] == [".part"]

    contents = contents_of(resources.settings, city_dsn)
    made = await asyncio.to_thread(make_backup, contents, backups, _quiet)
    assert list(backups.glob("praca-*")) == [made.path]

    to = {"PRACA_DATABASE_URL": empty_database, "PRACA_DATA_DIR": str(there)}
    assert praca.killed("restore", str(made.path), **to).returncode == -9
    with psycopg.connect(empty_database) as connection:
        found = connection.execute("SELECT to_regclass('platform.alembic_version')").fetchone()
    assert found == (None,)
    refused = praca("restore", str(made.path), **to)
    assert (refused.returncode, "foi interrompida" in refused.stderr) == (1, True)
    verified = verify_backup(made.path, None, _quiet)
    urls = {"city": empty_database}
    refusing = Target(there, urls, None, {"city": "SELECT 1 / 0;"})
    with pytest.raises(RestoreError, match="division by zero"):
        restore(made.path, None, verified, refusing, _quiet)
    # Whatever was loaded before that is gone: the next one finds an empty database.
    elsewhere = {**to, "PRACA_DATA_DIR": str(tmp_path / "elsewhere")}
    restored = praca("restore", str(made.path), **elsewhere)
    assert restored.returncode == 0, restored.stderr
    assert "Sem --erasures" in restored.stdout
    for target, why in (
        (Target(there, urls, None, {}), "banco de dados .* não está vazio"),
        (Target(there, {"city": city_dsn, "identity": city_dsn}, None, {}), "uma base só"),
    ):
        with pytest.raises(RestoreError, match=why):
            restore(made.path, None, verified, target, _quiet)


async def test_what_is_wrong_with_a_backup_is_found_before_anything_is_written(
    praca: Commands,
    resources: Resources,
    city_dsn: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = contents_of(resources.settings, city_dsn)
    made = await asyncio.to_thread(make_backup, contents, tmp_path, _quiet)
    assert verify_backup(made.path, None, _quiet).entries > 100
    content = bytearray(made.path.read_bytes())
    content[5000] ^= 1  # in the dump
    made.path.write_bytes(content)
    with pytest.raises(BrokenBackupError):
        verify_backup(made.path, None, _quiet)
    there = tmp_path / "there"
    monkeypatch.setenv("PRACA_DATA_DIR", str(there))
    refused = praca("restore", str(made.path), PRACA_DATA_DIR=str(there))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert not there.exists()
    nowhere = contents_of(resources.settings, f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(BackupError, match="não responde"):
        make_backup(nowhere, tmp_path / "other", _quiet)
    assert list((tmp_path / "other").glob("praca-*")) == []
    with pytest.raises(BackupError, match="não pôde ser escrito"):
        make_backup(contents, made.path, _quiet)  # no folder
    (there / "restoring").parent.mkdir()
    (there / "restoring").touch()
    with pytest.raises(typer.Exit), held_database(Settings.load()):
        pass
