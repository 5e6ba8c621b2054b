"""A crawl of 1,000 books whose process is killed 100 times: is anything lost, or there twice?

    uv run python -m benchmarks.scraper_kills [--kills 100] [--seed 1] [--pause-ms 25] [--generated]

One crawl by processes that run the task ``library.scrape`` (without the queue, the workers of
which are killed by ``tests/integration/library_scraper/test_two_workers.py``), in an embedded
PostgreSQL in a temporary folder. Each is killed with SIGKILL some random time after it has begun,
and another one takes the crawl up; after the last kill one is left to end it. Then the shop changes
prices and stocks and sells some books no more, and a second crawl is killed ``--kills-again``
times. After each crawl the catalogue is compared with the shop in every field, and nothing may be
doubled: one row of history per book, and one more for each whose price or stock changed; every page
settled once; the crawl's own figures right although most of those who counted are dead. It ends
with 1 if anything is wrong.
``--pause-ms`` is between two requests: the longer, the more of a crawl is left for each kill.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import uvicorn
from benchmarks.http_load.servers import free_port
from benchmarks.reliability.processes import Server
from benchmarks.scraping.catalogue import differences, expected, from_database
from benchmarks.scraping.shop import books
from benchmarks.scraping.victim import work

from praca.library.bookshop import Bookshop, ShopBook

_FIRST_LONGEST_LIFE_S: Final = 1.0
_PATIENCE_S: Final = 300.0
_CHANGED_PRICES: Final = 60
_CHANGED_STOCKS: Final = 30
_REMOVED: Final = 7
_HASTE: Final = 0.95
"""At this share of the pages all kills are to be over."""
_PRICE: Final = "preco_centavos, moeda, estoque, disponibilidade"
# A book without any history is among them: nothing is distinct from its price.
_LAST_IS_OTHER: Final = f"""
SELECT count(*) FROM library.books b WHERE ({_PRICE}) IS DISTINCT FROM (
    SELECT ROW({_PRICE}) FROM library.book_prices p
    WHERE p.book_id = b.id ORDER BY observed_at DESC, id DESC LIMIT 1)
"""
_REPEATED: Final = f"""
SELECT count(*) FROM (
    SELECT ROW({_PRICE}) IS NOT DISTINCT FROM lag(ROW({_PRICE})) OVER (
        PARTITION BY book_id ORDER BY observed_at, id) AS same
    FROM library.book_prices) t
