"""How fast does the catalogue answer, on one core, against the bare framework and a naive version?

    uv run python -m benchmarks.catalogue [--seconds 4] [--connections 12 32] [--only NAME]

An embedded PostgreSQL in a temporary folder with the real shop's books, or generated ones. One
``praca api`` with production settings, logging each request to a file, is pinned to the first core;
this process, which drives the load, and PostgreSQL run on the second. The peers (``peers.py``) run
on the API's core, under the same driver, right after it: the bare framework answers as many bytes,
the naive version makes ORM objects of the same rows and a ``response_model`` of them.

``cpu ms`` is what the serving processes spend on an answer; it moves less with other load on
the machine than rates do. Every answer's status, beginning and number of books are checked.

*list*: ten pages in turn. *list, changing*: while a price changes twenty times a second. *search*:
200 words of titles in turn; *search, new*: a part of a title that was never asked for before, each
time. *book*: all of them in turn. The old system's rates are quoted, not measured here.
"""

import argparse
import contextlib
import os
import secrets
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import psycopg
import uvloop
from benchmarks.catalogue.shelf import fill, read_books, touch
from benchmarks.http_load.driver import Exchange, Figures, drive, http_request
from benchmarks.http_load.servers import cpu_s, free_port, praca, resident_bytes, running, wait

from praca.library.records import ScrapedBook
from praca.platform.database import EmbeddedPostgres

_PEERS = Path(__file__).with_name("peers.py")
_API = "/api/v1"
_PAGE = 100
_OLD = {("list", 12): "151", ("list", 32): "hangs"}
_Exchanges = Callable[[Sequence[ScrapedBook], str], Iterator[Exchange]]


def _get(path: str, start: str, needle: str = "", count: int = 0) -> Exchange:
    return Exchange(http_request("GET", path), start.encode(), needle.encode(), count)


