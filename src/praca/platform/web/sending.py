"""Rendered answers on the wire: validators, totals, links to other pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from fastapi import Request, Response

from praca.kit.paging import Page

__all__ = ["PAGE_HEADERS", "Body", "Sendable", "is_known", "send", "send_page"]

# An answer may be kept by whoever likes, and is asked about before it is shown again.
_COMMON: Final = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-cache"),
)
PAGE_HEADERS: Final[dict[str, Any]] = {
    "X-Total-Count": {
        "description": "Number of the records on all pages.",
        "schema": {"type": "integer"},
    },
    "Link": {
        "description": "The `first`, `prev`, `next` and `last` page, as far as there are such.",
        "schema": {"type": "string"},
    },
}


class Sendable(Protocol):
    """JSON that is there already, with its validator."""

    @property
    def body(self) -> bytes:
        """The JSON."""

    @property
    def etag(self) -> str:
        """The validator, in quotation marks."""

    @property
    def total(self) -> int:
        """Number of the records of all pages; 0 where there are no pages."""


@dataclass(frozen=True, slots=True)
class Body:
    """JSON that was made for one request."""

    body: bytes
    etag: str
    total: int = 0


class _Prepared(Response):
    """A response whose headers are bytes already: making them each time costs more than sending."""

    def __init__(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = headers


def send(request: Request, answer: Sendable, *headers: tuple[bytes, bytes]) -> Response:
    """Send ``answer``, or 304 if the client has this very one."""
    sent = [*_COMMON, *headers, (b"etag", answer.etag.encode())]
    if is_known(request, answer.etag):
        return _Prepared(304, b"", sent[1:])
    sent.append((b"content-length", str(len(answer.body)).encode()))
    return _Prepared(200, answer.body, sent)


def is_known(request: Request, etag: str) -> bool:
    """Tell whether the client has the answer of this ``etag``."""
    known = request.headers.get("if-none-match")
    return known is not None and _matches(known, etag)


def send_page(
    request: Request, answer: Sendable, page: Page, query: Mapping[str, Any] | None = None
) -> Response:
    """Send a page with the total and links; ``query`` is what the others are asked for besides."""
    links = _links(request.scope["path"], page, answer.total, query or {})
    total = (b"x-total-count", str(answer.total).encode())
    return send(request, answer, total, *(((b"link", links.encode()),) if links else ()))


def _matches(known: str, etag: str) -> bool:
    """Tell whether the header names the tag. Source: RFC 9110, section 13.1.2."""
    return known.strip() == "*" or any(
        given.strip().removeprefix("W/") == etag for given in known.split(",")
    )


def _links(path: str, page: Page, total: int, query: Mapping[str, Any]) -> str:
    """Return the value of ``Link``; its addresses are relative, as the host may be another's."""
    last = max(0, (total - 1) // page.limit * page.limit)
    offsets = {
        "first": 0,
        # From beyond the end back to the last page, not through the empty ones.
        "prev": min(max(0, page.offset - page.limit), last) if page.offset else None,
        "next": page.offset + page.limit if page.offset + page.limit < total else None,
        "last": last,
    }
    given = {name: value for name, value in query.items() if value is not None}
    asked = f"{urlencode(given)}&" if given else ""
    return ", ".join(
        f'<{path}?{asked}limit={page.limit}&offset={offset}>; rel="{name}"'
        for name, offset in offsets.items()
        if offset is not None
    )
