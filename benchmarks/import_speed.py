"""How fast the real vacancy file goes in, against parsing it and against a raw COPY.

Run with ``uv run python benchmarks/import_speed.py`` from the project's root. The file is read in
place from ``../shared/data`` (or ``PRACA_REAL_DATA``). With ``--repeat 8`` a file of eight times
its records, under codes of their own, is made in a temporary folder and imported once, to see that
memory does not grow with the file; without the real file the sample city's vacancies are repeated.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import psycopg

from praca.jobs.transfer import TransferKind, import_records, open_plain_or_gzip
from praca.jobs.transfer.records import vacancy_row
from praca.jobs.transfer.stream import iter_members

ROUNDS = 3
COLUMNS = "codigo_vaga, infos_basicas, perfil_vaga, beneficios, extras"


REAL = Path(os.environ.get("PRACA_REAL_DATA", "../shared/data")) / "decision" / "vagas.json.gz"
COPY_CODES = 10_000_000
"""How far the codes of one copy lie from those of the next."""


def real_file() -> Path:
    """Return the real file, or end with a sentence."""
    path = REAL
    if not path.exists():
        sys.exit(f"{path} is absent; set PRACA_REAL_DATA to the folder of the real data")
    return path


def peak_mb() -> float:
    """Return this process's peak memory; ``ru_maxrss`` would count the parent's before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(dsn: str, path: str) -> None:
    """Import once, alone in a process, and print the seconds and the peak memory."""
    before = peak_mb()
    with psycopg.connect(dsn) as connection, open_plain_or_gzip(path) as source:
        started = time.perf_counter()
        report = import_records(connection, source, TransferKind.VAGAS)
        seconds = time.perf_counter() - started
    peak = peak_mb()
    print(seconds, peak, report.inserted, report.updated, report.unchanged, before)


def imported(dsn: str, path: Path) -> list[float]:
    """Import in a child process and return what it printed."""
    command = [sys.executable, __file__, "child", dsn, str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return [float(part) for part in answer.stdout.split()]


def copied(connection: psycopg.Connection[Any], table: str, lines: Iterable[bytes]) -> float:
    """Fill an empty table by COPY alone and return the seconds."""
    connection.execute(f"TRUNCATE {table}")
    connection.commit()
    started = time.perf_counter()
    with connection.cursor().copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
        for line in lines:
            copy.write(line)
    connection.commit()
    return time.perf_counter() - started


async def prepare(url: str) -> None:
    """Make the tables."""
    # Imported here: the child that is measured needs none of it.
    from praca.platform.database.engine import Databases  # noqa: PLC0415
    from praca.platform.database.migrations import migrate  # noqa: PLC0415

    databases = Databases(url, None)
    try:
        await migrate(databases)
    finally:
        await databases.city.dispose()


def repeated_file(source: Path, target: Path, times: int) -> None:
    """Write the records of ``source`` so many times, each time under other codes."""
    with target.open("wb") as sink:
        separator = b"{"
        for copy in range(times):
            with open_plain_or_gzip(source) as packed:
                for member in iter_members(packed):
                    code = int(member.key_text()) + copy * COPY_CODES
                    sink.write(b'%s\n"%d":%s' % (separator, code, member.value))
                    separator = b","
        sink.write(b"}")


def memory(times: int) -> None:
    """Import a file of so many times the records and print what it took."""
    from praca.jobs.sample import SampleCity, write_sample_files  # noqa: PLC0415
    from praca.platform.embedded import EmbeddedPostgres  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        source = REAL
        if not source.exists():
            print(f"{source} is absent; the sample city's vacancies are repeated instead")
            write_sample_files(SampleCity(candidates=10, vacancies=14_000), Path(folder))
            source = Path(folder) / "vagas.json"
        large = Path(folder) / "large.json"
        repeated_file(source, large, times)
        with EmbeddedPostgres(Path(folder) / "var") as server:
            asyncio.run(prepare(server.url))
            seconds, peak, inserted, _, _, before = imported(server.url, large)
        print(f"file                        {large.stat().st_size / 1e6:8.1f} MB")
    print(f"import, empty table         {seconds:8.2f} s   {inserted / seconds:,.0f} records/s")
    print(f"peak memory of the import   {peak:8.1f} MB  (aim: 250)")
    print(f"  of it before the import   {before:8.1f} MB")


def speed() -> None:
    """Print the table."""
    from praca.platform.embedded import EmbeddedPostgres  # noqa: PLC0415

    path = real_file()
    with open_plain_or_gzip(path) as packed, tempfile.TemporaryDirectory() as folder:
        raw = packed.read()
        plain = Path(folder) / "vagas.json"
        plain.write_bytes(raw)
        parses = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            orjson.loads(raw)
            parses.append(time.perf_counter() - started)
        with plain.open("rb") as source:
            lines = [
                b"\t".join(
                    part.replace(b"\\", b"\\\\")
                    for part in (str(code).encode(), *vacancy_row(member, code)[1])
                )
                + b"\n"
                for member in iter_members(source)
                for code in [int(member.key_text())]
            ]
        with EmbeddedPostgres(Path(folder) / "var") as server:
            asyncio.run(prepare(server.url))
            dsn = server.url
            with psycopg.connect(dsn) as connection:
                connection.execute(
                    "CREATE TABLE jobs.same (LIKE jobs.vacancies INCLUDING ALL);"
                    "CREATE TABLE jobs.bare (codigo_vaga bigint, infos_basicas jsonb,"
                    " perfil_vaga jsonb, beneficios jsonb, extras jsonb)"
                )
                connection.commit()
                bare = [copied(connection, "jobs.bare", lines) for _ in range(ROUNDS)]
                same = [copied(connection, "jobs.same", lines) for _ in range(ROUNDS)]
                firsts = []
                for _ in range(ROUNDS):
                    connection.execute("TRUNCATE jobs.vacancies")
                    connection.commit()
                    firsts.append(imported(dsn, plain))
                agains = [imported(dsn, plain) for _ in range(ROUNDS)]
    parse, ours, again = min(parses), min(row[0] for row in firsts), min(row[0] for row in agains)
    print(f"file                        {len(raw) / 1e6:8.1f} MB, {len(lines)} records")
    print(f"parse only (orjson)         {parse:8.2f} s")
    print(f"raw COPY, bare table        {min(bare):8.2f} s")
    print(f"raw COPY, same indexes      {min(same):8.2f} s")
    print(f"import, empty table         {ours:8.2f} s   {len(lines) / ours:,.0f} records/s")
    print(f"import again, unchanged     {again:8.2f} s")
    print(f"import / (parse + COPY)     {ours / (parse + min(same)):8.2f}   (aim: 3.00 or less)")
    print(f"import / (parse + bare)     {ours / (parse + min(bare)):8.2f}")
    print(
        f"peak memory of the import   {max(row[1] for row in firsts + agains):8.1f} MB  (aim: 250)"
    )
    print(f"  of it before the import   {max(row[5] for row in firsts + agains):8.1f} MB")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=0, help="only memory, with a larger file")
    arguments = parser.parse_args()
    if arguments.repeat:
        memory(arguments.repeat)
    else:
        speed()


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(*sys.argv[2:4])
    else:
        main()
