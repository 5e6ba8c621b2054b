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


async def test_good_and_bad_ledgers(
    run: Run, resources: Resources, city_dsn: str, tmp_path: Path
) -> None:
    city = resources.databases.city
    async with city.transaction() as connection:
        account_id = await repository.add_card_account(connection)
    await move(city, account_id, [(datetime.now(UTC), TransferKind.RECHARGE, 2500)])
    heads = str(tmp_path / "heads.json")
    code, output, _ = run("--heads", heads)
    assert code == 0, output
    counts, verdict, seal = output.splitlines()
    assert counts.startswith("5 contas, 0 cartões, 1 transferências, 2 lançamentos em ")
    assert verdict == "Tudo certo."
    assert seal.startswith("selo: ")
    assert seal.removeprefix("selo: ") in Path(heads).read_text(encoding="utf-8")
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE wallet.entries DISABLE TRIGGER USER")
        connection.execute("UPDATE wallet.entries SET hash = sha256('x') WHERE amount > 0")
        connection.execute("ALTER TABLE wallet.entries ENABLE TRIGGER USER")
    code, output, _ = run("--heads", heads)
    assert code == 1
    assert f"- conta {account_id}, lançamento 1: o hash não é o do que está escrito" in output
    assert f"- conta {account_id}, lançamento 1: o hash não é o que foi guardado" in output
    assert "Problemas: 3." in output
    Path(heads).write_text("outra coisa", encoding="utf-8")
    code, _, errors = run("--heads", heads)
    assert code == 1
    assert "não pôde ser lido" in errors
    code, _, errors = run("--heads", "/nenhures/heads.json")
    assert code == 1
    assert "/nenhures/" in errors
