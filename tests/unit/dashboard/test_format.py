"""Numbers and moments as Brazilians write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from praca.entrypoints.dashboard import format as form
from praca.entrypoints.dashboard.period import LONGEST, PRESETS, Period

_NOON = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)


def test_numbers_have_points_between_thousands_and_a_comma_before_decimals() -> None:
    assert form.decimal(1234567.891, 2) == "1.234.567,89"
    assert form.count(1234567) == "1.234.567"
    assert form.percent(0.12345) == "12,3%"
    assert form.percent(0.0000972, 2) == "0,01%"


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.42, "0,4 ms"), (17.94, "17,9 ms"), (123.4, "123 ms"), (1048.3, "1,05 s")],
)
def test_a_latency_has_as_many_digits_as_say_something(value: float, written: str) -> None:
    assert form.milliseconds(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.04, "0,0 s"), (59.9, "59,9 s"), (61, "1 min 1 s"), (3725, "1 h 2 min")],
)
def test_a_length_of_time_is_in_the_units_people_use(seconds: float, written: str) -> None:
    assert form.duration(seconds) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 B"), (1536, "1,5 KiB"), (5 * 1024**2, "5,0 MiB"), (2**31, "2,0 GiB")],
)
def test_sizes(size: int, written: str) -> None:
    assert form.data_size(size) == written


def test_moments_are_those_of_brasilia() -> None:
    assert form.moment(_NOON) == "22/11/2026 09:00:05"
    assert form.wall_time(_NOON) == "2026-11-22T09:00:05"


def test_where_there_is_no_figure_there_is_a_dash() -> None:
    written = [
        *(form.decimal(None), form.count(None), form.percent(None), form.milliseconds(None)),
        *(form.duration(None), form.data_size(None), form.moment(None)),
    ]
    assert set(written) == {form.NOTHING}


def test_the_last_day_ends_now() -> None:
    period = Period.last(PRESETS["Últimas 24 horas"], _NOON)
    assert period.query() == {
        "since": "2026-11-21T12:00:05+00:00",
        "until": "2026-11-22T12:00:05+00:00",
    }


def test_no_choice_is_longer_than_the_api_looks() -> None:
    assert max(PRESETS.values()) <= LONGEST


def test_days_are_whole_and_those_of_brasilia() -> None:
    period = Period.days(date(2026, 11, 20), date(2026, 11, 21))
    assert period.since == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert period.until - period.since == timedelta(days=2)


def test_too_many_days_are_refused_in_words() -> None:
    assert Period.days(date(2026, 10, 1), date(2026, 10, 31)).since.month == 10
    with pytest.raises(ValueError, match="no máximo 31 dias"):
        Period.days(date(2026, 10, 1), date(2026, 11, 1))
