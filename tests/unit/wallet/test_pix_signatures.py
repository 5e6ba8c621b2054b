"""Signatures of notices: what counts, and everything that does not."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.wallet.pix.errors import InvalidSignatureError
from praca.wallet.pix.signatures import check_signature, sign

SECRET = "a" * 40
BODY = b'{"id":"evt-1"}'
AT = 1_795_000_000


def counts(
    header: str, body: bytes = BODY, *, now: float = AT, secrets: tuple[str, ...] = (SECRET,)
) -> bool:
    try:
        check_signature(header, body, secrets, now=now, tolerance_s=300)
    except InvalidSignatureError:
        return False
    return True


def test_it_is_the_documented_hmac() -> None:
    digest = hmac.new(SECRET.encode(), f"{AT}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert sign(SECRET, BODY, AT) == f"t={AT},v1={digest}"
    assert counts(f"t={AT},v1={digest}")


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_it_counts_for_a_while(seconds: int, expected: bool) -> None:
    assert counts(sign(SECRET, BODY, AT), now=AT + seconds) is expected


def test_the_moment_and_the_body_are_signed() -> None:
    header = sign(SECRET, BODY, AT)
    assert not counts(header, BODY + b" ")
    assert not counts(header.replace(str(AT), str(AT + 1)))
    assert not counts(header, secrets=("b" * 40,))
    assert not counts(header, secrets=())


def test_a_secret_is_changed_without_a_gap() -> None:
    old, new = "o" * 40, "n" * 40
    assert counts(sign(old, BODY, AT), secrets=(new, old))
    assert counts(sign(new, BODY, AT), secrets=(new, old))
    both = f"{sign(new, BODY, AT)},{sign(old, BODY, AT).partition(',')[2]}"
    assert counts(both, secrets=(old,))
    assert not counts(sign(old, BODY, AT), secrets=(new,))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "t=1",
        f"t={AT}",
        f"v1={'0' * 64}",
        f"t={AT},v0={'0' * 64}",
        f"t={'9' * 13},v1={'0' * 64}",
    ],
)
def test_other_headers_do_not_count(header: str) -> None:
    assert not counts(header)


@given(st.text(max_size=200))
def test_no_text_breaks_it(header: str) -> None:
    assert not counts(header)
