"""Which payments are credited, and when the provider is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from praca.wallet.pix.charge import (
    Charge,
    ChargeStatus,
    RefundReason,
    next_question,
    reason_to_refund,
)
from praca.wallet.pix.ports import Payment
from praca.wallet.pix.settling import pause_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
END = NOW + timedelta(minutes=30)
WATCH = timedelta(hours=72)
CHARGE = Charge(
    UUID(int=1), "x", 7, 1, "4073629518460275", 9, 2500, ChargeStatus.CREATED, "", NOW, END
)
PAYMENT = Payment("E1", "x", 2500, NOW)


@pytest.mark.parametrize(
    ("charge", "payment", "expected"),
    [
        ({}, {}, None),
        ({"status": ChargeStatus.EXPIRED}, {}, None),  # paid in time, heard of late
        ({}, {"paid_at": END}, None),
        ({}, {"paid_at": END + timedelta(microseconds=1)}, RefundReason.PAID_LATE),
        ({}, {"amount": 2499}, RefundReason.AMOUNT_DIFFERS),
        ({}, {"amount": 2501}, RefundReason.AMOUNT_DIFFERS),
        ({"status": ChargeStatus.CANCELLED}, {}, RefundReason.CHARGE_CANCELLED),
        ({"status": ChargeStatus.CREDITED}, {}, RefundReason.ALREADY_PAID),
        ({"status": ChargeStatus.REFUNDING}, {}, RefundReason.ALREADY_PAID),
        ({"status": ChargeStatus.REFUNDED}, {}, RefundReason.ALREADY_PAID),
        ({"user_id": None}, {}, RefundReason.ACCOUNT_ERASED),
        ({"account_id": None}, {}, RefundReason.ACCOUNT_ERASED),
        ({}, {"refunded_at": NOW}, RefundReason.RETURNED_BY_PROVIDER),
    ],
)
def test_why_a_payment_goes_back(
    charge: dict[str, object], payment: dict[str, object], expected: RefundReason | None
) -> None:
    found = reason_to_refund(replace(CHARGE, **charge), replace(PAYMENT, **payment))  # type: ignore[arg-type]
    assert found == expected


def test_the_provider_is_asked_ever_more_rarely_and_at_both_ends() -> None:
    moments = []
    charge, now = CHARGE, NOW
    while (again := next_question(charge, now, WATCH)) is not None:
        assert again > now
        moments.append(again)
        charge, now = replace(charge, asked=charge.asked + 1), again
    assert moments[0] == NOW + timedelta(minutes=1)
    assert sum(END < moment < END + timedelta(minutes=1) for moment in moments) == 1
    assert moments[-1] == END + WATCH
    assert len(moments) < 25


def test_pauses_grow_to_six_hours() -> None:
    pauses = [pause_after(tries) for tries in range(12)]
    assert pauses[:3] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
