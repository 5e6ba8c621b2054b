"""Lines of the journal: what is put into them, and what never is."""

import hashlib
import hmac
import json
import math
from typing import Any, Final, NamedTuple

import orjson

__all__ = [
    "WEBSOCKET",
    "Hashing",
    "Line",
    "noted_method",
    "prediction_line",
    "request_line",
]

WEBSOCKET: Final = "WEBSOCKET"
"""Stands for the method where a socket was opened; its milliseconds are those of the handshake."""

_OTHER_METHOD: Final = "(outro)"
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", WEBSOCKET}
)
_PURPOSE: Final = b"praca journal inputs"
_HASH_BYTES: Final = 16
_LONGEST_ROUTE: Final = 200
_LONGEST_MODEL: Final = 100
_LONGEST_OUTPUT: Final = 200
_LONGEST_MS: Final = 1e12
_BIGGEST_VERSION: Final = 2**31 - 1
_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


class Line(NamedTuple):
    """One line as the buffer holds it.

    Attributes:
        at: seconds since 1970.
        is_prediction: which of the two tables it is for.
        values: method, route, status, ms and account of a request; model, version, input hash in
            hexadecimal digits, output and ms of a prediction.
    """

    at: float
    is_prediction: bool
    values: tuple[Any, ...]

    @property
    def began_at(self) -> float:
        """When the request came, at which whose it is was known; of requests alone."""
        return float(self.at - self.values[3] / 1000)


class Hashing:
    """Tells equal inputs of a model from others, and nothing else of them.

    Inputs are personal data that can be guessed, so their hash has a key: the city's secret.
    """

    def __init__(self, signing_key: str) -> None:
        self._key = hmac.digest(signing_key.encode(), _PURPOSE, hashlib.sha256)

    def of(self, inputs: Any) -> str:
        """Return the hash of anything that can be written as JSON, or has a ``repr``."""
        return hashlib.blake2b(_encoded(inputs), digest_size=_HASH_BYTES, key=self._key).hexdigest()


def _encoded(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=repr, option=_OPTIONS)
    except TypeError:
        # Half of a character, a number of more than 64 bits, keys that cannot be sorted.
        return json.dumps(value, default=repr).encode()


def noted_method(method: str) -> str:
    """Return a method as it is written down: a client may say anything, a CPF included."""
    return method if method in _METHODS else _OTHER_METHOD


def request_line(
    at: float, method: str, route: str, status: int, ms: float, user_id: int | None
) -> Line:
    """Return the line of a request; ``method`` is the client's word, the rest is ours."""
    known = noted_method(method)
    return Line(at, False, (known, route[:_LONGEST_ROUTE], status, round(ms, 3), user_id))


def prediction_line(  # the columns of a row
    at: float, model: str, version: int, input_hash: str, output: Any, ms: float
) -> Line:
    """Return the line of a model's answer.

    Raises:
        ValueError: the version or the duration is no number that the table could hold.
    """
    if not 0 <= version <= _BIGGEST_VERSION or not math.isfinite(ms) or abs(ms) > _LONGEST_MS:
        raise ValueError("a prediction's version or duration is out of bounds")
    said = output if isinstance(output, str) else _encoded(output).decode()
    values = (
        _text(model, _LONGEST_MODEL),
        int(version),
        input_hash,
        _text(said, _LONGEST_OUTPUT),
        round(float(ms), 3),
    )
    return Line(at, True, values)


def _text(value: str, longest: int) -> str:
    """Return ``value`` as PostgreSQL takes it: short, without NUL and halves of characters."""
    return (
        value[:longest]
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
        .encode("utf-8", "replace")
        .decode()
    )
