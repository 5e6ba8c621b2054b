"""An honest ledger is found good; whatever is changed behind its back is found and named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from tests.integration.ledgers import Movement, move

from praca.platform.database.engine import Database
from praca.platform.resources import Resources
from praca.wallet.ledger import repository
from praca.wallet.ledger import walk as walking
from praca.wallet.ledger.chain import entry_hash
from praca.wallet.ledger.heads import HeadsFileError
from praca.wallet.ledger.postings import TransferKind
from praca.wallet.ledger.verify import verify

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
AMOUNTS = (5000, -440, -440, 2500, -440, -881)


@dataclass(frozen=True)
class Books:
    """A ledger with two cards; ``ana`` and ``bia`` are their accounts."""

    city: Database
    connection: psycopg.Connection[Any]
    ana: int
    bia: int

    def tamper(self, *statements: LiteralString) -> None:
        """Change the database as its owner could, with no trigger in the way."""
        for statement in statements:
            self.connection.execute(statement, {"ana": self.ana, "bia": self.bia})

    def value(self, query: LiteralString) -> Any:
        row = self.connection.execute(query, {"ana": self.ana, "bia": self.bia}).fetchone()
        assert row is not None
        return row[0]

    async def problems(self, **options: Any) -> list[str]:
        report = await verify(self.city, **options)
        assert report.found == len(report.problems)
        assert report.is_good == (not report.problems)
        return list(report.problems)


def movements(*amounts: int, later: timedelta = timedelta()) -> list[Movement]:
    return [
        (
            START + later + timedelta(minutes=step),
            TransferKind.RECHARGE if amount > 0 else TransferKind.DEBIT,
            amount,
        )
        for step, amount in enumerate(amounts)
    ]


@pytest.fixture
async def cards(resources: Resources) -> list[int]:
    city = resources.databases.city
    accounts = []
    for card_number in ("4073629518460275", "5190284736501923", "1111222233334444"):
        async with city.transaction() as connection:
            account_id = await repository.add_card_account(connection)
            await connection.execute(
                "INSERT INTO wallet.cards (user_id, card_number, account_id) VALUES (7, %s, %s)",
                (card_number, account_id),
            )
        accounts.append(account_id)
    await move(city, accounts[0], movements(*AMOUNTS))
    await move(city, accounts[1], movements(100, -99, later=timedelta(hours=1)))
    return accounts


@pytest.fixture
def books(resources: Resources, city_dsn: str, cards: list[int]) -> Iterator[Books]:
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield Books(resources.databases.city, connection, cards[0], cards[1])


async def test_an_empty_ledger_is_good(resources: Resources) -> None:
    report = await verify(resources.databases.city)
    assert report.is_good
    assert (report.accounts, report.transfers, report.entries, report.cards) == (0, 0, 0, 0)


async def test_an_honest_ledger_is_good(books: Books) -> None:
    seen: list[tuple[int, int]] = []
    report = await verify(books.city, progress=lambda done, total: seen.append((done, total)))
    assert report.problems == ()
    assert (report.transfers, report.entries, report.cards) == (8, 16, 3)
    assert report.accounts == 3 + 4
    assert seen[-1] == (16, 16)
    assert len(report.seal) == 64
    assert (await verify(books.city)).seal == report.seal
    await move(books.city, books.bia, movements(1, later=timedelta(hours=2)))
    assert (await verify(books.city)).seal != report.seal


async def test_batches_do_not_matter(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await verify(books.city)
    monkeypatch.setattr("praca.wallet.ledger.verify._ROWS_AT_ONCE", 1)
    single = await verify(books.city)
    assert (single.seal, single.entries, single.problems) == (whole.seal, 16, ())


_OF_ANA_3 = "account_id = %(ana)s AND number = 3"
_TRANSFER_3 = f"id = (SELECT transfer_id FROM wallet.entries WHERE {_OF_ANA_3})"
TAMPERED: dict[str, tuple[tuple[LiteralString, ...], int | None, str]] = {
    "the amount of an entry": (
        (f"UPDATE wallet.entries SET amount = -439 WHERE {_OF_ANA_3}",),
        3,
        "não é um lado",
    ),
    "the amount of a transfer": (
        (f"UPDATE wallet.transfers SET amount = 1 WHERE {_TRANSFER_3}",),
        3,
        "não é um lado",
    ),
    "a balance": (
        (f"UPDATE wallet.entries SET balance = balance + 1 WHERE {_OF_ANA_3}",),
        3,
        "o saldo é",
    ),
    "a balance to one below the floor": (
        (f"UPDATE wallet.entries SET balance = -5 WHERE {_OF_ANA_3}",),
        3,
        "o saldo -5 está abaixo do limite 0",
    ),
    "a hash": (
        (f"UPDATE wallet.entries SET hash = sha256('x') WHERE {_OF_ANA_3}",),
        3,
        "o hash não é",
    ),
    "a kind": (
        (f"UPDATE wallet.transfers SET kind = 'surrender' WHERE {_TRANSFER_3}",),
        3,
        "o hash não é",
    ),
    "a reference": (
        (f"UPDATE wallet.transfers SET reference = 'x' WHERE {_TRANSFER_3}",),
        3,
        "o hash não é",
    ),
    "a time": (
        (f"UPDATE wallet.transfers SET created_at = created_at + '1 us' WHERE {_TRANSFER_3}",),
        3,
        "o hash não é",
    ),
    "a time to before the one before": (
        (f"UPDATE wallet.transfers SET created_at = '2020-01-01' WHERE {_TRANSFER_3}",),
        3,
        "vem de antes",
    ),
    "a time to one that never comes": (
        (f"UPDATE wallet.transfers SET created_at = 'infinity' WHERE {_TRANSFER_3}",),
        3,
        "o hash não é",
    ),
    "whom it went to": (
        (f"UPDATE wallet.transfers SET destination_id = %(bia)s WHERE {_TRANSFER_3}",),
        3,
        "o hash não é",
    ),
    "an entry in the middle is gone": (
        (f"DELETE FROM wallet.entries WHERE {_OF_ANA_3}",),
        4,
        "devia ser o lançamento 3",
    ),
    "a transfer is gone, its entries not": (
        (f"DELETE FROM wallet.transfers WHERE {_TRANSFER_3}",),
        3,
        "não existe",
    ),
    "two entries have changed places": (
        (
            "UPDATE wallet.entries SET number = 99 WHERE account_id = %(ana)s AND number = 2",
            "UPDATE wallet.entries SET number = 2 WHERE account_id = %(ana)s AND number = 3",
            "UPDATE wallet.entries SET number = 3 WHERE account_id = %(ana)s AND number = 99",
        ),
        2,
        "o hash não é",
    ),
    "the last entry is gone, and the account fits": (
        (
            "DELETE FROM wallet.entries WHERE account_id = %(ana)s AND number = 6",
            (
                "UPDATE wallet.accounts a SET balance = e.balance, entries = e.number,"
                " head = e.hash,"
                " latest_at = t.created_at FROM wallet.entries e"
                " JOIN wallet.transfers t ON t.id = e.transfer_id"
                " WHERE a.id = %(ana)s AND e.account_id = a.id AND e.number = 5"
            ),
        ),
        None,
        "os seus lançamentos (1) não são os dois lados",
    ),
    "an account's balance": (
        ("UPDATE wallet.accounts SET balance = balance + 1 WHERE id = %(ana)s",),
        6,
        "o saldo na conta",
    ),
    "an account's head": (
        ("UPDATE wallet.accounts SET head = sha256('x') WHERE id = %(ana)s",),
        6,
        "o último hash na conta",
    ),
    "an account's number of entries": (
        ("UPDATE wallet.accounts SET entries = 7 WHERE id = %(ana)s",),
        6,
        "o número de lançamentos na conta",
    ),
    "an account's time": (
        ("UPDATE wallet.accounts SET latest_at = now() WHERE id = %(ana)s",),
        6,
        "a hora do último",
    ),
    "an account is gone": (
        ("DELETE FROM wallet.accounts WHERE id = %(ana)s",),
        6,
        "a conta não existe",
    ),
    "a transfer without entries": (
        (
            (
                "INSERT INTO wallet.transfers (id, source_id, destination_id, amount, kind,"
                " reference, created_at) VALUES (999, %(ana)s, %(bia)s, 5, 'debit', '', now())"
            ),
        ),
        None,
        "transferência 999, da conta",
    ),
    "a card on an account of the city's": (
        (
            (
                "UPDATE wallet.cards c SET account_id = a.id FROM wallet.accounts a"
                " WHERE a.kind = 'fares' AND c.account_id = %(ana)s"
            ),
        ),
        None,
        "não é conta de cartão",
    ),
    "a card without an account": (
        ("UPDATE wallet.cards SET account_id = 12345 WHERE account_id = %(ana)s",),
        None,
        "a conta 12345 não é conta de cartão",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_is_changed_is_found_and_named(books: Books, what: str) -> None:
    statements, entry, words = TAMPERED[what]
    assert await books.problems() == []
    books.tamper(*statements)
    problems = await books.problems()
    named = "" if entry is None else f"conta {books.ana}, lançamento {entry}: "
    assert any(named in problem and words in problem for problem in problems), problems


async def test_an_entry_that_is_hashed_well_and_belongs_to_nothing(books: Books) -> None:
    """Somebody credits an account, keeps its chain whole, and uses an old transfer for it."""
    transfer_id = books.value(
        "SELECT transfer_id FROM wallet.entries WHERE account_id = %(ana)s AND number = 4"
    )
    source_id = books.value(
        "SELECT source_id FROM wallet.transfers WHERE id = (SELECT transfer_id"
        " FROM wallet.entries WHERE account_id = %(ana)s AND number = 4)"
    )
    balance = sum(AMOUNTS) + 2500
    head = books.value("SELECT head FROM wallet.accounts WHERE id = %(ana)s")
    at = START + timedelta(minutes=3)
    digest = entry_hash(
        head,
        account_id=books.ana,
        number=7,
        transfer_id=transfer_id,
        counterpart_id=source_id,
        amount=2500,
        balance=balance,
        kind="recharge",
        created_at=at,
        reference="",
    )
    books.connection.execute(
        "INSERT INTO wallet.entries VALUES (%s, 7, %s, 2500, %s, %s)",
        (books.ana, transfer_id, balance, digest),
    )
    books.connection.execute(
        "UPDATE wallet.accounts SET balance = %s, entries = 7, head = %s WHERE id = %s",
        (balance, digest, books.ana),
    )
    problems = "\n".join(await books.problems())
    assert f"transferência {transfer_id}, da conta {source_id} para a conta {books.ana}" in problems
    assert "a soma de todos os saldos é 2500 centavos" in problems
    assert f"conta {books.ana}, lançamento 7: vem de antes" in problems


async def test_a_floor_that_no_card_has(books: Books) -> None:
    books.connection.execute("ALTER TABLE wallet.accounts DROP CONSTRAINT ck_accounts_card_floor")
    try:
        books.tamper("UPDATE wallet.accounts SET floor = -100000 WHERE id = %(bia)s")
        problems = await books.problems()
    finally:
        books.tamper("UPDATE wallet.accounts SET floor = 0 WHERE id = %(bia)s")
        books.connection.execute(
            "ALTER TABLE wallet.accounts ADD CONSTRAINT ck_accounts_card_floor"
            " CHECK (kind <> 'card' OR coalesce(floor = 0, false))"
        )
    assert problems == [f"conta {books.bia}: o limite de um cartão é -100000, e não zero"]


async def test_of_very_many_problems_a_hundred_are_told(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_MOST_KEPT", 3)
    books.tamper("UPDATE wallet.entries SET hash = sha256('x')")
    report = await verify(books.city)
    assert len(report.problems) == 3
    assert report.found > 3


async def test_further_checks_see_the_same_moment(books: Books) -> None:
    async def odd(connection: psycopg.AsyncConnection[Any]) -> list[str]:
        cursor = await connection.execute("SELECT current_setting('transaction_isolation'),"
                                          " current_setting('transaction_read_only')")  # fmt: skip
        return [f"pix: {await cursor.fetchone()}"]

    async def even(_connection: psycopg.AsyncConnection[Any]) -> list[str]:
        return []

    assert await books.problems(checks=[even, odd]) == ["pix: ('repeatable read', 'on')"]


async def test_the_connection_is_given_back_as_it_was(books: Books) -> None:
    before = await books.city.fetch_one("SHOW search_path", {})
    await verify(books.city)
    assert await books.city.fetch_one("SHOW search_path", {}) == before
    assert await books.city.fetch_one("SHOW transaction_read_only", {}) == ("off",)


# --- heads that are kept elsewhere ----------------------------------------------------------


async def rewrite(books: Books, *, keep: int) -> None:
    """Forget what happened on the card after some entries, and make the rest fit, hashes too."""
    books.tamper(
        "DELETE FROM wallet.entries",
        "DELETE FROM wallet.transfers",
        "UPDATE wallet.accounts SET balance = 0, entries = 0, head = '', latest_at = NULL",
    )
    await move(books.city, books.ana, movements(*AMOUNTS[:keep]))
    await move(books.city, books.bia, movements(100, -99, later=timedelta(hours=1)))


async def test_heads_are_kept_and_brought_up_to_date(books: Books, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    assert await books.problems(heads=heads) == []
    kept = json.loads(heads.read_bytes())
    assert kept["seal"] == (await verify(books.city)).seal
    assert [row[1] for row in kept["accounts"] if row[0] == books.ana] == [6]
    await move(books.city, books.bia, movements(7, later=timedelta(hours=2)))
    assert await books.problems(heads=heads) == []
    later = json.loads(heads.read_bytes())
    assert [row[1] for row in later["accounts"] if row[0] == books.bia] == [3]
    assert not heads.with_name("heads.json.new").exists()


@pytest.mark.parametrize(("keep", "now"), [(5, 5), (0, 0)])
async def test_a_tail_cut_off_well_is_seen_only_with_heads(
    books: Books, tmp_path: Path, keep: int, now: int
) -> None:
    heads = tmp_path / "heads.json"
    assert await books.problems(heads=heads) == []
    content = heads.read_bytes()
    await rewrite(books, keep=keep)
    assert await books.problems() == []
    problems = await books.problems(heads=heads)
    assert any(f"conta {books.ana}, lançamento {now}: já teve 6" in item for item in problems)
    assert heads.read_bytes() == content


async def test_a_history_made_anew_and_longer_is_seen_only_with_heads(
    books: Books, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    assert await books.problems(heads=heads) == []
    await rewrite(books, keep=6)  # other transfers, other hashes
    await move(books.city, books.ana, movements(9, later=timedelta(days=1)))
    assert await books.problems() == []
    problems = await books.problems(heads=heads)
    assert any(f"conta {books.ana}, lançamento 6: o hash não é o que foi" in p for p in problems)


@pytest.mark.parametrize(
    "content",
    ["", "x", "{}", '{"format":2,"accounts":[\n],"seal":""}\n', '{"format":1,"accounts":[\n'],
)
async def test_files_that_are_none(books: Books, tmp_path: Path, content: str) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(content)
    with pytest.raises(HeadsFileError):
        await verify(books.city, heads=heads)
    assert heads.read_text() == content


@pytest.mark.parametrize("what", ["cut", "changed", "turned"])
async def test_files_that_were_changed(books: Books, tmp_path: Path, what: str) -> None:
    heads = tmp_path / "heads.json"
    await verify(books.city, heads=heads)
    lines = heads.read_bytes().splitlines(keepends=True)
    if what == "cut":
        del lines[-1]
    elif what == "changed":
        lines[1] = lines[1].replace(b",6,", b",5,")
    else:
        lines[1], lines[2] = lines[2], lines[1]
    heads.write_bytes(b"".join(lines))
    with pytest.raises(HeadsFileError):
        await verify(books.city, heads=heads)
