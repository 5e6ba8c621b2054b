"""How long a city takes to be backed up, checked and restored, and how much memory that needs.

A city of its own is made in a temporary folder: candidates with CVs of some kilobytes, and files
that do not compress. Needs about four times their size on the disk.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from praca.entrypoints.backups import contents_of
from praca.entrypoints.kinds import TASK_KINDS
from praca.entrypoints.restored import AFTER_RESTORE, finish_restore, to_repeat
from praca.platform.backup.making import make_backup
from praca.platform.backup.reading import Verified, verify_backup
from praca.platform.backup.restoring import Target, claimed, restore
from praca.platform.database import migrate
from praca.platform.embedded import EmbeddedPostgres
from praca.platform.objects import ObjectStore
from praca.platform.resources import open_resources
from praca.platform.settings import Settings

_CANDIDATES = """
INSERT INTO jobs.candidates (codigo_profissional, infos_basicas, cv_pt)
SELECT n, '{}', (SELECT string_agg(md5((n * 100 + k)::text), ' ') FROM generate_series(1, 60) k)
FROM generate_series(1, %s) n
"""


def main() -> None:
    """Make a city, and time what is done with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--files-mb", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pb-", ignore_cleanup_errors=True) as folder:
        _measure(Path(folder), options.candidates, options.files_mb)


def _measure(folder: Path, candidates: int, files_mb: int) -> None:
    here, there = folder / "here", folder / "there"
    settings = _settings(here)
    with EmbeddedPostgres(here) as server:
        _fill(settings, server.url, candidates, files_mb)
        before = _memory()
        with _timed("backup"):
            contents = contents_of(settings, server.url)
            made = make_backup(contents, folder / "backups", lambda *_: None)
    database = made.manifest.databases["city"].size
    print(f"database {database / 1e6:.0f} MB, backup {made.size / 1e6:.0f} MB")
    with _timed("verify"):
        verified = verify_backup(made.path, None, lambda _: None)
    settings = _settings(there)
    with (
        _timed("restore"),
        claimed(there, verified.manifest, is_embedded=True),
        EmbeddedPostgres(there) as server,
    ):
        target = Target(
            there,
            {"city": server.url},
            ObjectStore(settings.objects, there),
            {"city": "\n".join(AFTER_RESTORE.values())},
        )
        restore(made.path, None, verified, target, lambda *_: None)
        asyncio.run(_finish(settings, server.url, verified))
    print(f"memory grew by {_memory() - before:.0f} MB")


def _settings(folder: Path) -> Settings:
    os.environ["PRACA_DATA_DIR"] = str(folder)
    return Settings.load()


def _fill(settings: Settings, url: str, candidates: int, files_mb: int) -> None:
    async def tables() -> None:
        resources = open_resources(settings, url, TASK_KINDS)
        await migrate(resources.databases)
        await resources.close()

    asyncio.run(tables())
    with psycopg.connect(url) as connection:
        connection.execute(_CANDIDATES.encode(), [candidates])
    objects = ObjectStore(settings.objects, settings.data_dir)
    for number in range(files_mb):
        objects.write(f"documents/{number:032x}", os.urandom(1_000_000))


async def _finish(settings: Settings, url: str, verified: Verified) -> None:
    manifest = verified.manifest
    resources = open_resources(settings, url, TASK_KINDS)
    again = to_repeat(manifest.erasures, None, manifest.databases["city"].at)
    await finish_restore(resources, again)
    await resources.close()


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - begun:.1f} s", flush=True)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
