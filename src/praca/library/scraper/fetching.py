"""Asking a shop for its pages: politely, within bounds, and telling what a failure means."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from types import TracebackType
from typing import Final, Self

import httpx2

from praca.kit.clock import utc_now
from praca.library.scraper.answers import (
    Answer,
    FetchFailedError,
    check_status,
    head_bytes,
    read_body,
    told_as_failures,
    validator,
)
from praca.library.scraper.links import Origin, inside, origin
from praca.library.scraper.robots import MOST_BYTES, Robots
from praca.library.scraper.turns import Turns
from praca.platform.settings.library import LibrarySettings

__all__ = [
    "FetchFailedError",
    "Fetched",
    "Fetcher",
    "RobotsDisallowedError",
    "Validators",
]

_MOST_REDIRECTS: Final = 5
_ROBOTS_HOLD_S: Final = 24 * 3600
_FAILED_ROBOTS_HOLD_S: Final = 5
_KEEP_ALIVE_S: Final = 30
_MOST_OF_AN_ERROR: Final = 64 * 1024
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_UNAVAILABLE: Final = range(400, 500)
_TOO_MANY_REQUESTS: Final = 429
_NOT_ASKED: Final = FetchFailedError("ainda não foi lido", is_transient=True)


class RobotsDisallowedError(Exception):
    """The shop asks crawlers not to read the page."""

    def __init__(self, url: str) -> None:
        super().__init__("o robots.txt da loja não permite ler a página")
        self.url = url


@dataclass(frozen=True, slots=True)
class Validators:
    """What a page was known by when it was last received; None: not known."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed."""
        headers = {
            "If-None-Match": validator(self.etag),
            "If-Modified-Since": validator(self.last_modified),
        }
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was received.

    Attributes:
        url: where it came from in the end, redirections followed.
        status: 200, or 304: unchanged.
        body: decompressed; None: unchanged.
        etag: to be sent along the next time.
        last_modified: to be sent along the next time.
        content_hash: SHA-256 of the body; empty: unchanged.
        received_bytes: of all answers on the way to it: headers (about) and bodies as they came
            over the wire.
        charset: what the header said of the body's letters.
    """

    url: str
    status: int
    body: bytes | None
    etag: str | None
    last_modified: str | None
    content_hash: bytes
    received_bytes: int
    charset: str | None = None


class Fetcher:
    """Asks hosts for pages, each as often and as many at a time as the settings and it allow.

    One attempt per call; trying again is the caller's. ``robots.txt`` is asked for once per host
    and day. Where the shop is, is the operator's choice, this machine included; nothing leads
    from there to another host, port or scheme. No cookie is kept.

    To be entered, and used by one event loop.

    Args:
        settings: of the library.
        clock: monotonic seconds.
        sleep: waits so many seconds.
        now: the time of day.
    """

    def __init__(
        self,
        settings: LibrarySettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._turns: dict[str, Turns] = {}
        self._doors: dict[Origin, _Door] = {}
        self._received_bytes = 0
        self._client = httpx2.AsyncClient(
            headers={
                "User-Agent": settings.scrape_user_agent,
                "Accept": "text/html, */*;q=0.1",
                "Accept-Encoding": "gzip",
            },
            verify=_certificates(),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            # The whole request is timed, in `_ask`: a server may send a byte a second for ever.
            timeout=None,
            limits=httpx2.Limits(
                max_connections=settings.scrape_concurrency,
                max_keepalive_connections=settings.scrape_concurrency,
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    @property
    def received_bytes(self) -> int:
        """What has been received so far: ``robots.txt`` and failures included."""
        return self._received_bytes

    async def fetch(self, url: str, validators: Validators | None = None) -> Fetched:
        """Ask for a page once; redirections within the host are followed.

        Args:
            url: of the page.
            validators: of the page as it is known; it is received only if it has changed.

        Raises:
            RobotsDisallowedError: ``robots.txt`` forbids it, or where it is redirected to.
            FetchFailedError: it was not received.
        """
        known = validators or Validators()
        expected = frozenset({_OK, _NOT_MODIFIED} if known.headers else {_OK})
        received_bytes = 0
        for _ in range(_MOST_REDIRECTS + 1):
            await self._check_robots(url)
            answer = await self._ask(url, known.headers, self._settings.scrape_max_page_bytes)
            received_bytes += answer.received_bytes
            if answer.location is None:
                check_status(answer, expected=expected, now=self._now())
                return _fetched(url, answer, known, received_bytes)
            url = _followed(url, answer)
        raise _too_many_redirects(answer)

    async def _check_robots(self, url: str) -> None:
        try:
            where = origin(url)
        except ValueError as error:
            raise FetchFailedError(str(error), is_transient=False) from None
        door = self._doors.setdefault(where, _Door(self._clock))
        robots = await door.robots(lambda: self._ask_robots(where, url))
        if not robots.may_fetch(url):
            raise RobotsDisallowedError(url)

    async def _ask_robots(self, where: Origin, page: str) -> Robots:
        """Return a host's rules.

        A host that has none allows everything; one that cannot be asked allows nothing for now.
        So does one that is asked too often (429), which the RFC would let count as having none.
        """
        url = inside("/robots.txt", page)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._ask(url, {}, MOST_BYTES, is_cut=True)
            if answer.location is None:
                break
            url = _followed(url, answer)
        else:
            raise _too_many_redirects(answer)
        if answer.status in _UNAVAILABLE and answer.status != _TOO_MANY_REQUESTS:
            return Robots.allow_all()
        check_status(answer, expected=frozenset({_OK}), now=self._now())
        robots = Robots.parse(answer.body, self._settings.scrape_user_agent)
        self._turns_of(where[1]).slow_down(robots.delay_s)
        return robots

    async def _ask(
        self, url: str, headers: dict[str, str], most: int, *, is_cut: bool = False
    ) -> Answer:
        settings = self._settings
        async with self._turns_of(origin(url)[1]).turn():
            with told_as_failures():
                async with (
                    asyncio.timeout(settings.scrape_timeout_s),
                    self._client.stream("GET", url, headers=headers) as response,
                ):
                    return await self._read(response, most, is_cut=is_cut)

    async def _read(self, response: httpx2.Response, most: int, *, is_cut: bool) -> Answer:
        is_page = response.status_code == _OK
        try:
            body = await read_body(
                response,
                most if is_page else min(most, _MOST_OF_AN_ERROR),
                is_cut=is_cut or not is_page,
            )
        finally:
            received_bytes = head_bytes(response) + response.num_bytes_downloaded
            self._received_bytes += received_bytes
        return Answer(
            response.status_code,
            response.headers,
            body,
            response.charset_encoding,
            received_bytes,
        )

    def _turns_of(self, host: str) -> Turns:
        if host not in self._turns:
            self._turns[host] = Turns(
                at_once=self._settings.scrape_concurrency,
                delay_s=self._settings.scrape_delay_s,
                clock=self._clock,
                sleep=self._sleep,
            )
        return self._turns[host]


@cache
def _certificates() -> SSLContext:
    return httpx2.create_ssl_context()  # it takes longer to read them than to ask for a page


class _Door:
    """Keeps the rules of one host, and asks for them once however many wait for them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Robots | FetchFailedError = _NOT_ASKED
        self._until = float("-inf")

    async def robots(self, ask: Callable[[], Awaitable[Robots]]) -> Robots:
        async with self._asking:
            if self._clock() >= self._until:
                await self._ask(ask)
        if isinstance(self._known, FetchFailedError):
            raise _without_robots(self._known)
        return self._known

    async def _ask(self, ask: Callable[[], Awaitable[Robots]]) -> None:
        try:
            self._known = await ask()
        except FetchFailedError as failure:
            self._known = failure
            self._until = self._clock() + _FAILED_ROBOTS_HOLD_S
        else:
            self._until = self._clock() + _ROBOTS_HOLD_S


