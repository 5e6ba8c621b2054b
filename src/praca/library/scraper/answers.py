"""What a shop's server answered: what was moved, and what a failure means for the next try."""

import re
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx2

__all__ = [
    "Answer",
    "FetchFailedError",
    "check_status",
    "head_bytes",
    "read_body",
    "retry_after_s",
    "told_as_failures",
    "validator",
]

_LONGEST_WAIT_S: Final = 3600.0
_LONGEST_VALIDATOR: Final = 500
_VALIDATOR: Final = re.compile(rf"[\x20-\x7e]{{1,{_LONGEST_VALIDATOR}}}")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
# Too slow, too early, too often; every 5xx may pass, too.
_TRANSIENT: Final = frozenset({408, 425, 429})
_FIRST_SERVER_ERROR: Final = 500


class FetchFailedError(Exception):
    """A page was not received.

    Attributes:
        reason: why, in Portuguese and without the page's address.
        is_transient: whether it may be received later; else asking again is of no use.
        retry_after_s: for how long the shop asks to be left alone, an hour at most; None: it
            does not say.
        status: of the answer, if there was one.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_transient: bool,
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_transient = is_transient
        self.retry_after_s = retry_after_s
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a server, its body decompressed.

    Attributes:
        received_bytes: status line, headers and body as they came over the wire; the frames of
            a chunked body and those of TLS are not counted.
    """

    status: int
    headers: httpx2.Headers
    body: bytes
    charset: str | None
    received_bytes: int

    @property
    def location(self) -> str | None:
        """Where a redirection leads; None: it is none."""
        is_redirect = self.status in {301, 302, 303, 307, 308}
        return self.headers.get("location") if is_redirect else None


def check_status(answer: Answer, *, expected: frozenset[int], now: datetime) -> None:
    """Do nothing if the status is as expected.

    Raises:
        FetchFailedError: it is not.
    """
    if answer.status in expected:
        return
    is_transient = answer.status in _TRANSIENT or answer.status >= _FIRST_SERVER_ERROR
    raise FetchFailedError(
        f"a loja respondeu {answer.status}",
        is_transient=is_transient,
        retry_after_s=retry_after_s(answer.headers, now) if is_transient else None,
        status=answer.status,
    )


def retry_after_s(headers: httpx2.Headers, now: datetime) -> float | None:
    """Return for how many seconds a server asks to be left alone, 0 to 3600; None: it does not.

    It says so in seconds or as a date. Source: RFC 9110, section 10.2.3.
    """
    value = (headers.get("retry-after") or "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), _LONGEST_WAIT_S)


def head_bytes(response: httpx2.Response) -> int:
    """Return about how many bytes the status line and the headers took."""
    status_line = len("HTTP/1.1 200 ") + len(response.reason_phrase) + 2
    return status_line + 2 + sum(len(name) + len(value) + 4 for name, value in response.headers.raw)


async def read_body(response: httpx2.Response, most: int, *, is_cut: bool) -> bytes:
    """Return the body, decompressed, while it is received.

    Not more than ``most`` bytes are kept, nor received: a few kilobytes that would become
    gigabytes are given up on as soon as they have become too many.

    Args:
        response: of which nothing was read yet.
        most: bytes, on the wire and decompressed.
        is_cut: return the beginning of a longer one instead of failing.

    Raises:
        FetchFailedError: it is longer.
    """
    body = bytearray()
    async with aclosing(response.aiter_bytes()) as parts:
        if not is_cut and _announced(response) > most:
            raise _too_large(response)
        async for part in parts:
            body += part
            if max(len(body), response.num_bytes_downloaded) > most:
                if is_cut:
                    return bytes(body[:most])
                raise _too_large(response)
    return bytes(body)


def _announced(response: httpx2.Response) -> int:
    length = response.headers.get("content-length", "")
    return int(length) if _SECONDS.fullmatch(length) else 0


def _too_large(response: httpx2.Response) -> FetchFailedError:
    return FetchFailedError(
        "a página é grande demais", is_transient=False, status=response.status_code
    )


def validator(value: str | None) -> str | None:
    """Return an ETag or a date of change if it can be sent back as it is."""
    return value if value and _VALIDATOR.fullmatch(value) else None


@contextmanager
def told_as_failures() -> Iterator[None]:
    """Tell in our own errors what goes wrong on the way to a server and back."""
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException):
        raise FetchFailedError("a loja não respondeu a tempo", is_transient=True) from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
        raise FetchFailedError("o endereço não é válido", is_transient=False) from None
    except httpx2.DecodingError:
        raise FetchFailedError("a resposta veio corrompida", is_transient=True) from None
    except httpx2.HTTPError as error:
        kind = type(error).__name__
        raise FetchFailedError(f"a conexão com a loja falhou ({kind})", is_transient=True) from None
