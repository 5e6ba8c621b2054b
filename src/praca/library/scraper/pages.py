"""A page of the frontier: as it is claimed, and what came of asking for it."""

from dataclasses import dataclass, field
from typing import Final, Literal

from praca.library.records import ScrapedBook

__all__ = [
    "BOOK",
    "GONE",
    "LISTING",
    "ClaimedPage",
    "Memory",
    "Outcome",
    "PageState",
]

LISTING: Final = "listing"
BOOK: Final = "book"
GONE: Final = frozenset({404, 410})
"""Statuses that say of a book's page that the shop has it no more."""

PageState = Literal["discovered", "done", "failed", "quarantined"]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of a page until it is asked for again.

    Attributes:
        etag: for the next request.
        last_modified: for the next request.
        content_hash: of what was read of it; None: it is to be read whatever it is.
        links: of a listing, the paths of its books.
        next_path: of a listing, the one after it.
        upc: of a book's page, which book it gave.
        field: what could not be read of it.
        reason: why not.
    """

    etag: str | None = None
    last_modified: str | None = None
    content_hash: bytes | None = None
    links: tuple[str, ...] = ()
    next_path: str | None = None
    upc: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedPage:
    """A page that one worker may ask for until its lease ends.

    Attributes:
        id: its row.
        kind: ``listing`` or ``book``.
        path: below the shop.
        tries: how often it was asked for in vain.
        memory: what is kept of it; without what a request could be spared by, if what it gave is
            in the catalogue no more, or was read by an older parser.
    """

    id: int
    kind: str
    path: str
    tries: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking for a page once.

    Attributes:
        page: which.
        state: where it goes; ``discovered``: to be asked for again.
        memory: what is to be kept of it.
        status: of the answer, if there was one.
        is_unchanged: it is as it was when it was last read.
        book: what a book's page gives, unless it is unchanged.
        links: paths that it leads to, books first, the next listing last.
        error: why it failed, in Portuguese.
        wait_s: until it may be asked for again.
        pause_s: for how long no page is to be asked for: the shop says so, or does not answer.
        notes: what is strange about it, in Portuguese.
        body: of a page that could not be read.
    """

    page: ClaimedPage
    state: PageState
    memory: Memory
    status: int | None = None
    is_unchanged: bool = False
    book: ScrapedBook | None = None
    links: tuple[tuple[str, str], ...] = ()
    error: str | None = None
    wait_s: float = 0
    pause_s: float = 0
    notes: tuple[str, ...] = ()
    body: bytes | None = field(default=None, repr=False)

    @property
    def is_settled(self) -> bool:
        """Whether the page needs no further look in this crawl."""
        return self.state != "discovered"
