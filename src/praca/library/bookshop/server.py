"""The shop as a web server: an ASGI application, with switches for tests and demonstrations."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from praca.library.bookshop.books import ShopBook
from praca.library.bookshop.covers import cover_svg
from praca.library.bookshop.site import render_site

__all__ = ["Asked", "Bookshop"]

_OPENED_AT = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_REMEMBERED = 100_000
_ROBOTS = "User-agent: *\nAllow: /\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that the shop was asked: what for, when (monotonic seconds), the answer."""

    path: str
    at_s: float
    status: int
    sent_bytes: int
    user_agent: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it is sent, its validators, and both answers made of them."""

    body: bytes
    media_type: str
    changed_at: float
    etag: str
    whole: Response
    unchanged: Response

    @classmethod
    def of(cls, body: bytes, changed_at: float, media_type: str = "text/html") -> "_Page":
        etag = f'"{sha256(body).hexdigest()[:32]}"'
        modified = format_datetime(datetime.fromtimestamp(changed_at, UTC), usegmt=True)
        validators = {"etag": etag, "last-modified": modified}
        return cls(
            body=body,
            media_type=media_type,
            changed_at=changed_at,
            etag=etag,
            whole=Response(body, media_type=media_type, headers=validators),
            unchanged=Response(status_code=304, headers=validators),
        )


@dataclass(slots=True)
class _Refusal:
    """An answer that is given instead of a page, so many times."""

    prefix: str
    status: int
    times: int
    retry_after: str | None


class Bookshop:
    """The shop: pages kept as bytes, answered with ETag and Last-Modified.

    Everything below :attr:`delay_s` is a switch that makes the shop change or misbehave; none of
    them can be reached by HTTP. Not safe for threads: call them on the loop that serves it.

    Attributes:
        delay_s: how long each answer waits, in seconds.
        robots: text of ``robots.txt``; None: there is none (404).
        asked: the last requests, oldest first.
        busiest: the most requests that were answered at the same time.
    """

    def __init__(
        self,
        books: Sequence[ShopBook],
        categories: Sequence[str] | None = None,
        *,
        now: float = _OPENED_AT,
    ) -> None:
        self.delay_s = 0.0
        self.robots: str | None = _ROBOTS
        self.asked: deque[Asked] = deque(maxlen=_REMEMBERED)
        self.busiest = 0
        self._busy = 0
        self._books = {book.number: book for book in books}
        self._categories = categories or list(dict.fromkeys(book.categoria for book in books))
        self._damages: dict[str, tuple[bytes, bytes]] = {}
        self._refusals: list[_Refusal] = []
        self._pages: dict[str, _Page] = {}
        self._covers = {book.image_path: book for book in books}
        self._render(now)

    @property
    def books(self) -> tuple[ShopBook, ...]:
        """The books that are in the shop now, in the order of its listings."""
        return tuple(self._books.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of all pages, from the root, without a leading slash."""
        return tuple(self._pages)

    def page(self, path: str) -> bytes:
        """Return a page as it is served now.

        Raises:
            KeyError: there is none at this path.
        """
        return self._pages[path].body

    def set_price(self, number: int, centavos: int) -> None:
        """Change what a book costs."""
        self._put(replace(self._books[number], preco_centavos=centavos))

    def set_stock(self, number: int, estoque: int) -> None:
        """Change how many there are of a book; none: out of stock."""
        self._put(replace(self._books[number], estoque=estoque))

    def add(self, book: ShopBook) -> None:
        """Put a book, of a category that the shop has, at the end of the listings."""
        self._put(book)

    def remove(self, number: int) -> None:
        """Take a book away: no listing has it, and its page answers 404."""
        del self._books[number]
        self._render()

    def break_layout(self, path: str, old: str, new: str = "") -> None:
        """Write ``new`` wherever the page at ``path`` has ``old``, until it is mended."""
        if old not in self.page(path).decode():
            raise ValueError(f"{path} does not have {old!r}")
        self._damages[path] = old.encode(), new.encode()
        self._render()

    def mend_layout(self, path: str) -> None:
        """Undo :meth:`break_layout`."""
        del self._damages[path]
        self._render()

    def refuse(
        self,
        times: int,
        status: int = 503,
        *,
        retry_after: str | None = None,
        prefix: str = "",
    ) -> None:
        """Answer the next requests with an error.

        Args:
            times: how many.
            status: of the answers, 429 or 503 for example.
            retry_after: the header as it is sent: seconds, or a date of HTTP.
            prefix: only requests whose path (without leading slash) begins so.
        """
        self._refusals.append(_Refusal(prefix, status, times, retry_after))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Other scopes (lifespan) are refused, as ASGI asks."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            headers = Headers(scope=scope)
            path = scope["path"].removeprefix("/")
            answer = self._answer(scope["method"], path, headers)
            self._note(path, answer, headers)
            await answer(scope, receive, send)
        finally:
            self._busy -= 1

    def _note(self, path: str, answer: Response, headers: Headers) -> None:
        agent = headers.get("user-agent", "")
        self.asked.append(
            Asked(path, time.monotonic(), answer.status_code, len(answer.body), agent)
        )

    def _answer(self, method: str, path: str, headers: Headers) -> Response:
        refusal = self._refusal(path)
        if refusal is not None:
            return refusal
        if method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method Not Allowed", 405, {"allow": "GET, HEAD"})
        if path == "robots.txt" and self.robots is not None:
            return PlainTextResponse(self.robots)
        page = self._found(path)
        if page is None:
            return PlainTextResponse("Not Found", 404)
        return page.unchanged if _is_known(page, headers) else page.whole

    def _found(self, path: str) -> _Page | None:
        page = self._pages.get(path)
        if page is None and (not path or path.endswith("/")):
            page = self._pages.get(f"{path}index.html")
        if page is None and path in self._covers:
            book = self._covers[path]
            return _Page.of(cover_svg(book.titulo, book.number), _OPENED_AT, "image/svg+xml")
        return page

    def _refusal(self, path: str) -> Response | None:
        for refusal in self._refusals:
            if refusal.times and path.startswith(refusal.prefix):
                refusal.times -= 1
                after = refusal.retry_after
                more = {} if after is None else {"retry-after": after}
                return PlainTextResponse("", refusal.status, more)
        return None

    def _put(self, book: ShopBook) -> None:
        self._books[book.number] = book
        self._covers[book.image_path] = book
        self._render()

    def _render(self, now: float | None = None) -> None:
        """Write all pages; one that comes out as it was stays as old as it was."""
        old, now = self._pages, time.time() if now is None else now
        self._pages = {
            path: _kept(old.get(path), self._damaged(path, body), now)
            for path, body in render_site(self.books, self._categories).items()
        }

    def _damaged(self, path: str, body: bytes) -> bytes:
        return body.replace(*self._damages[path]) if path in self._damages else body


def _kept(old: _Page | None, body: bytes, now: float) -> _Page:
    if old is None:
        return _Page.of(body, now)
    # The header counts whole seconds: a page that changed twice within one must not look old.
    return old if old.body == body else _Page.of(body, max(now, old.changed_at + 1))


def _is_known(page: _Page, headers: Headers) -> bool:
    """Tell whether the client has this page. Source: RFC 9110, section 13.2.2."""
    known = headers.get("if-none-match")
    if known is not None:
        return page.etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    since = headers.get("if-modified-since")
    return since is not None and since == page.whole.headers["last-modified"]
