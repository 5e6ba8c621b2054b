"""Signatures of the provider's notices: HMAC-SHA256 over the moment and the body.

The header reads ``t=<seconds>,v1=<hex>``; while a secret is being changed, a sender may put one
``v1`` for each. The moment is signed, too, so that a notice that was overheard soon counts no
more. The scheme is the one that payment providers commonly use (Stripe's, for instance).
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from praca.wallet.pix.errors import InvalidSignatureError

__all__ = ["SIGNATURE_HEADER", "check_signature", "sign"]

SIGNATURE_HEADER: Final = "Pix-Signature"
_HEADER = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64}){1,4})")


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the header of a notice that is sent ``at`` so many seconds after 1970."""
    return f"t={at},v1={_digest(secret, body, at)}"


def _digest(secret: str, body: bytes, at: int) -> str:
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def check_signature(
    header: str, body: bytes, secrets: Sequence[str], *, now: float, tolerance_s: float
) -> None:
    """Let only a notice pass that one of ``secrets`` signed a short time ago.

    Raises:
        InvalidSignatureError: it did not, or the moment is too far from ``now``.
    """
    found = _HEADER.fullmatch(header)
    if found is None or abs(now - int(found[1])) > tolerance_s:
        raise InvalidSignatureError
    given = [part.removeprefix("v1=") for part in found[2].split(",") if part]
    at = int(found[1])
    # All are compared, each in constant time: how long it takes tells nothing.
    matches = [
        hmac.compare_digest(_digest(secret, body, at), candidate)
        for secret in secrets
        for candidate in given
    ]
    if not any(matches):
        raise InvalidSignatureError
