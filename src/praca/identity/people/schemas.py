"""What the endpoints of citizens take and give."""

from datetime import UTC, date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue

from praca.identity.models import Account
from praca.identity.people.fields import (
    BirthDate,
    Cpf,
    Email,
    FullName,
    Password,
    Person,
    Phone,
)

__all__ = ["PEOPLE_EXAMPLE", "PersonCreate", "PersonRead", "PersonUpdate"]

_PERSON: dict[str, JsonValue] = {
    "full_name": "Maria da Silva",
    "email": "maria@example.com",
    "birth_date": "1990-05-17",
    "cpf": "52998224725",
    "phone": "21987654321",
}
_READ: dict[str, JsonValue] = {
    **_PERSON,
    "id": 7,
    "created_at": "2026-11-22 02:16:10.130668+00:00",
    "updated_at": "2026-11-22 02:16:10.130668+00:00",
}
_TYPED: dict[str, JsonValue] = {**_PERSON, "cpf": "529.982.247-25"}
PEOPLE_EXAMPLE: list[JsonValue] = [_READ]


class PersonUpdate(BaseModel):
    """All that a citizen tells of himself."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TYPED]})

    full_name: FullName
    email: Email
    birth_date: BirthDate
    cpf: Cpf
    phone: Phone

    def person(self) -> Person:
        """Return it as the rules know it."""
        return Person(self.full_name, self.email, self.birth_date, self.cpf, self.phone)


class PersonCreate(PersonUpdate):
    """A citizen who registers."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_TYPED, "password": "Ipe-Amarelo-27"}]}
    )

    password: Password


class PersonRead(BaseModel):
    """An account as system 3 shows it; accounts of staff have no personal data."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READ]})

    full_name: str | None
    email: str | None
    birth_date: date | None
    cpf: str | None
    phone: str | None
    id: int
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show ``account``."""
        return cls(
            full_name=account.full_name,
            email=account.email,
            birth_date=account.birth_date,
            cpf=account.cpf,
            phone=account.phone,
            id=account.id,
            created_at=_moment(account.created_at),
            updated_at=_moment(account.updated_at),
        )


def _moment(moment: datetime) -> str:
    """Return ``"2026-11-22 02:16:10.130668+00:00"``: clients of the old wallet read it so."""
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")
