"""Asking for one page once, and what comes of it; all that goes wrong becomes an outcome."""

import random
from dataclasses import dataclass, replace
from typing import Final

import structlog

from praca.library.scraper.fetching import (
    Fetched,
    Fetcher,
    FetchFailedError,
    RobotsDisallowedError,
    Validators,
)
from praca.library.scraper.pages import BOOK, GONE, LISTING, ClaimedPage, Memory, Outcome
from praca.library.scraper.parsing import LayoutError, parse_book, parse_listing
from praca.library.scraper.shop import Shop
from praca.library.storing import unstorable

__all__ = ["LONGEST_PAUSE_S", "Reader", "links_of", "quarantined"]

_log = structlog.get_logger("praca.scraper")
_LONGEST_WAIT_S: Final = 60.0
_OK: Final = 200
_NOT_MODIFIED: Final = 304

LONGEST_PAUSE_S: Final = 1800.0
"""A shop that asks to be left alone for longer ends the crawl."""


def links_of(memory: Memory) -> tuple[tuple[str, str], ...]:
    """Return the pages, as (kind, path), that a listing leads to: the one after it comes first."""
    after = ((LISTING, memory.next_path),) if memory.next_path else ()
    return (*after, *((BOOK, path) for path in memory.links))


def quarantined(outcome: Outcome, field: str, reason: str) -> Outcome:
    """Return ``outcome`` of a page that cannot be read: what it gave before stays as it was."""
    before = outcome.page.memory
    memory = Memory(
        links=before.links, next_path=before.next_path, upc=before.upc, field=field, reason=reason
    )
    return replace(outcome, state="quarantined", memory=memory, book=None, is_unchanged=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks for pages of one shop.

    Attributes:
        shop: whose pages.
        fetcher: asks for them, once each, and is polite.
        tries: how often a page is asked for before it counts as failed.
        backoff_s: pause after the first failure; it doubles with each.
    """

    shop: Shop
    fetcher: Fetcher
    tries: int
    backoff_s: float

    async def read(self, page: ClaimedPage) -> Outcome:
        """Ask for ``page`` and read what it says."""
        validators = Validators(page.memory.etag, page.memory.last_modified)
        try:
            fetched = await self.fetcher.fetch(self.shop.url_of(page.path), validators)
        except RobotsDisallowedError:
            return self._failed(page, "o robots.txt da loja não permite", None)
        except FetchFailedError as error:
            return self._not_fetched(page, error)
        return self._read(page, fetched)

    def _not_fetched(self, page: ClaimedPage, error: FetchFailedError) -> Outcome:
        """Return when to ask again, and for how long no page is to be asked for.

        A shop that does not answer at all is no fault of the page: were the others asked for
        meanwhile, an outage of seconds would use up the tries of every page that is known.
        """
        backoff_s, asked_s = self._backoff_s(page), error.retry_after_s or 0
        is_away = error.is_transient and error.status is None
        if not error.is_transient or page.tries + 1 >= self.tries:
            outcome = self._failed(page, error.reason, error.status)
        else:
            outcome = Outcome(
                page,
                "discovered",
                page.memory,
                status=error.status,
                error=error.reason,
                wait_s=max(backoff_s, asked_s),
            )
        return replace(outcome, pause_s=max(backoff_s if is_away else 0, asked_s))

    def _backoff_s(self, page: ClaimedPage) -> float:
        """Return a pause that doubles with each failure, drawn so that pages do not meet again."""
        longest = min(self.backoff_s * 2.0**page.tries, _LONGEST_WAIT_S)
        return longest * random.uniform(0.5, 1.5)  # noqa: S311  # no secret

    def _failed(self, page: ClaimedPage, reason: str, status: int | None) -> Outcome:
        """Return that ``page`` failed for good; a listing leads on to where it last led."""
        memory = Memory() if status in GONE else page.memory
        memory = replace(memory, upc=page.memory.upc)
        return Outcome(page, "failed", memory, status=status, error=reason, links=links_of(memory))

    def _read(self, page: ClaimedPage, fetched: Fetched) -> Outcome:
        memory = replace(
            page.memory,
            etag=fetched.etag or page.memory.etag,
            last_modified=fetched.last_modified or page.memory.last_modified,
        )
        base = Outcome(
            page,
            "done",
            memory,
            status=fetched.status,
            is_unchanged=True,
            links=links_of(memory),
        )
        if self.shop.path_of(fetched.url) is None:
            return self._failed(page, "a loja leva para um endereço fora dela", fetched.status)
        if fetched.body is None:
            return base
        if fetched.content_hash == page.memory.content_hash:
            return base
        fresh = replace(
            base,
            is_unchanged=False,
            links=(),
            memory=Memory(
                fetched.etag,
                fetched.last_modified,
                fetched.content_hash,
                upc=page.memory.upc,
            ),
        )
        return self._parsed(fresh, fetched)

    def _parsed(self, outcome: Outcome, fetched: Fetched) -> Outcome:
        """Return ``outcome`` with what its page says, or quarantined with where it is broken."""
        parse = self._listing if outcome.page.kind == LISTING else self._book
        try:
            return parse(outcome, fetched)
        except LayoutError as error:
            field, reason = error.field, error.reason
        except Exception:  # noqa: BLE001  # one page nobody thought of must not end the crawl
            _log.exception("scraper.page_unreadable", path=outcome.page.path)
            field, reason = "página", "erro inesperado na leitura"
        broken = quarantined(replace(outcome, body=fetched.body), field, reason)
        return replace(broken, links=links_of(broken.memory))

    def _book(self, outcome: Outcome, fetched: Fetched) -> Outcome:
        book = parse_book(fetched.body or b"", fetched.url, charset=fetched.charset)
        if (refused := unstorable(book)) is not None:
            raise LayoutError(refused.field, refused.reason)
        memory = replace(outcome.memory, upc=book.upc)
        return replace(outcome, book=book, memory=memory, body=fetched.body)

    def _listing(self, outcome: Outcome, fetched: Fetched) -> Outcome:
        listing = parse_listing(fetched.body or b"", fetched.url, charset=fetched.charset)
        paths = [self.shop.path_of(found) for found in listing.book_urls]
        after = self.shop.path_of(listing.next_url) if listing.next_url else None
        notes = []
        if not listing.book_urls:
            notes.append(f"A lista {outcome.page.path} não tem livros.")
        if None in paths or (listing.next_url and after is None):
            notes.append(f"A lista {outcome.page.path} leva para fora da loja; isso não é seguido.")
        links = tuple(dict.fromkeys(path for path in paths if path is not None))
        memory = replace(outcome.memory, links=links, next_path=after)
        return replace(outcome, memory=memory, links=links_of(memory), notes=tuple(notes))