WHERE same
"""


@contextmanager
def open_shop(wares: Sequence[ShopBook]) -> Iterator[tuple[Bookshop, str]]:
    """Serve a shop in a thread; yield it and its address."""
    shop, port = Bookshop(wares), free_port()
    config = uvicorn.Config(
        shop, host="127.0.0.1", port=port, lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield shop, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        serving.join()


@dataclass(slots=True)
class Story:
    """How often a crawl was killed, and when: how many pages were settled at that moment."""

    kills: int = 0
    lives: int = 0
    settled_at_kills: list[int] = field(default_factory=list)
    seconds: float = 0.0
    longest_life_s: float = _FIRST_LONGEST_LIFE_S

    def killed(self, kills: int, settled: int, known: int) -> None:
        """Note a kill; let the next ones live longer if the kills run ahead of the crawl.

        So the kills are spread over all of it, however fast the machine is.
        """
        self.kills += 1
        self.settled_at_kills.append(settled)
        is_ahead = self.kills / kills > settled / known
        self.longest_life_s *= 1.15 if is_ahead else 0.85


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl of a shop, by as many processes as it takes."""

    database: str
    url: str
    pages: int
    pause_s: float
    connection: psycopg.Connection[Any]
    id: UUID = field(default_factory=uuid4)

    def run(self, kills: int, chance: random.Random) -> Story:
        """Crawl while killing so many times, then to the end."""
        story, started = Story(), time.monotonic()
        while self.state() != "succeeded":
            if time.monotonic() - started > _PATIENCE_S + kills:
                raise TimeoutError(f"the crawl does not end: {self.state()}")
            self._live(story, kills, chance)
        story.seconds = time.monotonic() - started
        return story

    def _live(self, story: Story, kills: int, chance: random.Random) -> None:
        forkserver = multiprocessing.get_context("forkserver")
        begun, begins = forkserver.Pipe(duplex=False)
        arguments = (self.database, self.url, str(self.id), self.pause_s, begins)
        process = forkserver.Process(target=work, args=arguments)
        process.start()
        begins.close()
        story.lives += 1
        begun.recv()
        if story.kills < kills:
            self._wait(process, story, kills, chance)
            process.kill()
        process.join(_PATIENCE_S)
        if process.exitcode == -signal.SIGKILL:
            story.killed(kills, self.settled(), self.pages)
        elif process.exitcode:
            raise RuntimeError(f"a process ended with {process.exitcode} by itself")

    def _wait(
        self, process: ForkServerProcess, story: Story, kills: int, chance: random.Random
    ) -> None:
        """Return at a random time, or when the crawl would be over before all kills."""
        until = time.monotonic() + chance.uniform(0, story.longest_life_s)
        ceiling = min((story.kills + 2) / kills, _HASTE) * self.pages
        while process.is_alive() and time.monotonic() < until and self.settled() < ceiling:
            process.join(min(chance.uniform(0, 0.02), max(0, until - time.monotonic())))

    def state(self) -> str | None:
        """Return the state of the crawl's row; None: there is none yet."""
        rows = self.sql("SELECT state FROM library.crawls WHERE id = %s", self.id)
        return rows[0][0] if rows else None

    def settled(self) -> int:
        """Return how many pages are settled."""
        rows = self.sql("SELECT settled FROM library.crawls WHERE id = %s", self.id)
        return int(rows[0][0]) if rows else 0

    def sql(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(query.encode(), params).fetchall()


def pages_of(shop: Bookshop) -> int:
    """Return how many pages a crawl of the shop reads: lists of twenty, and the books'."""
    return len(shop.books) + -(-len(shop.books) // 20)


def check(
    crawl: Crawl, shop: Bookshop, *, figures: dict[str, int], history: int, every: int
) -> list[str]:
    """Return what is wrong after a crawl.

    Args:
        crawl: the one that has ended.
        shop: what it should have found.
        figures: what the crawl must say of itself.
        history: rows of prices that there must be.
        every: books that the catalogue must have, those the shop has no more among them.
    """
    faults = differences(from_database(crawl.database), expected(shop.books, crawl.url))
    pages = pages_of(shop)
    counts = {
        "books": ("SELECT count(*) FROM library.books", every),
        "rows of history": ("SELECT count(*) FROM library.book_prices", history),
        "books whose last history is not their price": (_LAST_IS_OTHER, 0),
        "rows of history that repeat the one before": (_REPEATED, 0),
        "pages done": ("SELECT count(*) FROM library.pages WHERE state = 'done'", pages),
        "pages in all": ("SELECT count(*) FROM library.pages", pages),
        "crawls running": ("SELECT count(*) FROM library.crawls WHERE state = 'running'", 0),
    }
    for what, (query, wanted) in counts.items():
        found = crawl.sql(query)[0][0]
        if found != wanted:
            faults.append(f"{what}: {found} instead of {wanted}")
    result = crawl.sql("SELECT result FROM library.crawls WHERE id = %s", crawl.id)[0][0]
    wanted_figures = {"paginas": pages, "falhas": 0, "quarentena": 0, **figures}
    said = {name: result[name] for name in wanted_figures}
    if said != wanted_figures:
        faults.append(f"the crawl says {said} instead of {wanted_figures}")
    return faults


def change(shop: Bookshop, chance: random.Random) -> int:
    """Change prices and stocks and take books away; return how many books changed."""
    picked = chance.sample(shop.books, _CHANGED_PRICES + _CHANGED_STOCKS + _REMOVED)
    for book in picked[:_CHANGED_PRICES]:
        shop.set_price(book.number, book.preco_centavos + 100)
    for book in picked[_CHANGED_PRICES : _CHANGED_PRICES + _CHANGED_STOCKS]:
        shop.set_stock(book.number, 0 if book.estoque else 5)
    for book in picked[_CHANGED_PRICES + _CHANGED_STOCKS :]:
        shop.remove(book.number)
    return _CHANGED_PRICES + _CHANGED_STOCKS


def tell(name: str, story: Story, shop: Bookshop, asked: int, faults: list[str]) -> None:
    """Print how a crawl went."""
    moments = story.settled_at_kills
    paths = (it.path for it in list(shop.asked)[asked:])
    pages = Counter(path for path in paths if path != "robots.txt")
    print(
        f"{name}: {story.kills} kills in {story.seconds:.0f} s, {story.lives} processes;"
        f" requests for {len(pages)} pages: {sum(pages.values())}"
    )
    if moments:
        quarters = [sorted(moments)[len(moments) * part // 4] for part in range(4)]
        print(f"  pages settled at the kills (quartiles): {[*quarters, max(moments)]}")
    print(f"  {'nothing lost, nothing doubled' if not faults else f'{len(faults)} faults'}")
    for fault in faults[:20]:
        print(f"  {fault}")


def trial(server: Server, options: argparse.Namespace) -> list[str]:
    """Run both crawls; return what is wrong."""
    chance = random.Random(options.seed)  # noqa: S311  # no secret
    database = server.copy("scraper_kills")
    wares = books(is_generated=options.generated)
    with (
        open_shop(wares) as (shop, url),
        psycopg.connect(database, autocommit=True) as connection,
    ):
        crawl = Crawl(database, url, pages_of(shop), options.pause_ms / 1000, connection)
        story = crawl.run(options.kills, chance)
        every = len(wares)
        figures = {"total_encontrado": every, "novos": every, "alterados": 0, "ausentes": 0}
        faults = check(crawl, shop, figures=figures, history=every, every=every)
        if story.kills < options.kills:
            faults.append(f"only {story.kills} kills fitted into the crawl: try a longer pause")
        tell("first crawl", story, shop, 0, faults)

        asked, changed = len(shop.asked), change(shop, chance)
        crawl = Crawl(database, url, pages_of(shop), options.pause_ms / 1000, connection)
        story = crawl.run(options.kills_again, chance)
        left = every - _REMOVED
        figures = {"total_encontrado": left, "novos": 0, "alterados": changed}
        again = check(
            crawl,
            shop,
            figures={**figures, "ausentes": _REMOVED},
            history=every + changed,
            every=every,
        )
        tell("second crawl, of a changed shop", story, shop, asked, again)
    return faults + again


def main() -> None:
    """Read the options and kill."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kills-again", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause-ms", type=float, default=25)
    parser.add_argument("--generated", action="store_true", help="invented books in any case")
    options = parser.parse_args()
    # Everything is imported once; what is killed begins where a worker has just started.
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["benchmarks.reliability.processes", "benchmarks.scraping.victim", "uvicorn"]
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ.update(PRACA_ENV="development", PRACA_DATA_DIR=str(folder / "var"))
        with Server(folder / "server").running() as server:
            faults = trial(server, options)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
