"""What citizens tell of themselves: the types of it, each with its rule.

They are those of the old wallet, which its clients show to people; a name may be longer, though.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field

from praca.kit.clock import utc_now
from praca.kit.cpf import is_valid_cpf, normalize_cpf
from praca.kit.text import squeeze

__all__ = ["BirthDate", "Cpf", "Email", "FullName", "Password", "Person", "Phone"]

_LONGEST_NAME: Final = 150
_LONGEST_EMAIL: Final = 254
_LONGEST_LIFE_YEARS: Final = 130
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _full_name(text: str) -> str:
    name = squeeze(text)
    if not name.isprintable():
        raise ValueError("O nome tem caracteres que não são permitidos.")
    if " " not in name:
        raise ValueError("Informe o nome completo.")
    return name


def _email(text: str) -> str:
    try:
        # Letters beyond ASCII before the @ are refused by most servers.
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("E-mail inválido.") from None
    return found.normalized.lower()


def _written_date(value: Any) -> Any:
    # Otherwise a number would do, too: seconds since 1970.
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("A data deve ter o formato AAAA-MM-DD.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("Esta data não existe.") from None


def _birth_date(day: date) -> date:
    today = utc_now().date()
    if day >= today:
        raise ValueError("A data de nascimento deve estar no passado.")
    if day.year < today.year - _LONGEST_LIFE_YEARS:
        raise ValueError("A data de nascimento está longe demais no passado.")
    return day


def _cpf(text: str) -> str:
    if not is_valid_cpf(text):
        raise ValueError("CPF inválido.")
    return normalize_cpf(text)


def _phone(text: str) -> str:
    if not re.fullmatch(r"\d{10,11}", text, re.ASCII):
        raise ValueError("O telefone deve ter 10 ou 11 dígitos, com o DDD.")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("O caractere nulo não é permitido.")
    return text


FullName = Annotated[
    str,
    Field(max_length=_LONGEST_NAME, description="Two words or more."),
    AfterValidator(_full_name),
]
Email = Annotated[
    str,
    Field(max_length=_LONGEST_EMAIL, description="Kept in lower case."),
    AfterValidator(_email),
]
BirthDate = Annotated[
    date,
    BeforeValidator(_written_date),
    Field(description="In the past, as `YYYY-MM-DD`."),
    AfterValidator(_birth_date),
]
Cpf = Annotated[
    str,
    Field(max_length=20, description="With right check digits; punctuation is left out."),
    AfterValidator(_cpf),
]
Phone = Annotated[str, Field(max_length=20, description="10 or 11 digits."), AfterValidator(_phone)]

Password = Annotated[
    str,
    Field(max_length=256, description="8 characters or more, an upper case letter, a digit."),
    AfterValidator(_without_nul),
]


@dataclass(frozen=True, slots=True)
class Person:
    """What a citizen tells of himself; its maker has checked and normalised it."""

    full_name: str
    email: str
    birth_date: date
    cpf: str
    phone: str
