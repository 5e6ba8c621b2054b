"""The commands, each as a process, on one migrated database."""

import gzip
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.e2e.running import praca, served

from praca.jobs.sample import SampleCity, write_sample_files
from praca.platform.database import sqlalchemy_url

_SAMPLE = SampleCity(candidates=60, vacancies=36)
_PASSWORD = "Praia-grande-7"


@dataclass(frozen=True)
class Shell:
    """A data folder and a database to run commands on."""

    folder: Path
    address: str

    @property
    def settings(self) -> dict[str, str]:
        return {"PRACA_DATA_DIR": str(self.folder), "PRACA_DATABASE_URL": self.address}

    def run(self, *arguments: str, standard_input: str = "") -> tuple[int, str, str]:
        """Run a command; none ever shows a traceback."""
        done = praca(*arguments, standard_input=standard_input, **self.settings)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    def succeed(self, *arguments: str, standard_input: str = "") -> str:
        code, output, errors = self.run(*arguments, standard_input=standard_input)
        assert code == 0, errors
        return output

    def refuse(self, *arguments: str, standard_input: str = "") -> str:
        code, _, errors = self.run(*arguments, standard_input=standard_input)
        assert code == 1, errors
        return errors

    def uploads(self) -> list[Path]:
        """Return the copies of imported files that are left in the store."""
        found = (self.folder / "objects" / "imports").rglob("*")
        return [path for path in found if path.is_file()]

    def count(self, table: str) -> int:
        with psycopg.connect(self.address) as connection:
            row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def shell(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A database of its own, migrated by the command."""
    name = f"praca_tests_commands_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = sqlalchemy_url(server_url).set(drivername="postgresql", database=name)
        address = url.render_as_string(hide_password=False)
        made = Shell(tmp_path_factory.mktemp("commands"), address)
        made.succeed("migrate")
        yield made
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample_files(_SAMPLE, folder)
    return folder


def test_migrating_again_changes_nothing(shell: Shell) -> None:
    assert "atualizado" in shell.succeed("migrate")


def test_a_database_newer_than_the_release_is_refused(shell: Shell) -> None:
    with psycopg.connect(shell.address, autocommit=True) as connection:
        before = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
        connection.execute("UPDATE platform.alembic_version SET version_num = '9999_later'")
        try:
            errors = shell.refuse("migrate")
        finally:
            connection.execute("UPDATE platform.alembic_version SET version_num = %s", before)
    assert "9999_later" in errors
    assert "newer release" in errors


def test_an_administrator_is_created_once_and_signs_in(shell: Shell) -> None:
    create = ("create-admin", "prefeita", "--password-stdin")
    assert "prefeita" in shell.succeed(*create, standard_input=f"{_PASSWORD}\n")
    assert shell.refuse(*create, standard_input=f"{_PASSWORD}\n")
    assert shell.count("identity.accounts WHERE username = 'prefeita'") == 1
    with served(shell.settings) as api:
        form = {"username": "prefeita", "password": _PASSWORD}
        assert api.client.post("/auth/login", data=form).status_code == 200


def test_a_weak_password_is_refused(shell: Shell) -> None:
    errors = shell.refuse("create-admin", "fraca", "--password-stdin", standard_input="12345678\n")
    assert "senha" in errors
    assert shell.count("identity.accounts WHERE username = 'fraca'") == 0


def test_a_made_password_is_shown(shell: Shell) -> None:
    assert "Senha" in shell.succeed("create-admin", "vice")


def test_sample_data_are_the_same_twice(tmp_path: Path) -> None:
    written = []
    for name in ("first", "second"):
        done = praca("sample-data", "--candidates", "50", "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert written[0] == written[1]
    assert sorted(written[0]) == ["applicants.json", "prospects.json", "vagas.json"]
    assert len(json.loads(written[0]["applicants.json"])) == 50


def test_files_are_imported_trained_on_and_ranked_by(shell: Shell, sample: Path) -> None:
    packed = sample / "vagas.json.gz"
    packed.write_bytes(gzip.compress((sample / "vagas.json").read_bytes()))
    report = _report(shell, "candidatos", sample / "applicants.json")
    assert (report["read"], report["inserted"]) == (60, 60)
    assert _report(shell, "vagas", packed)["inserted"] == 36
    prospects = _report(shell, "prospects", sample / "prospects.json")
    assert prospects["inserted"] == shell.count("jobs.prospects") > 0
    assert _report(shell, "vagas", packed)["unchanged"] == 36
    assert shell.uploads() == []

    trained = json.loads(shell.succeed("train", "match"))
    assert (trained["model"], trained["version"]) == ("match", 1)

    assert "sim" in shell.succeed("models", "list")
    assert "mrr" in shell.succeed("models", "show", "match")
    assert "a versão 1 responde" in shell.succeed("models", "promote", "match", "1")
    assert "anterior" in shell.refuse("models", "rollback", "match")
    assert "versão 9" in shell.refuse("models", "promote", "match", "9")

    code = next(iter(dict(_SAMPLE.vagas())))
    table = shell.succeed("rank", "--vaga", code, "--top", "3")
    assert f"Vaga {code}" in table
    assert table.count("%") >= 3
    assert "motivos" in table
    assert "999999999" in shell.refuse("rank", "--vaga", "999999999")

    assert "Linhas novas de menos" in shell.succeed("drift", "--fail-on-drift")
    assert "Nenhuma mudança relevante" in shell.succeed("drift", "--all", "--fail-on-drift")
    with psycopg.connect(shell.address) as connection:
        connection.execute("UPDATE jobs.candidates SET cv_pt = 'Vazio', updated_at = now()")
    ended, output, _ = shell.run("drift", "--fail-on-drift")
    assert (ended, "Mudou: Candidatos" in output) == (1, True)


def _report(shell: Shell, kind: str, file: Path) -> dict[str, Any]:
    return dict(json.loads(shell.succeed("import", kind, str(file))))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.json", b'{"1": {"infos_basicas": {"titulo_vaga": "Padeira"}}, "2": {"infos'),
        ("cut.json.gz", gzip.compress(b'{"1": {}}' * 1000, mtime=0)[:-20]),
    ],
)
def test_a_broken_file_changes_nothing(
    shell: Shell, tmp_path: Path, name: str, content: bytes
) -> None:
    before = shell.count("jobs.vacancies")
    (tmp_path / name).write_bytes(content)
    errors = shell.refuse("import", "vagas", str(tmp_path / name))
    assert "O arquivo não pode ser importado" in errors
    assert "Nada foi alterado" in errors
    assert shell.count("jobs.vacancies") == before
    assert shell.uploads() == []


def test_what_does_not_exist_is_told(shell: Shell, tmp_path: Path) -> None:
    assert "modelo desconhecido" in shell.refuse("train", "weather")
    code, _, errors = shell.run("import", "vagas", str(tmp_path / "absent.json"))
    assert code == 2
    assert "absent.json" in errors


def test_a_database_without_tables_is_told(tmp_path: Path) -> None:
    refused = praca("rank", "--vaga", "1", PRACA_DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert "praca migrate" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_production_needs_a_secret(tmp_path: Path) -> None:
    refused = praca("api", PRACA_ENV="production", PRACA_DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert "PRACA_SECRET_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@/none?host={tmp_path}"
    refused = praca("migrate", PRACA_DATABASE_URL=nowhere, PRACA_DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert "o banco de dados não responde" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_request_in_flight_is_finished_on_shutdown(shell: Shell) -> None:
    body = json.dumps({"username": "lenta", "password": _PASSWORD}).encode()
    head = (
        "POST /api/v1/usuarios/ HTTP/1.1\r\nHost: praca\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n"
    ).encode()
    with served(shell.settings) as api, api.connect() as slow:
        slow.sendall(head)
        assert b" 100 " in slow.recv(1000)  # the request is in flight
        slow.sendall(body[:10])
        api.process.terminate()
        api.wait_until_closed()
        slow.sendall(body[10:])
        answer = b""
        while piece := slow.recv(65536):
            answer += piece
        assert b" 201 " in answer.split(b"\r\n", 1)[0]
        assert api.process.wait(60) == 0
    assert shell.count("identity.accounts WHERE username = 'lenta'") == 1
