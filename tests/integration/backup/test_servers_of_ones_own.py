"""Two databases and a bucket of one's own, under a key: backed up, lost, and restored."""

import base64
from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from tests.integration.backup.commands import Commands
from tests.integration.cities import create_database, drop_database
from tests.workers import own

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.database import migrate
from praca.platform.metrics.database import DATABASE_READINGS
from praca.platform.resources import open_resources
from praca.platform.settings import Settings

_NAMES = [own(f"praca_tests_{name}") for name in ("old_city", "old_identity", "city", "identity")]
_WEIGHTS = "models/match/1/weights.bin"
_KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture
def urls(migrated_url: str) -> Iterator[list[str]]:
    yield [create_database(migrated_url, name) for name in _NAMES]
    for name in _NAMES:
        drop_database(migrated_url, name)


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """Yield the settings of a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client("s3", endpoint_url=endpoint, **_KEYS)
    client.create_bucket(Bucket="praca")
    client.close()
    yield {
        "PRACA_OBJECTS_ENDPOINT": endpoint,
        "PRACA_OBJECTS_REGION": "us-east-1",
        "PRACA_OBJECTS_ACCESS_KEY_ID": "key",
        "PRACA_OBJECTS_SECRET_ACCESS_KEY": "secret",
    }
    server.stop()


def _place(city: str, identity: str, prefix: str, folder: Path) -> dict[str, str]:
    return {
        "PRACA_DATABASE_URL": city,
        "PRACA_IDENTITY_DATABASE_URL": identity,
        "PRACA_OBJECTS_URL": f"s3://praca/{prefix}",
        "PRACA_DATA_DIR": str(folder),
    }


async def _fill(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    resources = open_resources(Settings.load(), settings["PRACA_DATABASE_URL"], TASK_KINDS)
    await migrate(resources.databases)
    await resources.close()
    resources.objects.write(_WEIGHTS, b"w" * 70_000)
    with psycopg.connect(settings["PRACA_DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO platform.models (name, version, object_key, manifest)"
            " VALUES ('match', 1, 'models/match/1', '{}')"
        )
        # As PostGIS has one: no dump holds it, so it must not be missed after the restore.
        connection.execute("CREATE TABLE public.of_an_extension AS SELECT 1 AS line")
        connection.execute("ALTER EXTENSION plpgsql ADD TABLE public.of_an_extension")
    with psycopg.connect(settings["PRACA_IDENTITY_DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO identity.accounts (username, password_hash, role)"
            " VALUES ('maria', 'x', 'usuario')"
        )


async def test_two_databases_and_a_bucket_come_back(
    praca: Commands,
    urls: list[str],
    bucket: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = {"PRACA_BACKUP_KEY": base64.b64encode(bytes(range(32))).decode()}
    here = bucket | key | _place(urls[0], urls[1], "old", tmp_path / "here")
    there = bucket | key | _place(urls[2], urls[3], "new", tmp_path / "there")
    await _fill(monkeypatch, here)
    out = tmp_path / "backups"
    # What is not of this city, or not all of it, is no backup.
    alone = {name: here[name] for name in here if name != "PRACA_IDENTITY_DATABASE_URL"}
    for wrong, why in (
        (here | {"PRACA_OBJECTS_URL": "s3://praca/other"}, "não há nenhum"),
        (here | {"PRACA_OBJECTS_URL": "s3://none"}, "o armazenamento de arquivos falhou"),
        (alone, "confira PRACA_DATABASE_URL, PRACA_IDENTITY_DATABASE_URL"),
    ):
        refused = praca("backup", "--out", str(out), **wrong)
        assert (refused.returncode, why in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr
    assert list(out.glob("praca-*")) == []

    made = praca("backup", "--out", str(out), **here)
    assert made.returncode == 0, made.stderr
    assert "em 2 banco(s) de dados, 1 arquivos" in made.stdout
    [file] = out.glob("praca-*.tar.sealed")
    # The metric of the last backup knows of this one, although its data folder is another.
    [reading] = [each for each in DATABASE_READINGS if each.name == "backups"]
    with psycopg.connect(urls[0]) as connection:
        [(at,)] = connection.execute(reading.query.encode()).fetchall()
    assert abs(float(at) - file.stat().st_mtime) < 60
    sealed = praca("backup", "verify", str(file), **(there | {"PRACA_BACKUP_KEY": ""}))
    assert (sealed.returncode, "falta PRACA_BACKUP_KEY" in sealed.stderr) == (1, True)
    restored = praca("restore", str(file), **there)
    assert restored.returncode == 0, restored.stderr
    for name, value in there.items():
        monkeypatch.setenv(name, value)
    resources = open_resources(Settings.load(), urls[2], TASK_KINDS)
    assert resources.objects.read(_WEIGHTS) == b"w" * 70_000
    await resources.close()
    with psycopg.connect(urls[3]) as connection:
        assert connection.execute("SELECT username FROM identity.accounts").fetchall() == [
            ("maria",)
        ]
    # Not below the folder's own objects, which nobody asked for.
    assert not (tmp_path / "there" / "objects").exists()
