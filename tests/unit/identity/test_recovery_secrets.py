from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import jwt
import pytest

from praca.identity.errors import InvalidTokenError
from praca.identity.recovery.secrets import RecoverySecrets
from praca.identity.tokens import AccessTokens
from praca.kit.clock import utc_now

KEY = "k" * 48
SECRETS = RecoverySecrets(KEY)
OTHERS = RecoverySecrets("o" * 48)


def test_codes_are_six_digits_evenly_spread() -> None:
    codes = [SECRETS.code_of(UUID(int=number)) for number in range(10_000)]
    assert {len(code) for code in codes} == {6}
    assert all(code.isascii() and code.isdigit() for code in codes)
    # 1,000 each; five standard deviations of a binomial count are 150.
    assert all(abs(count - 1000) < 150 for count in Counter(code[0] for code in codes).values())
    assert all(abs(count - 1000) < 150 for count in Counter(code[5] for code in codes).values())
    assert len(set(codes)) > 9_900


def test_a_code_needs_the_key_and_the_id() -> None:
    recovery_id = uuid4()
    code = SECRETS.code_of(recovery_id)
    assert code == SECRETS.code_of(recovery_id)
    stored = SECRETS.hash_of(recovery_id, code)
    assert SECRETS.is_code(recovery_id, code, stored)
    for wrong in ("", "0" * 5, f"{(int(code) + 1) % 10**6:06}", "é" * 6):
        assert not SECRETS.is_code(recovery_id, wrong, stored)
    assert not OTHERS.is_code(recovery_id, code, stored)
    assert not SECRETS.is_code(uuid4(), code, stored)


def test_a_sealed_e_mail_opens_for_its_recovery_only() -> None:
    recovery_id = uuid4()
    sealed = SECRETS.sealed(recovery_id, " Maria@Example.com")
    assert b"example" not in sealed.lower()
    assert SECRETS.opened(recovery_id, sealed) == "maria@example.com"
    assert SECRETS.opened(uuid4(), sealed) is None
    assert OTHERS.opened(recovery_id, sealed) is None
    assert SECRETS.opened(recovery_id, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert sealed != SECRETS.sealed(recovery_id, "maria@example.com")


def test_spellings_of_an_e_mail_share_a_key() -> None:
    key = SECRETS.email_key("maria@example.com")
    assert key == SECRETS.email_key(" MARIA@example.COM ")
    assert key != SECRETS.email_key("ana@example.com")
    assert key != OTHERS.email_key("maria@example.com")


def test_a_token_tells_its_recovery_until_it_expires() -> None:
    recovery_id = uuid4()
    later = utc_now() + timedelta(minutes=1)
    assert SECRETS.recovery_of(SECRETS.token(recovery_id, later)) == recovery_id
    with pytest.raises(InvalidTokenError):
        SECRETS.recovery_of(SECRETS.token(recovery_id, utc_now() - timedelta(seconds=1)))
    with pytest.raises(InvalidTokenError):
        OTHERS.recovery_of(SECRETS.token(recovery_id, later))


def test_neither_token_is_taken_for_the_other() -> None:
    access = AccessTokens(KEY, lifetime=timedelta(minutes=1))
    with pytest.raises(InvalidTokenError):
        SECRETS.recovery_of(access.issue(7, 0))
    with pytest.raises(InvalidTokenError):
        access.verify(SECRETS.token(uuid4(), utc_now() + timedelta(minutes=1)))


def test_an_access_token_names_no_audience_even_under_the_same_key() -> None:
    # Should the keys ever become one, the audience alone keeps the two apart.
    access = AccessTokens(KEY, lifetime=timedelta(minutes=1))
    claims = {"sub": "7", "ver": 0, "iat": 0, "exp": 2**31, "jti": "1"}
    access.verify(jwt.encode(claims, KEY, algorithm="HS256"))
    with pytest.raises(InvalidTokenError):
        access.verify(jwt.encode({**claims, "aud": "praca:reset-password"}, KEY, algorithm="HS256"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * 5000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        SECRETS.recovery_of(token)
