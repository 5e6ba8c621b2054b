"""``praca ledger verify``, as a process on a ledger of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from tests.e2e.running import praca
from tests.integration.ledgers import move

from praca.platform.resources import Resources
from praca.wallet.ledger import repository
from praca.wallet.ledger.postings import TransferKind

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(city_dsn: str, tmp_path: Path) -> Run:
    def verify(*options: str) -> tuple[int, str, str]:
        settings = {"PRACA_DATA_DIR": str(tmp_path), "PRACA_DATABASE_URL": city_dsn}
        done = praca("ledger", "verify", *options, **settings)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    return verify


@pytest.fixture
async def account_id(resources: Resources) -> int:
    """The account of a card that was recharged once."""
    city = resources.databases.city
    async with city.transaction() as connection:
        account_id = await repository.add_card_account(connection)
    await move(city, account_id, [(datetime.now(UTC), TransferKind.RECHARGE, 2500)])
    return account_id


def test_good_and_bad_ledgers(run: Run, account_id: int, city_dsn: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    code, output, _ = run("--heads", str(heads))
    assert code == 0, output
    counts, verdict, seal = output.splitlines()
    assert counts.startswith("5 contas, 0 cartões, 1 transferências, 2 lançamentos em ")
    assert verdict == "Tudo certo."
    assert seal.removeprefix("selo: ") in heads.read_text(encoding="utf-8")
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE wallet.entries DISABLE TRIGGER USER")
        connection.execute("UPDATE wallet.entries SET hash = sha256('x') WHERE amount > 0")
        connection.execute("ALTER TABLE wallet.entries ENABLE TRIGGER USER")
    code, output, _ = run("--heads", str(heads))
    assert code == 1
    assert f"- conta {account_id}, lançamento 1: o hash não é o do que está escrito" in output
    assert f"- conta {account_id}, lançamento 1: o hash não é o que foi guardado" in output
    assert "Problemas: 3." in output


def test_files_of_heads_that_cannot_be(run: Run, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text("outra coisa", encoding="utf-8")
    code, _, errors = run("--heads", str(heads))
    assert (code, "não pôde ser lido" in errors) == (1, True)
    code, _, errors = run("--heads", "/nenhures/heads.json")
    assert (code, "/nenhures/" in errors) == (1, True)