def _list(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    return cycle(
        _get(f"{prefix}/books?skip={at}&limit={_PAGE}", '[{"id":', '"titulo":', _PAGE)
        for at in range(0, len(books) - _PAGE + 1, _PAGE)
    )


def _search(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    words = sorted({word for book in books for word in book.titulo.split() if word.isalpha()})
    return cycle(
        _get(f"{prefix}/books/search?titulo={quote(word)}&limit={_PAGE}", '[{"id":')
        for word in words[:200]
    )


def _new_searches(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    parts = {
        book.titulo[at : at + length]
        for book in books
        for length in (6, 8, 10, 12, 14)
        for at in range(len(book.titulo) - length)
    }
    plain = sorted(part for part in parts if part.isascii() and part == part.strip())
    return (
        _get(f"{prefix}/books/search?titulo={quote(part)}&limit={_PAGE}", '[{"id":')
        for part in plain
    )


def _book(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    return cycle(
        _get(f"{prefix}/books/{number}", f'{{"id":{number},') for number in range(1, len(books) + 1)
    )


def _overview(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    return cycle([_get(f"{prefix}/stats/overview", f'{{"total_livros":{len(books)},')])


def _similar(books: Sequence[ScrapedBook], prefix: str) -> Iterator[Exchange]:
    return cycle(
        _get(f"{prefix}/books/{number}/similar", '[{"id":', '"titulo":', 5)
        for number in range(1, len(books) + 1)
    )


@dataclass(frozen=True, slots=True)
class _Operation:
    name: str
    exchanges: _Exchanges
    is_changing: bool = False
    has_naive: bool = True


_OPERATIONS = (
    _Operation("list", _list),
    _Operation("list, changing", _list, is_changing=True),
    _Operation("search", _search),
    _Operation("search, new", _new_searches),
    _Operation("book", _book),
    _Operation("stats", _overview),
    _Operation("similar", _similar, has_naive=False),
)


@dataclass(frozen=True, slots=True)
class _Servers:
    dsn: str
    books: Sequence[ScrapedBook]
    port: int
    pid: int
    peers_port: int
    peers_pid: int


@dataclass(frozen=True, slots=True)
class _Side:
    """One server, and what a load of it gave."""

    figures: Figures
    cpu_ms: float


def main() -> None:
    """Fill the catalogue, load it, print the table."""
    arguments = _arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the API, one for the driver and PostgreSQL")
    os.sched_setaffinity(0, {cores[1]})
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        _opened(Path(folder), cores[0]) as servers,
    ):
        before = resident_bytes(servers.pid)
        print(
            f"{'operation':16}{'conn':>5}{'req/s':>7}{'p50 ms':>8}{'p99 ms':>8}{'cpu ms':>8}"
            f"{'bytes':>8} | {'bare/s':>7}{'cpu ms':>8}{'ratio':>7} | {'naive/s':>7}{'cpu ms':>8}"
            f"{'ratio':>7} | old/s"
        )
        for connections in arguments.connections:
            for operation in _OPERATIONS:
                if (arguments.only or "") in operation.name:
                    print(_row(servers, operation, connections, arguments), flush=True)
        after = resident_bytes(servers.pid)
        print(f"memory of the API: {before / 2**20:.0f} MB before, {after / 2**20:.0f} MB after")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load")
    parser.add_argument("--warm-up", type=float, default=1.5, help="seconds before each load")
    parser.add_argument("--connections", type=int, nargs="+", default=[12, 32])
    parser.add_argument("--only", help="operations with this in their name")
    return parser.parse_args()


@contextlib.contextmanager
def _opened(folder: Path, core: int) -> Iterator[_Servers]:
    with EmbeddedPostgres(folder / "var") as server:
        environment = {
            **os.environ,
            "PRACA_DATA_DIR": str(folder / "var"),
            "PRACA_DATABASE_URL": server.url,
            "PRACA_ENV": "production",
            "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
            "PRACA_ENCRYPTION_KEYS": f"k1:{b64encode(secrets.token_bytes(32)).decode()}",
        }
        praca(environment, "migrate")
        what, books = read_books()
        fill(server.url, books)
        print(f"{len(books):,} books: {what}\n")
        port, peers_port = free_port(), free_port()
        api = [sys.executable, "-m", "praca", "api", "--port", str(port)]
        peers = [sys.executable, str(_PEERS), str(peers_port), server.url]
        with (
            running(api, environment, core, folder / "api.log") as pid,
            running(peers, environment, core, folder / "peers.log") as peers_pid,
        ):
            wait(f"http://127.0.0.1:{port}/api/v1/ready", folder / "api.log")
            wait(f"http://127.0.0.1:{peers_port}/total", folder / "peers.log")
            yield _Servers(server.url, books, port, pid, peers_port, peers_pid)


def _row(
    servers: _Servers, operation: _Operation, connections: int, arguments: argparse.Namespace
) -> str:
    def load(port: int, pid: int, exchanges: Iterator[Exchange]) -> _Side:
        return _load(port, pid, exchanges, connections, arguments)

    with _changes(servers.dsn) if operation.is_changing else contextlib.nullcontext():
        ours = load(servers.port, servers.pid, operation.exchanges(servers.books, _API))
        naive = (
            load(servers.peers_port, servers.peers_pid, operation.exchanges(servers.books, ""))
            if operation.has_naive
            else None
        )
    size = max(ours.figures.size, 20)
    bare = load(servers.peers_port, servers.peers_pid, cycle([_get(f"/bare/{size}", '{"x":"')]))
    figures = ours.figures
    row = (
        f"{operation.name:16}{connections:5}{figures.rate:7,.0f}{figures.p50_ms:8.1f}"
        f"{figures.p99_ms:8.1f}{ours.cpu_ms:8.2f}{size:8,} | {_beside(bare, ours)}"
    )
    row += f" | {_beside(naive, ours)}" if naive else f" | {'':22}"
    return f"{row} | {_OLD.get((operation.name, connections), '')}"


def _beside(other: _Side, ours: _Side) -> str:
    ratio = ours.figures.rate / other.figures.rate
    return f"{other.figures.rate:7,.0f}{other.cpu_ms:8.2f}{ratio:7.2f}"


def _load(
    port: int,
    pid: int,
    exchanges: Iterator[Exchange],
    connections: int,
    arguments: argparse.Namespace,
) -> _Side:
    before = cpu_s(pid)
    figures = uvloop.run(
        drive(
            port,
            exchanges,
            connections=connections,
            warm_up_s=arguments.warm_up,
            seconds=arguments.seconds,
        )
    )
    return _Side(figures, (cpu_s(pid) - before) / figures.all_answers * 1e3)


@contextlib.contextmanager
def _changes(dsn: str) -> Iterator[None]:
    """Change a price twenty times a second meanwhile."""
    done = threading.Event()

    def change() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not done.wait(0.05):
                touch(connection)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
