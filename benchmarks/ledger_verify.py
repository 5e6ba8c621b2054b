"""How long ``praca ledger verify`` takes for a million entries, and how much memory.

Run with ``uv run python benchmarks/ledger_verify.py`` from the project's root. It fills a database
of its own with entries that are right to the last hash, copied in; the check has a process of its
own, whose memory is the figure. On a machine that others use, look at the processor's seconds.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import psutil
import psycopg

from praca.wallet.ledger.chain import entry_hash

AIM_S = 30.0
"""For a million entries."""
START = datetime(2025, 1, 1, tzinfo=UTC)
CITY = (("recharges", None), ("fares", 0))


class Maker:
    """Makes transfers of many cards with the city, each as the ledger would."""

    def __init__(self, transfers: int, cards: int) -> None:
        self.transfers, self.cards = transfers, cards
        accounts = cards + len(CITY)
        self.balances, self.counts = [0] * (accounts + 1), [0] * (accounts + 1)
        self.heads, self.latest = [b""] * (accounts + 1), [START] * (accounts + 1)
        self._random = random.Random(2026)  # noqa: S311  # no secret

    def moves(self) -> Iterator[tuple[Any, ...]]:
        """Yield transfers."""
        for transfer_id in range(1, self.transfers + 1):
            card = len(CITY) + self._random.randint(1, self.cards)
            at = START + timedelta(milliseconds=97 * transfer_id)
            if self.balances[card] >= 440 and self._random.random() < 0.7:
                yield transfer_id, card, 2, 440, "debit", at
            else:
                yield transfer_id, 1, card, 2500, "recharge", at

    def sides(self, transfer: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield the entries of a transfer."""
        transfer_id, source, destination, moved, kind, at = transfer
        for account, other, amount in (
            (source, destination, -moved),
            (destination, source, moved),
        ):
            self.balances[account] += amount
            self.counts[account] += 1
            self.latest[account] = at
            self.heads[account] = entry_hash(
                self.heads[account],
                account_id=account,
                number=self.counts[account],
                transfer_id=transfer_id,
                counterpart_id=other,
                amount=amount,
                balance=self.balances[account],
                kind=kind,
                created_at=at,
                reference="",
            )
            yield (
                account,
                self.counts[account],
                transfer_id,
                amount,
                self.balances[account],
                self.heads[account],
            )


def fill(dsn: str, entries: int) -> None:
    """Copy the rows in."""
    maker = Maker(entries // 2, max(1, entries // 100))
    sides: list[tuple[Any, ...]] = []
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE wallet.entries DROP CONSTRAINT fk_entries_transfer_id_transfers"
        )
        accounts = [*CITY, *(("card", 0) for _ in range(maker.cards))]
        with cursor.copy("COPY wallet.accounts (kind, floor) FROM STDIN") as copy:
            for kind_and_floor in accounts:
                copy.write_row(kind_and_floor)
        columns = "id, source_id, destination_id, amount, kind, created_at, reference"
        with cursor.copy(f"COPY wallet.transfers ({columns}) FROM STDIN") as copy:
            for transfer in maker.moves():
                copy.write_row((*transfer, ""))
                sides += maker.sides(transfer)
        sides.sort()
        with cursor.copy("COPY wallet.entries FROM STDIN") as copy:
            for side in sides:
                copy.write_row(side)
        cursor.execute(
            "CREATE TEMP TABLE now (id bigint, b bigint, e bigint, h bytea, t timestamptz)"
        )
        with cursor.copy("COPY now FROM STDIN") as copy:
            for account in range(1, len(accounts) + 1):
                if maker.counts[account]:
                    copy.write_row(
                        (
                            account,
                            maker.balances[account],
                            maker.counts[account],
                            maker.heads[account],
                            maker.latest[account],
                        )
                    )
        cursor.execute(
            "UPDATE wallet.accounts a SET balance = b, entries = e, head = h, latest_at = t"
            " FROM now WHERE now.id = a.id"
        )
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def peak_mb() -> float:
    """Return this process's peak memory; ``ru_maxrss`` would count the parent's before exec."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


async def prepare(url: str) -> None:
    """Make the tables."""
    from praca.platform.database import Databases, migrate  # noqa: PLC0415

    databases = Databases(url, None)
    await migrate(databases)
    await databases.dispose()


def child(dsn: str) -> None:
    """Verify once, alone in a process; print seconds, entries, problems, peak memory."""
    from praca.platform.database.engine import Database  # noqa: PLC0415
    from praca.wallet.ledger.verify import verify  # noqa: PLC0415

    async def work() -> None:
        database = Database(dsn)
        before = peak_mb()
        server: list[float] = []

        async def cpu_of_server(connection: psycopg.AsyncConnection[Any]) -> list[str]:
            times = psutil.Process(connection.info.backend_pid).cpu_times()
            server.append(times.user + times.system)
            return []

        started = time.process_time()
        report = await verify(database, checks=[cpu_of_server])
        own = time.process_time() - started
        await database.dispose()
        print(report.seconds, report.entries, report.found, peak_mb(), before, own, *server)
        print(*report.problems[:5], sep="\n", file=sys.stderr)

    asyncio.run(work())


def verified(dsn: str) -> list[float]:
    """Verify in a child process and return what it printed."""
    answer = subprocess.run(  # noqa: S603
        [sys.executable, __file__, "child", dsn], check=True, stdout=subprocess.PIPE, text=True
    )
    return [float(part) for part in answer.stdout.split()]


def measure(entries: int, rounds: int) -> bool:
    """Print the table; tell whether the aim is met."""
    from praca.platform.embedded import EmbeddedPostgres  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        asyncio.run(prepare(server.url))
        started = time.perf_counter()
        fill(server.url, entries)
        print(f"made {entries} entries in {time.perf_counter() - started:.1f} s")
        best = None
        for _ in range(rounds):
            seconds, seen, found, peak, before, own, theirs = verified(server.url)
            assert (int(seen), int(found)) == (entries, 0), (seen, found)
            per_million = seconds / entries * 1e6
            print(
                f"verified in {seconds:6.2f} s   {per_million:6.2f} s per million (aim {AIM_S:.0f})"
                f"   processor {own:.1f} s here, {theirs:.1f} s in PostgreSQL"
                f"   peak memory {peak:.0f} MB, {before:.0f} of it before"
            )
            best = min(per_million, best or per_million)
    return cast("float", best) <= AIM_S


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000, help="an even number")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if not measure(arguments.entries, arguments.rounds):
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2])
    else:
        main()
