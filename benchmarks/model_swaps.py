"""Does a swap of models ever disturb an answer?

    uv run python benchmarks/model_swaps.py [--swaps 200] [--predictions 1000000]

Two versions of the match model are trained on a sample city, on an embedded PostgreSQL in a
temporary folder. One thread asks without a pause how well pairs fit, and knows what each version
says of each pair, while the promoted version is changed again and again, as ``praca models
promote`` does, and the matcher follows as in an API process. It ends with 1 if an answer is
neither version's, or not that of the version it names. Printed: answers, swaps, seconds from a
promotion to the first answer of the promoted version.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from uuid import uuid4

import numpy as np
import psycopg

from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.matching import Matcher, repository, snapshots
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.tasks import train
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind, import_records
from praca.learning import store
from praca.platform.database import migrate
from praca.platform.embedded import EmbeddedPostgres
from praca.platform.logging import configure_logging
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext

_FILES = {"applicants": "candidatos", "vagas": "vagas", "prospects": "prospects"}
_PAIRS = 200

Pair = tuple[CandidateProfile, VacancyProfile]


class Asker(threading.Thread):
    """Asks until told to stop, and counts the answers and those that are wrong."""

    def __init__(
        self, matcher: Matcher, pairs: Sequence[Pair], known: Sequence[Sequence[float]]
    ) -> None:
        super().__init__()
        self._matcher, self._pairs, self._known = matcher, pairs, known
        self.stopping = threading.Event()
        self.answers = self.wrong = 0
        self.version = 0

    def heard(self, version: int) -> bool:
        """Tell whether the last answer was this version's."""
        return self.version == version

    def run(self) -> None:
        """Ask."""
        while not self.stopping.is_set():
            for at, (candidate, vacancy) in enumerate(self._pairs):
                found = self._matcher.predict(candidate, vacancy)
                self.wrong += found.probability != self._known[found.version - 1][at]
                self.version = found.version
            self.answers += len(self._pairs)


async def _prepare(resources: Resources, folder: Path) -> list[Pair]:
    """Import a sample city, train two versions, and return pairs to ask about."""
    await migrate(resources.databases)
    with psycopg.connect(resources.databases.city.dsn) as connection:
        for path in write_sample_files(SampleCity(candidates=200, vacancies=120), folder):
            with path.open("rb") as source:
                import_records(connection, source, TransferKind(_FILES[path.stem]))
    for seed in (1, 2):
        await train(TaskContext(uuid4(), resources), {"seed": seed})
    async with resources.databases.city.read() as session:
        people = [x async for x in repository.all_profiles(session, repository.CANDIDATES)]
        offers = [x async for x in repository.all_profiles(session, repository.VACANCIES)]
    return [(people[n % 200], offers[(7 * n) % 120]) for n in range(_PAIRS)]


async def _promote(resources: Resources, version: int) -> None:
    async with resources.databases.city.write() as session:
        await store.promote(session, snapshots.MODEL_NAME, version)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # a thread makes it true, which sets no event
        await asyncio.sleep(0.001)


async def _swaps(resources: Resources, asker: Asker, count: int) -> list[float]:
    """Promote the versions by turns; return the seconds each took to answer."""
    delays = []
    for number in range(count):
        wanted = 1 + number % 2
        started = time.perf_counter()
        await _promote(resources, wanted)
        await _until(partial(asker.heard, wanted))
        delays.append(time.perf_counter() - started)
    return delays


async def _soak(url: str, folder: Path, options: argparse.Namespace) -> int:
    resources = open_resources(Settings.load(), url, TASK_KINDS)
    pairs = await _prepare(resources, folder)
    matcher = Matcher(resources)
    known = []
    for version in (1, 2):
        await _promote(resources, version)
        await matcher.refresh()
        known.append([matcher.predict(*pair).probability for pair in pairs])
    watching = asyncio.create_task(matcher.watch())
    asker = Asker(matcher, pairs, known)
    asker.start()
    delays = await _swaps(resources, asker, options.swaps)
    await _until(lambda: asker.answers >= options.predictions)
    asker.stopping.set()
    asker.join()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await resources.close()
    differing = np.mean(np.array(known[0]) != np.array(known[1]))
    print(f"{asker.answers:,} answers during {len(delays)} swaps, {asker.wrong} wrong;")
    print(f"the versions differ on {differing:.0%} of the pairs")
    p50, p99, most = np.percentile(delays, [50, 99, 100])
    print(f"promotion to first answer: p50 {p50:.2f} s, p99 {p99:.2f} s, most {most:.2f} s")
    return int(asker.wrong > 0)


def main() -> int:
    """Run the soak in a temporary folder."""
    parser = argparse.ArgumentParser(description="Swap models while pairs are scored.")
    parser.add_argument("--swaps", type=int, default=200)
    parser.add_argument("--predictions", type=int, default=1_000_000)
    options = parser.parse_args()
    configure_logging("WARNING")
    with tempfile.TemporaryDirectory(prefix="swaps-", ignore_cleanup_errors=True) as folder:
        os.environ["PRACA_DATA_DIR"] = folder
        with EmbeddedPostgres(Path(folder)) as server:
            return asyncio.run(_soak(server.url, Path(folder), options))


if __name__ == "__main__":
    sys.exit(main())
