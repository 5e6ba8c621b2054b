"""What statements say, and what they cannot be made to say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.wallet.errors import InvalidPeriodError
from praca.wallet.ledger.postings import TransferKind
from praca.wallet.statements.csv_file import safe_cell
from praca.wallet.statements.errors import PeriodTooLongError
from praca.wallet.statements.negotiation import preferred
from praca.wallet.statements.statement import Period, describe
from praca.wallet.statements.words import as_day, as_moment, as_money, as_number

TODAY = date(2026, 11, 22)
OFFERED = ("application/json", "text/csv", "application/pdf")


@pytest.mark.parametrize(
    ("centavos", "shown"),
    [(0, "0,00"), (5, "0,05"), (-5, "-0,05"), (123456789, "1.234.567,89"), (-440, "-4,40")],
)
def test_amounts(centavos: int, shown: str) -> None:
    assert as_number(centavos) == shown
    assert as_number(centavos, grouped=False) == shown.replace(".", "")


def test_money_has_its_sign_before_the_currency() -> None:
    assert as_money(-123400) == "-R$ 1.234,00"
    assert as_money(7) == "R$ 0,07"


def test_moments_are_the_citys() -> None:
    assert as_moment(datetime(2026, 11, 22, 2, 59, 59, tzinfo=UTC)) == "21/11/2026 23:59:59"
    assert as_day(date(987, 1, 2)) == "02/01/0987"


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize("kind", TransferKind)
def test_every_kind_has_words(kind: TransferKind) -> None:
    for amount in (1, -1):
        assert describe(kind, amount) not in {"", "Movimentação", str(kind)}


def test_a_kind_of_a_newer_release_has_words_too() -> None:
    assert describe("=HYPERLINK()", 1) == "Movimentação"


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (None, None, (date(2026, 10, 24), TODAY)),
        (date(2026, 11, 1), None, (date(2026, 11, 1), TODAY)),
        (date(2027, 1, 1), None, (date(2027, 1, 1), date(2027, 1, 1))),
        (None, date(2026, 1, 30), (date(2026, 1, 1), date(2026, 1, 30))),
        (None, date.min, (date.min, date.min)),
        (date(2024, 1, 1), date(2024, 12, 31), (date(2024, 1, 1), date(2024, 12, 31))),
    ],
)
def test_what_is_left_out_of_a_period(
    start: date | None, end: date | None, days: tuple[date, date]
) -> None:
    period = Period.chosen(start, end, TODAY)
    assert (period.start, period.end) == days


def test_periods_that_cannot_be() -> None:
    with pytest.raises(InvalidPeriodError):
        Period.chosen(TODAY, TODAY - timedelta(days=1), TODAY)
    with pytest.raises(PeriodTooLongError, match="366 dias"):
        Period.chosen(date(2024, 1, 1), date(2025, 1, 1), TODAY)


def test_the_ends_of_a_period_are_midnights_of_the_city() -> None:
    period = Period(TODAY, TODAY)
    assert period.begins_at.astimezone(UTC) == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert period.ends_before.astimezone(UTC) == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert Period(date.max, date.max).ends_before > Period(date.max, date.max).begins_at


def test_days_of_summer_time_have_other_hours() -> None:
    # In 2018 the clocks went forward at midnight: the 4th of November began at 1:00.
    period = Period(date(2018, 11, 3), date(2018, 11, 4))
    first = period.begins_at.astimezone(UTC)
    assert period.ends_before.astimezone(UTC) - first == timedelta(hours=47)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("APPLICATION/PDF", "application/pdf"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json;q=0.1, application/pdf;q=0.9, text/csv;q=0.5", "application/pdf"),
        ("application/json;q=0, */*", "text/csv"),
        ("image/png", "application/json"),
        ("text/csv;q=nan, application/pdf;q=x;;=,,\x7f", "application/json"),
    ],
)
def test_what_a_client_prefers(accept: str, chosen: str) -> None:
    assert preferred(accept, OFFERED) == chosen


@given(st.text())
def test_any_header_is_understood_somehow(accept: str) -> None:
    assert preferred(accept, OFFERED) in OFFERED
