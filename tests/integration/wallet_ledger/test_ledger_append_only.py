"""What the database itself refuses, whoever asks and however."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.integration.wallet_ledger.reference import Order
from tests.integration.wallet_ledger.till import Till

Connection = psycopg.Connection[tuple[object, ...]]
REFUSED = psycopg.errors.InsufficientPrivilege
BROKEN = psycopg.errors.CheckViolation
TABLES = ("transfers", "entries")


@pytest.fixture
async def raw(till: Till, city_dsn: str) -> Connection:
    """The tables' owner on a ledger with 300 centavos on a card that has moved money twice."""
    card = await till.issue(500)
    assert (await till.ask(Order("debit", card, None, 200, "k"))).startswith("made")
    return psycopg.connect(city_dsn)


@pytest.fixture
def owner(raw: Connection) -> Iterator[Connection]:
    with raw:
        yield raw


STATEMENTS = [
    *(f"UPDATE wallet.{table} SET amount = amount" for table in TABLES),
    *(f"UPDATE wallet.{table} SET amount = amount WHERE false" for table in TABLES),
    *(f"DELETE FROM wallet.{table}" for table in TABLES),
    *(f"TRUNCATE wallet.{table} CASCADE" for table in TABLES),
    "UPDATE wallet.entries SET balance = 0",
    "UPDATE wallet.entries SET hash = decode(repeat('00', 32), 'hex')",
    "UPDATE wallet.transfers SET created_at = now()",
    "UPDATE wallet.transfers SET idempotency_key = NULL, input_hash = NULL",
    "INSERT INTO wallet.transfers TABLE wallet.transfers ON CONFLICT (id) DO UPDATE SET amount = 1",
    "DELETE FROM wallet.accounts",
    "DELETE FROM wallet.accounts WHERE balance = 0",
    "TRUNCATE wallet.accounts CASCADE",
    "UPDATE wallet.accounts SET floor = NULL WHERE kind = 'card'",
    "UPDATE wallet.accounts SET floor = -100",
    "UPDATE wallet.accounts SET kind = 'pix' WHERE kind = 'card'",
]


def test_the_past_is_not_changed(owner: Connection) -> None:
    for statement in STATEMENTS:
        # By the table itself, not by one that hangs on it.
        table = statement.split("wallet.", 1)[1].split()[0]
        with pytest.raises(REFUSED, match=f"wallet.{table} is append-only"):
            owner.execute(statement.encode())
        owner.rollback()
    assert owner.execute("SELECT count(*), sum(amount) FROM wallet.entries").fetchone() == (4, 0)


ENTRY = (
    "INSERT INTO wallet.entries SELECT account_id, {number}, transfer_id, {amount}, 0,"
    " {hash} FROM wallet.entries WHERE number = 2 LIMIT 1"
)
TRANSFER = (
    "INSERT INTO wallet.transfers SELECT {id}, source_id, {to}, {amount}, kind, reference, {key},"
    " {input}, created_at FROM wallet.transfers WHERE kind = 'debit'"
)
FINE = {"id": "99", "to": "destination_id", "amount": "1", "key": "NULL", "input": "NULL"}
NEW_CARD = "INSERT INTO wallet.accounts (kind, floor, balance) VALUES ({}, {}, {})"
WRONG: list[tuple[str, type[psycopg.Error], str]] = [
    ("UPDATE wallet.accounts SET balance = -1 WHERE kind = 'card'", BROKEN, "no_overdraft"),
    (
        "UPDATE wallet.accounts SET balance = balance - 301 WHERE kind = 'card'",
        BROKEN,
        "no_overdraft",
    ),
    ("UPDATE wallet.accounts SET balance = -1 WHERE kind = 'fares'", BROKEN, "no_overdraft"),
    (NEW_CARD.format("'card'", "NULL", 0), BROKEN, "card_floor"),
    (NEW_CARD.format("'card'", "-500", 0), BROKEN, "card_floor"),
    (NEW_CARD.format("'card'", "0", 7), BROKEN, "unused"),
    (NEW_CARD.format("'bank'", "0", 0), BROKEN, "kind"),
    (NEW_CARD.format("'fares'", "0", 0), psycopg.errors.UniqueViolation, "uq_accounts_kind"),
    ("UPDATE wallet.accounts SET state = 'lost'", BROKEN, "state"),
    ("UPDATE wallet.accounts SET entries = -1", BROKEN, "entries"),
    (ENTRY.format(number=2, amount=1, hash="hash"), psycopg.errors.UniqueViolation, "pk_entries"),
    (ENTRY.format(number=3, amount=0, hash="hash"), BROKEN, "ck_entries_amount"),
    (ENTRY.format(number=0, amount=1, hash="hash"), BROKEN, "ck_entries_(first|number)"),
    (ENTRY.format(number=3, amount=1, hash="'x'::bytea"), BROKEN, "ck_entries_hash"),
    (TRANSFER.format(**FINE | {"amount": "0"}), BROKEN, "ck_transfers_amount"),
    (TRANSFER.format(**FINE | {"amount": "-1"}), BROKEN, "ck_transfers_amount"),
    (TRANSFER.format(**FINE | {"to": "source_id"}), BROKEN, "two_accounts"),
    (TRANSFER.format(**FINE | {"id": "id"}), psycopg.errors.UniqueViolation, "pk_transfers"),
    (
        TRANSFER.format(**FINE | {"key": "idempotency_key", "input": "input_hash"}),
        psycopg.errors.UniqueViolation,
        "uq_transfers_idempotency_key",
    ),
    (TRANSFER.format(**FINE | {"key": "'other'"}), BROKEN, "hashed_input"),
    (
        TRANSFER.format(**FINE | {"to": "99999"}),
        psycopg.errors.ForeignKeyViolation,
        "destination_id",
    ),
]


def test_wrong_rows_are_not_taken(owner: Connection) -> None:
    for statement, error, name in WRONG:
        with pytest.raises(error, match=name):
            owner.execute(statement.encode())
        owner.rollback()


def test_a_row_like_the_wrong_ones_is_taken(owner: Connection) -> None:
    # Otherwise the ones above might be refused for another reason.
    owner.execute(TRANSFER.format(**FINE).encode())
    owner.execute(ENTRY.format(number=3, amount=1, hash="hash").encode())
    owner.execute(NEW_CARD.format("'card'", 0, 0).encode())
    owner.execute("UPDATE wallet.accounts SET balance = balance - 300 WHERE balance = 300")
    owner.rollback()
