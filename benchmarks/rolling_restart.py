"""An update under load: is a request lost, or a write, or one done twice?

    uv run python -m benchmarks.rolling_restart [--requests 50000] [--rate 300] [--processes 2]

Two releases of Praça lie side by side; the newer has one more migration, which changes tables that
the load writes to. ``praca api`` of the older one runs on an embedded PostgreSQL. Requests begin at
fixed times, over a hundred kept connections: health, lists and histories by token, sign-ins, and
recharges of cards with a key each. None is ever repeated: no answer, a broken one or another status
than it should have is a failure. Meanwhile SIGHUP restarts the processes one by one, again
and again; half-way ``praca migrate`` of the newer release runs and ``current`` is switched to it.

At the end the ledger is compared with what the clients were told. ``--kills N`` does something else
instead: it kills that many processes with SIGKILL, one at a time; what is in flight there is lost.

The latency counts from when a request was to begin. The load, the processes and PostgreSQL share
the machine's cores, and so do two more processes whenever one is replaced.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import numpy as np
import uvloop
from benchmarks.restarts.rehearsal import Report, rehearsed

from praca.platform.database import EmbeddedPostgres


def main() -> None:
    """Rehearse, print, and end with 1 if a request failed or a write is not there once."""
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "postgres-home") as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        report = runner.run(_rehearse(arguments, Path(folder), server.url))
    _print(report)
    bad = report.lost + report.duplicates + (0 if report.killed else report.failed)
    sys.exit(1 if bad else 0)


async def _rehearse(arguments: argparse.Namespace, folder: Path, url: str) -> Report:
    async with rehearsed(folder, url, processes=arguments.processes) as rehearsal:
        return await rehearsal.run(
            requests=arguments.requests,
            rate=arguments.rate,
            restarts=arguments.restarts,
            kills=arguments.kills,
        )


def _print(report: Report) -> None:
    result = report.result
    p50, p99, longest = (np.percentile(result.times, q) * 1000 for q in (50, 99, 100))
    print(
        f"{report.failed:,} failed of {report.requests:,} requests in {report.seconds:.0f} s"
        f" ({report.requests / report.seconds:.0f}/s), none of them repeated"
    )
    for how, count in result.failures.most_common():
        print(f"  {count:,} x {how}")
    if report.killed:
        print(f"{report.killed} processes killed")
    else:
        print(
            f"{'1 migration' if report.migrated else 'no migration'}, {report.restarts} rolling"
            f" restarts, {len(report.processes)} processes seen"
        )
    print(
        f"writes: {len(result.taken):,} answered, {report.lost} of them lost,"
        f" {report.duplicates} done twice; {len(result.unsure)} without an answer"
    )
    print(
        f"connections: {result.connections:,} opened, {result.asked_to_close:,} closed as asked by"
        f" an answer, {result.closed_idle:,} closed by the server while idle"
    )
    print(
        "CPU per request, the starts of processes included: "
        + ", ".join(f"{name} {s / report.requests * 1000:.2f} ms" for name, s in report.cpu.items())
    )
    print(f"latency: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.0f} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=300.0, help="requests per second")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--restarts", type=int, default=4)
    parser.add_argument("--kills", type=int, default=0, help="kill processes instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
