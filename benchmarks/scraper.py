"""The same local shop of 1,000 books crawled by our scraper and by Scrapy, in turns.

    uv run python -m benchmarks.scraper [--rounds 5] [--concurrency 8] [--generated]

The shop, each crawl and PostgreSQL are processes of their own; same concurrency, no delay,
``robots.txt`` obeyed, the same eleven fields of each book. Ours keeps its frontier and the
catalogue in the embedded PostgreSQL, durably, in a temporary folder, and every round begins with
an empty database. Scrapy keeps its queue in memory and writes JSON lines: it does less. Printed:
pages a second, time, processor time and peak memory of both, whether both found what the shop
sells, and what an unchanged re-crawl of ours moves. The real 1,000 books are sold where they are
(``PRACA_REAL_DATA`` or ``../shared/data``), invented ones otherwise. It ends with 1 if a book is
wrong or the re-crawl moves more than it may.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import orjson
from benchmarks.http_load.servers import free_port
from benchmarks.reliability.processes import Server
from benchmarks.scraping.catalogue import differences, expected, from_database, from_json_lines
from benchmarks.scraping.shop import REAL, books

_MOST_MOVED: Final = 0.02
_SHOP_OPENS_S: Final = 120.0
_OURS, _SCRAPY = "ours", "Scrapy"


@dataclass(frozen=True, slots=True)
class Run:
    """What one crawl printed."""

    pages: int
    seconds: float
    cpu_s: float
    bytes: int
    peak_mb: float

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


@contextmanager
def open_shop(*, is_generated: bool) -> Iterator[str]:
    """Run the shop in a process of its own; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.scraping.shop", str(port)]
    shop = subprocess.Popen([*command, *(["--generated"] if is_generated else [])])  # noqa: S603
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait(url, shop)
        yield url
    finally:
        shop.terminate()
        shop.wait()


def _wait(url: str, shop: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _SHOP_OPENS_S
    while time.monotonic() < deadline and shop.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  # our own shop
                return
        except (URLError, OSError):
            time.sleep(0.1)
    sys.exit("the shop does not open")


def _run(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.scraping.{module}", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stdout}{done.stderr}")
    printed: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return printed


def ours(database: str, url: str, options: argparse.Namespace) -> tuple[Run, dict[str, Any]]:
    """Crawl with our scraper; return what it took and what it found."""
    printed = _run("our_side", database, url, str(options.concurrency), options.loop)
    result = printed.pop("result")
    return Run(**printed), result


def scrapy(file: Path, url: str, options: argparse.Namespace) -> Run:
    """Crawl with Scrapy."""
    return Run(**_run("scrapy_side", url, str(options.concurrency), str(file), options.loop))


def _row(name: str, runs: list[Run]) -> str:
    def median(values: Iterator[float]) -> float:
        return statistics.median(values)

    rates = [run.rate for run in runs]
    return (
        f"{name:<8} {statistics.median(rates):9.0f} {min(rates):6.0f}-{max(rates):<6.0f}"
        f" {median(run.seconds for run in runs):8.2f}"
        f" {median(run.cpu_s * 1000 / run.pages for run in runs):12.2f}"
        f" {max(run.peak_mb for run in runs):8.0f}"
        f" {median(run.bytes / 1e6 for run in runs):8.2f}"
    )


def measure(server: Server, folder: Path, url: str, options: argparse.Namespace) -> list[str]:
    """Crawl in turns and print the figures; return what is wrong."""
    wanted = expected(books(is_generated=options.generated), url)
    runs: dict[str, list[Run]] = {_OURS: [], _SCRAPY: []}
    faults: list[str] = []
    file, database = folder / "books.jsonl", ""
    for number in range(options.rounds):
        database = server.copy(f"scraper_{number}")
        order = (_OURS, _SCRAPY) if number % 2 == 0 else (_SCRAPY, _OURS)
        for side in order:
            if side == _OURS:
                runs[side].append(ours(database, url, options)[0])
                faults += differences(from_database(database), wanted)
            else:
                runs[side].append(scrapy(file, url, options))
                faults += [f"Scrapy: {it}" for it in differences(from_json_lines(file), wanted)]
        rates = " ".join(f"{side} {runs[side][-1].rate:.0f}" for side in order)
        print(f"round {number + 1}: {rates} pages/s", flush=True)
    _print(runs, len(wanted), faults)
    return faults + again(database, url, options, runs[_OURS][-1])


def _print(runs: dict[str, list[Run]], wanted: int, faults: list[str]) -> None:
    print("\nmedians   pages/s   (range)         s    cpu ms/page  peak MB       MB")
    for name, rows in runs.items():
        print(_row(name, rows))
    pairs = zip(runs[_OURS], runs[_SCRAPY], strict=True)
    ratios = [one.rate / other.rate for one, other in pairs]
    print(
        f"ours / Scrapy, round by round: {statistics.median(ratios):.2f}"
        f" ({min(ratios):.2f}-{max(ratios):.2f})"
    )
    same = "yes, every field" if not faults else f"NO: {len(faults)} differences"
    print(f"both found the shop's {wanted} books: {same}")


def again(database: str, url: str, options: argparse.Namespace, first: Run) -> list[str]:
    """Crawl the unchanged shop once more; return what is wrong."""
    run, result = ours(database, url, options)
    share = run.bytes / first.bytes
    print(
        f"unchanged re-crawl: {run.bytes / 1e3:.0f} kB of {first.bytes / 1e6:.2f} MB"
        f" = {share:.2%} (aim: {_MOST_MOVED:.0%}), {run.seconds:.2f} s, {run.rate:.0f} pages/s,"
        f" {run.peak_mb:.0f} MB; {result['inalterados']} books unchanged"
    )
    faults = [] if share <= _MOST_MOVED else [f"the re-crawl moves {share:.2%}"]
    if (result["novos"], result["alterados"]) != (0, 0):
        faults.append(f"the re-crawl changes books: {result}")
    return faults


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=8, help="requests at a time")
    parser.add_argument(
        "--loop",
        choices=["asyncio", "uvloop"],
        default="asyncio",
        help="event loop of both; asyncio is what each has by itself",
    )
    parser.add_argument("--generated", action="store_true", help="invented books in any case")
    options = parser.parse_args()
    is_real = REAL.is_file() and not options.generated
    print(f"books: {REAL if is_real else 'invented'}")
    print(f"concurrency {options.concurrency}, {options.loop}", end="; ")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ.update(PRACA_ENV="development", PRACA_DATA_DIR=str(folder / "var"))
        with (
            Server(folder / "server").running() as server,
            open_shop(is_generated=options.generated) as url,
        ):
            faults = measure(server, folder, url, options)
    for fault in faults[:20]:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
