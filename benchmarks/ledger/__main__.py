"""How fast does money move, against the bare SQL and the naive version?

    uv run python -m benchmarks.ledger [--seconds 5] [--only service|batch|http|naive|sign-in]

An embedded PostgreSQL in a temporary folder, on the second core with this process; the servers run
on the first. Every commit is durable (``fsync`` and ``synchronous_commit`` as PostgreSQL has them).

*Service*: transfers through the service layer, each with its audit entry, against pgbench that
runs the bare SQL of the same transfer (``bare_sql.py``). Hot: all to one card from one account of
the city; many: between neighbours of a thousand cards.

*HTTP*: one ``praca api``, each recharge with an ``Idempotency-Key`` of its own and an audit entry,
against the naive read-modify-write (``naive.py``), and how much money that loses.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import uvloop
from benchmarks.http_load.driver import Figures
from benchmarks.http_load.servers import praca
from benchmarks.ledger.bare_sql import Bare
from benchmarks.ledger.http_side import Wallet, opened_wallet
from benchmarks.ledger.service_side import Service

from praca.platform.database import EmbeddedPostgres

_CLIENTS = (1, 8, 32)
_OLD = {"balance": 850, "recharge": 450, "document": 800, "sign-in": 4.5}


def main() -> None:
    """Run the parts that are asked for and print their tables."""
    arguments = _arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the API, one for the driver and PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder:
        if arguments.only in {None, "service", "batch"}:
            # pgbench and PostgreSQL have both cores, and so have the service and PostgreSQL.
            with EmbeddedPostgres(Path(folder) / "service") as server:
                environment = {**os.environ, "PRACA_DATABASE_URL": server.url}
                praca({**environment, "PRACA_DATA_DIR": folder}, "migrate")
                uvloop.run(_service(server.url, arguments))
        os.sched_setaffinity(0, {cores[1]})
        if arguments.only in {None, "http", "naive", "sign-in"}:
            with (
                EmbeddedPostgres(Path(folder) / "http") as server,
                opened_wallet(Path(folder), server, cores[0]) as wallet,
            ):
                uvloop.run(_http(wallet, arguments))
                _check(server.url)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--connections", type=int, default=32, help="over HTTP")
    parser.add_argument("--only", choices=["service", "batch", "http", "naive", "sign-in"])
    return parser.parse_args()


async def _service(url: str, arguments: argparse.Namespace) -> None:
    service, bare = await Service.open(url), Bare(url)
    if arguments.only != "batch":
        print(f"{'transfers':10}{'clients':>8}{'service/s':>11}{'bare SQL/s':>11}{'ratio':>7}")
        for is_hot in (False, True):
            for clients in _CLIENTS:
                ours = await service.rate(clients=clients, is_hot=is_hot, seconds=arguments.seconds)
                theirs = await asyncio.to_thread(
                    bare.rate, clients=clients, is_hot=is_hot, seconds=arguments.seconds
                )
                name = "hot" if is_hot else "many"
                ratio = ours / theirs
                print(f"{name:10}{clients:8}{ours:11,.0f}{theirs:11,.0f}{ratio:7.2f}", flush=True)
    batch = await service.batch_rate(seconds=arguments.seconds)
    waiting = await service.rate(clients=1000, is_hot=True, seconds=arguments.seconds)
    alone = await asyncio.to_thread(bare.rate, clients=8, is_hot=True, seconds=arguments.seconds)
    print(
        f"one hot account: {batch:,.0f} transfers/s in batches of 1,000,"
        f" {waiting:,.0f}/s with 1,000 movements waiting;"
        f" bare SQL, one by one, 8 clients: {alone:,.0f}/s ({batch / alone:.1f} times)"
    )
    await service.databases.dispose()


def _row(name: str, figures: Figures, theirs: Figures | None, old: float | None) -> str:
    row = f"{name:24}{figures.rate:8,.0f}{figures.p50_ms:8.1f}{figures.p99_ms:8.1f}"
    if theirs is not None:
        row += f" |{theirs.rate:8,.0f}{figures.rate / theirs.rate:7.2f}"
    elif old is not None:
        row += f" |{'':15}"
    return row + (f" |{old:7,.1f}{figures.rate / old:8.1f}" if old is not None else "")


async def _http(wallet: Wallet, arguments: argparse.Namespace) -> None:
    options: dict[str, Any] = {"connections": arguments.connections, "seconds": arguments.seconds}
    print(
        f"\n{'':40}{'':8} |{'naive version':>15} |{'old system':>15}\n"
        f"{'operation':24}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8} |{'req/s':>8}{'ratio':>7}"
        f" |{'req/s':>7}{'ratio':>8}"
    )
    if arguments.only in {None, "http"}:
        ours = await wallet.load(wallet.balances(), **options)
        naive = await wallet.load(wallet.naive_balances(), naive=True, **options)
        print(_row("balance", ours, naive, _OLD["balance"]), flush=True)
        for is_hot in (False, True):
            ours = await wallet.load(wallet.recharges(is_hot=is_hot), **options)
            naive = await wallet.load(wallet.naive_recharges(is_hot=is_hot), naive=True, **options)
            name = f"recharge, {'one card' if is_hot else '1,000 cards'}"
            print(_row(name, ours, naive, _OLD["recharge"]), flush=True)
        ours = await wallet.load(wallet.debits(), **options)
        print(_row("debit, 1,000 cards", ours, None, None), flush=True)
        ours = await wallet.load(wallet.documents(), **options)
        print(_row("document create", ours, None, _OLD["document"]), flush=True)
    if arguments.only in {None, "naive"}:
        await _lost(wallet, options)
    if arguments.only in {None, "sign-in"}:
        health, sign_ins = await wallet.health_beside_sign_ins(arguments.seconds)
        print(_row("sign-in, 4 clients", sign_ins, None, _OLD["sign-in"]))
        print(_row("health meanwhile", health, None, None), flush=True)


async def _lost(wallet: Wallet, options: dict[str, Any]) -> None:
    before = await wallet.naive_balance(1)
    figures = await wallet.load(wallet.naive_recharges(is_hot=True), naive=True, **options)
    paid = figures.all_answers * 5
    kept = await wallet.naive_balance(1) - before
    lost = 1 - kept / paid
    print(f"naive recharges of one card: {paid} centavos paid, {kept} kept ({lost:.0%} lost)")


def _check(url: str) -> None:
    """Say whether our sums are right after all that."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT sum(balance) FROM wallet.accounts), (SELECT count(*) FROM"
            " wallet.transfers), (SELECT count(*) FROM wallet.entries)"
        ).fetchone()
    if row is None or row[0] != 0 or row[2] != 2 * row[1]:
        sys.exit(f"the ledger is wrong: {row}")
    print(f"ours: {row[1]:,} transfers, all balances sum to {row[0]}")


if __name__ == "__main__":
    main()
