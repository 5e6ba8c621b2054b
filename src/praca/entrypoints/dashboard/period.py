"""From when until when the pages look."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from praca.kit.clock import BRASILIA

__all__ = ["LONGEST", "PRESETS", "Period"]

PRESETS: Final[dict[str, timedelta]] = {
    "Última hora": timedelta(hours=1),
    "Últimas 6 horas": timedelta(hours=6),
    "Últimas 24 horas": timedelta(hours=24),
    "Últimos 7 dias": timedelta(days=7),
    "Últimos 30 dias": timedelta(days=30),
}

LONGEST: Final = timedelta(days=31)
"""The API looks no further at once."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time; both moments are aware."""

    since: datetime
    until: datetime

    @classmethod
    def last(cls, length: timedelta, now: datetime) -> "Period":
        """Return the stretch of ``length`` that ends now."""
        return cls(now - length, now)

    @classmethod
    def days(cls, first: date, last: date) -> "Period":
        """Return whole days of Brasília, both included.

        Raises:
            ValueError: more of them than the API looks at; the message is for people.
        """
        since = datetime.combine(first, time(), BRASILIA)
        until = datetime.combine(last + timedelta(days=1), time(), BRASILIA)
        if until - since > LONGEST:
            raise ValueError(f"Escolha no máximo {LONGEST.days} dias.")
        return cls(since.astimezone(UTC), until.astimezone(UTC))

    def query(self) -> dict[str, str]:
        """Return it as the API's parameters."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}