def _without_robots(failure: FetchFailedError) -> FetchFailedError:
    """Return why a page is not asked for: it may be later, however ``robots.txt`` failed."""
    return FetchFailedError(
        f"robots.txt: {failure.reason}",
        is_transient=True,
        retry_after_s=failure.retry_after_s,
    )


def _fetched(url: str, answer: Answer, known: Validators, received_bytes: int) -> Fetched:
    is_unchanged = answer.status == _NOT_MODIFIED
    etag = validator(answer.headers.get("etag"))
    last_modified = validator(answer.headers.get("last-modified"))
    return Fetched(
        url=url,
        status=answer.status,
        body=None if is_unchanged else answer.body,
        etag=etag or known.etag if is_unchanged else etag,
        last_modified=last_modified or known.last_modified if is_unchanged else last_modified,
        content_hash=b"" if is_unchanged else sha256(answer.body).digest(),
        received_bytes=received_bytes,
        charset=answer.charset,
    )


def _followed(url: str, answer: Answer) -> str:
    try:
        return inside(answer.location or "", url)
    except ValueError as error:
        raise FetchFailedError(
            f"redirecionamento recusado: {error}", is_transient=False, status=answer.status
        ) from None


def _too_many_redirects(answer: Answer) -> FetchFailedError:
    return FetchFailedError("redirecionamentos demais", is_transient=False, status=answer.status)
