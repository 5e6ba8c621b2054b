"""One trial of ``benchmarks/reliability``: a worker is killed in the middle of an import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from benchmarks.reliability.processes import Server
from benchmarks.reliability.state import faults, state_of
from benchmarks.reliability.trial import City, Disturbance, Trial, opened_city
from tests.e2e.running import short_folder, until

from praca.jobs.sample import SampleCity, write_sample_files

_SAMPLE = SampleCity(candidates=120, vacancies=72)
# The killed worker is missed after three seconds; on a slow machine a living one is not.
_QUICK = {"PRACA_WORKER_HEARTBEAT_S": "0.5", "PRACA_WORKER_STALLED_S": "3"}
_READ = """
SELECT FROM platform.task_runs
WHERE kind = 'jobs.import_candidatos' AND status = 'running' AND progress_done > 0
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with short_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DATA_DIR", str(folder / "prepare"))
        with Server(folder).running() as running:
            yield running


@contextmanager
def _city(server: Server, folder: Path, name: str) -> Iterator[City]:
    sample = folder / "sample"
    if not sample.exists():
        write_sample_files(_SAMPLE, sample)
    with opened_city(server, folder / name, sample, name, **_QUICK) as city:
        yield city


def test_a_worker_killed_in_the_middle_of_an_import_changes_nothing(
    server: Server, tmp_path: Path
) -> None:
    with _city(server, tmp_path, "calm") as city:
        expected = Trial(city).run()
        _spoil(city)
    assert expected.faults == []
    assert expected.state.counts["candidates"] == _SAMPLE.candidates
    assert expected.attempts == 1

    with _city(server, tmp_path, "killed") as city, psycopg.connect(city.address) as holder:
        # Reading goes into a table of the import's own, so only the writing waits for this.
        holder.execute("LOCK TABLE jobs.candidates IN SHARE MODE")

        def kill_while_the_rows_wait(city: City) -> None:
            with psycopg.connect(city.address, autocommit=True) as looker:
                until(lambda: looker.execute(_READ).fetchone() is not None, "an import that reads")
            city.parts["worker"].kill()
            holder.rollback()

        found = Trial(city, Disturbance(("worker",), kill_while_the_rows_wait)).run()
    assert found.killed_while == "imports"
    assert found.attempts == 2
    assert found.faults == []
    assert found.state == expected.state


def _spoil(city: City) -> None:
    """Break what a trial looks at: each must be noticed."""
    before = state_of(city.address)
    with psycopg.connect(city.address, autocommit=True) as connection:
        connection.execute(
            "UPDATE jobs.prospects SET comentario = 'x' WHERE id ="
            " (SELECT min(id) FROM jobs.prospects)"
        )
        connection.execute("UPDATE jobs.row_counts SET rows = rows + 1 WHERE entity = 'vacancies'")
    (city.folder / "objects" / "left").mkdir()
    (city.folder / "objects" / "left" / "over.json").touch()
    after = state_of(city.address)
    differing = [name for name, digest in before.digests.items() if after.digests[name] != digest]
    assert differing == ["prospects"]
    with psycopg.connect(city.address, autocommit=True) as connection:
        # Last: a worker mends this at its next round.
        connection.execute(
            "UPDATE platform.task_runs SET status = 'running' WHERE kind = 'jobs.train_match'"
        )
    found = " ".join(faults(city.address, city.folder / "objects", kills=0))
    for fault in ("jobs.train_match is running", "row_counts", "left/over.json"):
        assert fault in found
