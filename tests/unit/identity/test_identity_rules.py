from datetime import timedelta

import jwt
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from praca.identity.errors import InvalidTokenError, WeakPasswordError
from praca.identity.limits import FailureKeys
from praca.identity.passwords import Passwords, check_password
from praca.identity.schemas import AccountUpdate
from praca.identity.subjects import Role, Subject
from praca.identity.tokens import (
    AccessTokens,
    SubjectCache,
    hash_refresh_token,
    new_refresh_token,
)
from praca.kit.clock import utc_now

KEY = "k" * 48
CPF = "52998224725"


@pytest.mark.parametrize(
    "password",
    ["curta-1", "password", "Senha123", "12345678", "zzzzzzzz", "maria.silva", "MARIA.SILVA"],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, username="Maria.Silva")


@pytest.mark.parametrize("password", [CPF, "529.982.247-25"])
def test_the_cpf_is_no_password(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, username="maria", cpf=CPF)


def test_an_ordinary_password_passes() -> None:
    check_password("Segredo-forte-9", username="maria", cpf=CPF)


async def test_only_the_right_password_is_right() -> None:
    passwords = Passwords(slots=1)
    stored = await passwords.hash("Segredo-forte-9")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify("Segredo-forte-9", stored) == (True, None)
    assert (await passwords.verify("Segredo-forte-8", stored))[0] is False
    assert (await passwords.verify("x", "not a hash"))[0] is False


async def test_an_unknown_account_costs_as_much_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(slots=1)
    stored = await passwords.hash("Segredo-forte-9")
    compared: list[str] = []
    compare = Argon2Hasher.verify

    def noting(hasher: Argon2Hasher, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        compared.append(str(hash))
        return compare(hasher, password, hash)

    monkeypatch.setattr(Argon2Hasher, "verify", noting)
    for known in (stored, None):
        right, _renewed = await passwords.verify("errada-errada", known)
        assert not right
    # Algorithm, version, and parameters: what a comparison costs.
    of_known, of_nobody = (text.split("$")[:4] for text in compared)
    assert of_known == of_nobody
    assert of_known[1] == "argon2id"


async def test_the_dummy_password_opens_nothing() -> None:
    passwords = Passwords(slots=1)
    answer = await passwords.verify("the password of an account that does not exist", None)
    assert answer[0] is False


def test_an_access_token_says_what_was_put_in() -> None:
    tokens = AccessTokens(KEY, lifetime=timedelta(minutes=1))
    claims = tokens.verify(tokens.issue(7, 3))
    assert (claims.account_id, claims.token_version) == (7, 3)
    assert claims.expires_at > utc_now()
    assert tokens.issue(7, 3) != tokens.issue(7, 3)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é",
        "x" * 5000,
        jwt.encode({"sub": "7"}, KEY, algorithm="HS256"),
        jwt.encode(
            {"sub": "7", "ver": 0, "iat": 0, "exp": 2**40, "jti": "1"}, "o" * 48, algorithm="HS256"
        ),
        jwt.encode(
            {"sub": "7", "ver": 0, "iat": 0, "exp": 2**40, "jti": "1"}, "", algorithm="none"
        ),
        jwt.encode(
            {"sub": "9" * 30, "ver": 0, "iat": 0, "exp": 2**31, "jti": "1"}, KEY, algorithm="HS256"
        ),
        jwt.encode(
            {"sub": "sete", "ver": 0, "iat": 0, "exp": 2**31, "jti": "1"}, KEY, algorithm="HS256"
        ),
    ],
)
def test_tokens_that_are_not_ours_are_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        AccessTokens(KEY, lifetime=timedelta(minutes=1)).verify(token)


def test_an_expired_token_is_refused() -> None:
    tokens = AccessTokens(KEY, lifetime=timedelta(seconds=-5))
    with pytest.raises(InvalidTokenError):
        tokens.verify(tokens.issue(7, 0))


def test_the_cache_forgets_and_stays_small() -> None:
    subject = Subject(1, "maria", Role.USUARIO, None)
    later = utc_now() + timedelta(minutes=5)
    cache = SubjectCache(capacity=2)
    for token in "abc":
        cache.put(token, subject, expires_at=later)
    assert cache.get("a") is None
    assert cache.get("c") is subject
    cache.put("d", subject, expires_at=utc_now() - timedelta(seconds=1))
    assert cache.get("d") is None
    gone = SubjectCache(lifetime_s=0)
    gone.put("a", subject, expires_at=later)
    assert gone.get("a") is None


def test_refresh_tokens_are_long_and_stored_as_hashes() -> None:
    token = new_refresh_token()
    assert len(token) >= 43
    assert token != new_refresh_token()
    assert len(hash_refresh_token(token)) == 64


def test_failure_keys_hide_names_and_unite_spellings() -> None:
    keys = FailureKeys(KEY)
    assert keys.of_name(CPF) == keys.of_name("529.982.247-25")
    assert keys.of_name(" Maria ") == keys.of_name("maria")
    assert CPF not in keys.of_name(CPF)
    assert keys.of_name("maria") != FailureKeys("o" * 48).of_name("maria")
    assert keys.of_address("2001:db8::1") == keys.of_address("2001:db8::2")
    assert keys.of_address("10.0.0.1") != keys.of_address("10.0.0.2")
    assert keys.of_address("testclient")


def test_an_update_names_only_what_was_sent() -> None:
    assert AccountUpdate.model_validate({}).changes() == {}
    assert AccountUpdate.model_validate({"perfil": "admin"}).changes() == {"role": Role.ADMIN}
    for field in ("username", "password", "perfil"):
        with pytest.raises(ValueError, match=field):
            AccountUpdate.model_validate({field: None})
