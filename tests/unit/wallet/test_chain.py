"""Hashes stay what they are, whatever makes them faster."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from praca.wallet.ledger.chain import entry_hash, entry_hash_at, microseconds_of

_NUMBERS = st.integers(-(2**63), 2**63 - 1)


def test_a_hash_of_the_first_release() -> None:
    digest = entry_hash(
        b"",
        account_id=12,
        number=1,
        transfer_id=41,
        counterpart_id=3,
        amount=2500,
        balance=2500,
        kind="recharge",
        created_at=datetime(2026, 11, 22, 13, 5, 10, 130668, tzinfo=UTC),
        reference="",
    )
    content = b"|12|1|41|3|2500|2500|recharge|1795352710130668|"
    assert digest == hashlib.sha256(content).digest()


@given(
    previous=st.one_of(st.just(b""), st.binary(min_size=32, max_size=32)),
    numbers=st.tuples(*[_NUMBERS] * 6),
    kind=st.text(st.characters(codec="utf-8")),
    moment=st.datetimes(timezones=st.just(timezone(timedelta(hours=-3)))),
    reference=st.text(st.characters(codec="utf-8")),
)
def test_both_ways_to_hash_are_one(
    previous: bytes,
    numbers: tuple[int, int, int, int, int, int],
    kind: str,
    moment: datetime,
    reference: str,
) -> None:
    account_id, number, transfer_id, counterpart_id, amount, balance = numbers
    assert entry_hash(
        previous,
        account_id=account_id,
        number=number,
        transfer_id=transfer_id,
        counterpart_id=counterpart_id,
        amount=amount,
        balance=balance,
        kind=kind,
        created_at=moment,
        reference=reference,
    ) == entry_hash_at(previous, *numbers, kind, microseconds_of(moment), reference)
