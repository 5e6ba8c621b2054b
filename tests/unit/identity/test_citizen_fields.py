from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies
from pydantic import TypeAdapter, ValidationError

from praca.identity.errors import WeakPasswordError
from praca.identity.passwords import check_citizens_password
from praca.identity.people.fields import BirthDate, Cpf, Email, FullName, Phone
from praca.identity.people.service import new_username
from praca.kit.clock import utc_now
from praca.kit.cpf import is_cpf_shaped

_TODAY = utc_now().date()
_TOMORROW = str(_TODAY + timedelta(days=1))


def checked(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (FullName, "  Maria   da Silva ", "Maria da Silva"),
        (FullName, "Zé D'Ávila-Souza", "Zé D'Ávila-Souza"),
        (FullName, "A " + "b" * 148, "A " + "b" * 148),
        (Email, " Maria.Silva+praca@Example.COM ", "maria.silva+praca@example.com"),
        (Email, "ana@ação.example.br", "ana@ação.example.br"),
        (BirthDate, "1990-05-17", date(1990, 5, 17)),
        (BirthDate, "2000-02-29", date(2000, 2, 29)),
        (BirthDate, str(_TODAY - timedelta(days=1)), _TODAY - timedelta(days=1)),
        (Cpf, "529.982.247-25", "52998224725"),
        (Cpf, " 52998224725 ", "52998224725"),
        (Phone, "2133334444", "2133334444"),
        (Phone, "21987654321", "21987654321"),
    ],
)
def test_what_is_right_is_kept(kind: Any, value: str, kept: Any) -> None:
    assert checked(kind, value) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((FullName, name) for name in ("", "Maria", "   ", "Maria\x00 Silva", "A " + "b" * 149)),
        *((FullName, name) for name in ("Maria \x1b[31m", "Maria \u202eavliS", None, 7)),
        *((Email, text) for text in ("", "maria", "@example.com", "a@b", "a b@example.com")),
        *((Email, text) for text in ("a@example.com\nBcc: b@example.com", "á@example.com", None)),
        *((Email, text) for text in ("a@localhost", "Ana <a@example.com>", "a" * 250 + "@ex.com")),
        *((BirthDate, text) for text in ("17/05/1990", "1990-5-17", "1990-02-30", "", None)),
        *((BirthDate, text) for text in (_TOMORROW, "2990-01-01", "1850-01-01", "0000-01-01")),
        *((BirthDate, value) for value in (19900517, 0, True, "1990-05-17T00:00:00")),
        (BirthDate, "１９９０-05-17"),
        *((Cpf, text) for text in ("52998224724", "11111111111", "5299822472", "", "abc", None)),
        *((Phone, text) for text in ("213333444", "219876543210", "(21) 98765-4321", "", None)),
        (Phone, "２１９８７６５４３２１"),
        (Phone, 21987654321),
    ],
)
def test_what_is_wrong_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        checked(kind, value)


@given(strategies.text(max_size=60))
def test_any_text_is_an_e_mail_or_is_refused(text: str) -> None:
    try:
        kept = checked(Email, text)
    except ValidationError:
        return
    assert checked(Email, kept) == kept
    assert kept.isprintable()
    assert kept.count("@") == 1


@pytest.mark.parametrize("password", ["semmaiuscula1", "SemNumero-", "Curta-1", "Senha123"])
def test_passwords_that_the_old_wallet_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError) as refused:
        check_citizens_password(password, username="cidadao-x", cpf=None, field="new_password")
    assert refused.value.errors[0].loc == ("body", "new_password")


def test_a_right_password_passes() -> None:
    check_citizens_password("Ipe-Amarelo-27", username="cidadao-x", cpf="52998224725")


def test_user_names_of_citizens_say_nothing_and_differ() -> None:
    names = {new_username() for _ in range(1000)}
    assert len(names) == 1000
    for name in names:
        head, _, tail = name.partition("-")
        assert head == "cidadao"
        assert len(tail) == 10
        assert set(tail) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_the_shape_of_a_cpf_is_not_its_digits() -> None:
    for text in ("52998224724", "529.982.247-24", "11111111111"):
        assert is_cpf_shaped(text)
    for text in ("5299822472", "maria", "529982247244", ""):
        assert not is_cpf_shaped(text)
