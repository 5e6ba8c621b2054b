"""The crawl: claim pages, ask for them, read them, settle them; until none is left.

Some tasks ask for pages, side by side; one loop writes what came of them, many pages in one
transaction, and claims the next ones in the same. What is lost when the process is killed is only
what was not written yet: those pages are claimed again when their lease has ended.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from praca.library.scraper.errors import ScrapeFailedError
from praca.library.scraper.fetching import Fetcher
from praca.library.scraper.frontier import Connection, Frontier, Standing, Tally
from praca.library.scraper.pages import BOOK, LISTING, ClaimedPage, Outcome
from praca.library.scraper.quarantine import keep_copies
from praca.library.scraper.reading import LONGEST_PAUSE_S, Reader, quarantined
from praca.library.scraper.shop import Shop
from praca.library.storing import Saved, mark_present, save_books
from praca.platform.database import WriteSession, driver_connection
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

__all__ = ["Crawler"]

_AHEAD: Final = 6
"""So many pages per request at a time are claimed ahead, so that none waits for the database."""
_BATCH: Final = 3
"""So many pages per request at a time are written together, if they come quickly."""
_ROUND_S: Final = 0.25
"""After this time what has come is written, however little it is."""
_LONGEST_SLEEP_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Round:
    """What one transaction came to: where the crawl stands, what to ask for next, when."""

    standing: Standing
    claimed: list[ClaimedPage]
    next_due_s: float


class Crawler:
    """One worker's part in a crawl; several may work on the same one."""

    def __init__(self, context: TaskContext, shop: Shop) -> None:
        resources: Resources = context.resources
        tasks, library = resources.settings.tasks, resources.settings.library
        self._context = context
        self._resources = resources
        self._shop = shop
        self._settings = library
        # As long as a silent worker's tasks are left alone.
        self._lease_s = tasks.worker_stalled_s
        self._renew_s = min(tasks.worker_heartbeat_s, tasks.worker_stalled_s / 3)
        self._frontier = Frontier(
            context.run_id, shop.url, lease_s=self._lease_s, max_pages=library.scrape_max_pages
        )
        self._ahead = library.scrape_concurrency * _AHEAD
        self._batch = library.scrape_concurrency * _BATCH
        self._waiting: asyncio.Queue[ClaimedPage] = asyncio.Queue()
        self._read: deque[Outcome] = deque()
        self._asking = 0
        self._write_now = asyncio.Event()
        self._is_low = True
        self._paused_until = 0.0
        self._renewed_at = 0.0
        self._fault: Exception | None = None
        self._fetcher = Fetcher(library)
        self._counted_bytes = 0

    async def run(self) -> None:
        """Work until every page of the crawl is settled.

        Raises:
            ScrapeFailedError: the shop asks to be left alone for too long.
            CrawlEndedError: another worker ended the crawl, or another crawl began.
            TaskCancelledError: the task is to stop.
        """
        async with self._fetcher as fetcher:
            reader = Reader(
                self._shop, fetcher, self._settings.scrape_tries, self._settings.scrape_backoff_s
            )
            askers = [
                asyncio.create_task(self._ask(reader))
                for _ in range(self._settings.scrape_concurrency)
            ]
            try:
                await self._rounds()
            finally:
                for asker in askers:
                    asker.cancel()
                await asyncio.gather(*askers, return_exceptions=True)
                await self._release()

    async def _ask(self, reader: Reader) -> None:
        """Ask for one waiting page after the other."""
        while True:
            page = await self._waiting.get()
            self._asking += 1
            try:
                await self._pass_pause()
                self._note(await reader.read(page))
            except Exception as error:  # noqa: BLE001  # the loop raises it
                self._fault = error
                self._write_now.set()
            finally:
                self._asking -= 1

    async def _pass_pause(self) -> None:
        """Wait while the shop wants to be left alone, which it may prolong meanwhile."""
        rest_s = self._paused_until - time.monotonic()
        if rest_s > 0:
            await asyncio.sleep(rest_s)
            await self._pass_pause()

    def _note(self, outcome: Outcome) -> None:
        """Keep what came of a page; wake the loop if it should not wait for more."""
        self._read.append(outcome)
        self._pause(outcome.pause_s)
        leads_on = bool(outcome.links) and self._is_low
        is_last = self._waiting.empty() and (self._asking == 1 or not self._is_low)
        if leads_on or is_last or len(self._read) >= self._batch:
            self._write_now.set()

    def _pause(self, seconds: float) -> None:
        # Beyond the longest the crawl ends, but the asker need not wait for that.
        until = time.monotonic() + min(seconds, LONGEST_PAUSE_S)
        if seconds > 0:
            self._paused_until = max(self._paused_until, until)

    async def _rounds(self) -> None:
        while True:
            outcomes = [self._read.popleft() for _ in range(len(self._read))]
            done = await self._write(outcomes)
            for page in done.claimed:
                self._waiting.put_nowait(page)
            standing = done.standing
            self._context.progress(standing.settled, standing.known, _message(standing))
            if standing.settled >= standing.known:
                return
            await self._wait(done.next_due_s)
            if self._fault is not None:
                raise self._fault

    async def _wait(self, next_due_s: float) -> None:
        """Wait until there is something to write or, if nothing is asked for, to claim."""
        has_work = self._asking or self._read or not self._waiting.empty()
        wait_s = _ROUND_S if has_work else min(max(next_due_s, 0.005), _LONGEST_SLEEP_S)
        # Not wait_for: before Python 3.12 it forgets a cancellation in the moment of the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(wait_s, self._renew_s)):
                await self._write_now.wait()
        self._write_now.clear()

    async def _write(self, outcomes: list[Outcome]) -> _Round:
        """Settle pages with all that they gave, and claim the next ones, in one transaction."""
        await keep_copies(self._resources.objects, outcomes)
        held = len(self._read) + self._waiting.qsize() + self._asking
        async with self._resources.databases.city.write() as session:
            connection = await driver_connection(session)
            standing = await self._frontier.lock(connection)
            outcomes = await self._checked(connection, outcomes)
            settled = await self._frontier.settle(connection, outcomes)
            tally = await self._store(session, connection, standing, settled)
            await self._renew(connection)
            is_paused = max(tally.pause_s, standing.pause_s) > 0
            room = 0 if is_paused else self._ahead - held
            claimed = await self._frontier.claim(connection, room)
            self._is_low = len(claimed) < room
            is_idle = not (claimed or held)
            due_s = await self._frontier.next_due_s(connection) if is_idle else 0.0
        self._counted_bytes += tally.received_bytes
        self._pause(standing.pause_s)
        if tally.pause_s > LONGEST_PAUSE_S:
            minutes = round(tally.pause_s / 60)
            raise ScrapeFailedError(f"A loja pede que só se volte em {minutes} minutos ou mais.")
        after = replace(
            standing,
            known=standing.known + tally.found,
            settled=standing.settled + tally.settled,
        )
        return _Round(after, claimed, max(due_s, standing.pause_s if is_idle else 0.0))

    async def _renew(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._renewed_at >= self._renew_s:
            await self._frontier.renew(connection)
            self._renewed_at = now

    async def _checked(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return ``outcomes`` without what cannot be.

        That is two pages that give one book, and unchanged pages of books that somebody has
        meanwhile removed from the catalogue.
        """
        upcs = {outcome.book.upc for outcome in outcomes if outcome.book is not None}
        given_by = await self._frontier.given_by(connection, sorted(upcs))
        kept = [
            str(outcome.memory.upc)
            for outcome in outcomes
            if outcome.is_unchanged and outcome.page.kind == BOOK
        ]
        stored = await self._frontier.stored(connection, kept)
        checked = []
        for outcome in outcomes:
            path = outcome.page.path
            if outcome.book is not None and given_by.setdefault(outcome.book.upc, path) != path:
                other = given_by[outcome.book.upc]
                reason = f"é o mesmo da página {other}"
                checked.append(quarantined(outcome, "upc", reason))
            elif (
                outcome.is_unchanged
                and outcome.page.kind == BOOK
                and str(outcome.memory.upc) not in stored
            ):
                # Without what would make it unchanged it is claimed once more.
                checked.append(replace(outcome, state="discovered", is_unchanged=False))
            else:
                checked.append(outcome)
        return checked

    async def _store(
        self,
        session: WriteSession,
        connection: Connection,
        standing: Standing,
        settled: Sequence[Outcome],
    ) -> Tally:
        """Write what settled pages give: books, further pages, and the crawl's figures."""
        if not settled:
            return Tally()
        links = [link for outcome in settled for link in outcome.links]
        found = await self._frontier.discover(connection, links, known=standing.known)
        saved = await self._save(session, connection, settled)
        room = self._settings.scrape_max_pages - standing.known
        tally = Tally(
            found=len(found),
            settled=sum(outcome.is_settled for outcome in settled),
            received_bytes=self._fetcher.received_bytes - self._counted_bytes,
            new=saved.new,
            changed=saved.changed,
            is_clipped=len(found) == max(room, 0) and len(set(links)) > len(found),
            pause_s=max(outcome.pause_s for outcome in settled),
            notes=(*_notes(settled), *_loops(settled, found)),
        )
        await self._frontier.count(connection, tally)
        return tally

    async def _save(
        self, session: WriteSession, connection: Connection, settled: Sequence[Outcome]
    ) -> Saved:
        books = [outcome.book for outcome in settled if outcome.book is not None]
        saved = await save_books(session, books)
        same = [
            str(outcome.memory.upc)
            for outcome in settled
            if outcome.is_unchanged and outcome.page.kind == BOOK
        ]
        stored = await self._frontier.stored(connection, same)
        back = await mark_present(session, [upc for upc, is_absent in stored.items() if is_absent])
        return replace(saved, changed=saved.changed + back)

    async def _release(self) -> None:
        """Give the claimed pages back, so that whoever goes on need not wait for their leases."""
        async with self._resources.databases.city.write() as session:
            await self._frontier.release(await driver_connection(session))


def _message(standing: Standing) -> str:
    return f"{standing.settled} de {standing.known} páginas lidas"


def _notes(settled: Sequence[Outcome]) -> tuple[str, ...]:
    return tuple(note for outcome in settled for note in outcome.notes)


def _loops(settled: Sequence[Outcome], found: set[str]) -> tuple[str, ...]:
    """Return a sentence for each listing that leads on to one that was known already."""
    return tuple(
        f"A lista {outcome.page.path} continua em {outcome.memory.next_path}, que já era conhecida."
        for outcome in settled
        if outcome.page.kind == LISTING
        and outcome.memory.next_path is not None
        and outcome.memory.next_path not in found
    )
