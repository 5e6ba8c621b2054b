"""Money, days and hours as people of the city write them."""

from datetime import date, datetime

from praca.kit.clock import BRASILIA

__all__ = ["as_day", "as_moment", "as_money", "as_number"]


def as_number(centavos: int, *, grouped: bool = True) -> str:
    """Return an amount in reais: ``-1.234,56``, or ``-1234,56`` for a program."""
    whole, cents = divmod(abs(centavos), 100)
    text = f"{whole:,}".replace(",", ".") if grouped else str(whole)
    return f"{'-' if centavos < 0 else ''}{text},{cents:02d}"


def as_money(centavos: int) -> str:
    """Return an amount with its currency: ``-R$ 1.234,56``."""
    return f"{'-' if centavos < 0 else ''}R$ {as_number(abs(centavos))}"


def as_day(day: date) -> str:
    """Return a day: ``22/11/2026``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def as_moment(moment: datetime) -> str:
    """Return a moment by the city's clock: ``22/11/2026 10:05:10``."""
    local = moment.astimezone(BRASILIA)
    return f"{as_day(local)} {local:%H:%M:%S}"
