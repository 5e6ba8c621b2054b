"""Runs as MLflow's own client reads them back, on the real PostgreSQL and both kinds of files."""

import dataclasses
import json
import math
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import structlog
from alembic import command
from sqlalchemy import Connection
from tests.tables import load_all_tables
from tests.workers import own

from praca.learning.tracking import TrackedRun, log_run, log_runs
from praca.learning.tracking.process import note
from praca.learning.tracking.runs import _order
from praca.learning.tracking.store import prepare, tracking_uri
from praca.platform.database import HISTORIES, Databases, sqlalchemy_url
from praca.platform.database.migrations import History, alembic_config
from praca.platform.objects import ObjectStore
from praca.platform.resources import Resources
from praca.platform.settings import ObjectSettings, Settings, Tracking, TrackingSettings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

# What MLflow has SQLAlchemy deprecate when its tables are loaded.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

_STARTED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
_ENDED = datetime(2026, 11, 22, 10, 5, 30, 250_000, tzinfo=UTC)
_FILES = {
    "reliability.svg": b"<svg/>",
    "relatório final.json": b"{}",
    "plot.png": bytes(range(256)),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_TRACKING", "mlflow")
    return Settings.load()


def _run(**changes: Any) -> TrackedRun:
    """A run of a model that no other test has."""
    run = TrackedRun(
        model=f"model-{uuid.uuid4().hex}",
        version=3,
        params={"penalty": 0.5, "folds": 5, "solver": "lbfgs"},
        metrics={"auc": 0.83, "brier": 0.11},
        tags={"data_hash": "sha256:ab", "code_version": "0.1.0", "promoted": "true"},
        files=_FILES,
        started_at=_STARTED,
        ended_at=_ENDED,
    )
    return dataclasses.replace(run, **changes)


@pytest.fixture
def fresh_url(migrated_url: str) -> Iterator[str]:
    """A database in which MLflow never was."""
    name = own("praca_tests_mlflow")
    url = sqlalchemy_url(migrated_url).set(drivername="postgresql", database=name)
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield url.render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def client(resources: Resources) -> "MlflowClient":
    from mlflow import MlflowClient

    prepare(resources.databases.city.dsn)
    return MlflowClient(tracking_uri=tracking_uri(resources.databases.city.dsn))


def _on(resources: Resources, url: str) -> Resources:
    return dataclasses.replace(resources, databases=Databases(url, None))


def _with(resources: Resources, **groups: Any) -> Resources:
    settings = dataclasses.replace(resources.settings, **groups)
    objects = ObjectStore(settings.objects, settings.data_dir)
    return dataclasses.replace(resources, settings=settings, objects=objects)


def _noted(resources: Resources, run: TrackedRun) -> str:
    """Note the run in this process: loading MLflow anew for each test takes seconds."""
    return note(json.loads(json.dumps(_order(resources, run))))


def _files_of(resources: Resources, run: "Run") -> dict[str, bytes]:
    place = run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    return resources.objects.read_all(f"mlflow/{place}")


async def test_two_workers_that_begin_at_once_note_one_run(
    resources: Resources, fresh_url: str
) -> None:
    elsewhere = _on(resources, fresh_url)
    run = _run()
    with ThreadPoolExecutor(2) as workers:
        first, second = workers.map(lambda _: log_run(elsewhere, run), range(2))
    assert first is not None
    assert first == second
    with psycopg.connect(fresh_url) as connection:
        rows = connection.execute("SELECT run_uuid, status FROM mlflow.runs").fetchall()
        others = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN"
            " ('mlflow', 'pg_catalog', 'information_schema')"
        ).fetchone()
    assert rows == [(first, "FINISHED")]
    assert others == (0,)
    await elsewhere.databases.dispose()


def test_what_is_noted_is_what_was_given(resources: Resources, client: "MlflowClient") -> None:
    run = _run()
    found = client.get_run(_noted(resources, run))
    assert found.data.params == {"penalty": "0.5", "folds": "5", "solver": "lbfgs"}
    assert found.data.metrics == {"auc": 0.83, "brier": 0.11}
    assert found.data.tags.items() >= {**run.tags, "praca.version": "3"}.items()
    assert found.info.run_name == f"{run.model} 3"
    assert found.info.status == "FINISHED"
    assert found.info.end_time - found.info.start_time == 330_250
    assert client.get_experiment(found.info.experiment_id).name == run.model
    assert _files_of(resources, found) == _FILES


def test_the_same_version_is_noted_once(resources: Resources, client: "MlflowClient") -> None:
    run = _run()
    first = _noted(resources, run)
    assert _noted(resources, dataclasses.replace(run, metrics={"auc": 0.1})) == first
    other = _noted(resources, dataclasses.replace(run, version=4))
    assert other != first
    assert client.get_run(first).data.metrics["auc"] == 0.83
    experiment = client.get_run(first).info.experiment_id
    assert {one.info.run_id for one in client.search_runs([experiment])} == {first, other}


def test_a_run_left_by_a_killed_process_is_replaced(
    resources: Resources, client: "MlflowClient"
) -> None:
    run = _run()
    experiment = client.create_experiment(
        run.model, artifact_location=f"mlflow-artifacts:/{run.model}"
    )
    left = client.create_run(experiment, tags={"praca.model": run.model, "praca.version": "3"})
    noted = _noted(resources, run)
    assert noted != left.info.run_id
    assert client.get_run(left.info.run_id).info.status == "KILLED"
    assert client.get_run(noted).info.status == "FINISHED"


def test_an_experiment_in_the_bin_is_taken_out_of_it(
    resources: Resources, client: "MlflowClient"
) -> None:
    run = _run()
    first = client.get_run(_noted(resources, run))
    client.delete_experiment(first.info.experiment_id)
    second = client.get_run(_noted(resources, dataclasses.replace(run, version=4)))
    assert second.info.experiment_id == first.info.experiment_id
    assert client.get_experiment(first.info.experiment_id).lifecycle_stage == "active"


def test_what_mlflow_would_refuse_is_made_to_fit(
    resources: Resources, client: "MlflowClient"
) -> None:
    run = _run(
        params={f"p{at}": at for at in range(250)}
        | {"long": "x" * 9000, "a@b": "nul\0", "n": None},
        metrics={"auc": 0.5, "ndcg@10": 0.3, "bad": math.nan, "worse": -math.inf},
        tags={"reason": "r" * 9000},
    )
    found = client.get_run(_noted(resources, run)).data
    assert len(found.params) == 253
    assert found.params["long"] == "x" * 6000
    assert found.params["a_b"] == "nul"
    assert found.metrics == {"auc": 0.5, "ndcg_10": 0.3}
    assert found.tags["reason"] == "r" * 8000


def test_files_that_cannot_be_written_fail_the_run_alone(
    resources: Resources, client: "MlflowClient"
) -> None:
    run = _run(files={"../outside": b""})
    with pytest.raises(Exception, match="chave"):
        _noted(resources, run)
    experiment = client.get_experiment_by_name(run.model)
    assert experiment is not None
    (failed,) = client.search_runs([experiment.experiment_id])
    assert failed.info.status == "FAILED"
    again = _noted(resources, dataclasses.replace(run, files=_FILES))
    assert client.get_run(again).info.status == "FINISHED"


def test_several_runs_are_noted_at_once_and_one_that_cannot_costs_no_other(
    resources: Resources, client: "MlflowClient"
) -> None:
    run = _run()
    good = [run, dataclasses.replace(run, version=5)]
    bad = [
        dataclasses.replace(run, version=4, files={"../outside": b""}),
        _run(model=run.model, version=6, metrics={"auc": None}),
    ]
    with structlog.testing.capture_logs() as lines:
        noted = log_runs(resources, [good[0], *bad, good[1]])
    assert noted[1:3] == [None, None]
    names = [client.get_run(str(run_id)).info.run_name for run_id in (noted[0], noted[3])]
    assert names == [f"{run.model} 3", f"{run.model} 5"]
    assert {(line["event"], line["version"]) for line in lines} == {
        ("tracking.unavailable", 4),
        ("tracking.unavailable", 6),
    }


async def test_without_a_database_nothing_is_raised_and_the_log_says_so(
    resources: Resources,
) -> None:
    nowhere = _on(resources, "postgresql://praca:hidden-word@127.0.0.1:1/praca")
    with structlog.testing.capture_logs() as lines:
        assert log_run(nowhere, _run(model="match")) is None
    (line,) = lines
    assert line["event"] == "tracking.unavailable"
    assert line["log_level"] == "warning"
    assert (line["model"], line["version"]) == ("match", 3)
    assert "127.0.0.1" in line["reason"]
    assert "hidden-word" not in json.dumps(line)
    await nowhere.databases.dispose()


def test_a_figure_that_is_none_costs_the_note_and_not_the_training(resources: Resources) -> None:
    with structlog.testing.capture_logs() as lines:
        assert log_run(resources, _run(metrics={"auc": None})) is None
    assert [line["event"] for line in lines] == ["tracking.unavailable"]


def test_switched_off_nothing_is_noted(resources: Resources, client: "MlflowClient") -> None:
    run = _run()
    off = _with(resources, tracking=TrackingSettings(tracking=Tracking.OFF))
    assert log_run(off, run) is None
    assert client.get_experiment_by_name(run.model) is None


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
async def test_our_migrations_do_not_see_the_tables_of_mlflow(
    resources: Resources, client: "MlflowClient", history: History
) -> None:
    assert client.search_experiments()
    load_all_tables()

    def check(connection: Connection) -> None:
        command.check(alembic_config(history, connection))

    async with history.database(resources.databases).engine.connect() as connection:
        await connection.run_sync(check)


_WATCHED = """
import sys
watched = []
sys.addaudithook(lambda event, _: watched.append(event) if event == "pickle.find_class" else None)
from praca.learning.tracking.process import main
main()
print("unpickled:", len(watched), "boto3:", "boto3" in sys.modules)
"""


def test_files_go_to_s3_without_boto3_and_nothing_is_unpickled(
    resources: Resources, client: "MlflowClient", s3_settings: ObjectSettings
) -> None:
    there = _with(resources, objects=s3_settings)
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-W", "ignore", "-c", _WATCHED],
        input=json.dumps([_order(there, _run())]),
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    answer, counted = done.stdout.splitlines()
    assert counted == "unpickled: 0 boto3: False"
    found = client.get_run(json.loads(answer)["run"])
    assert _files_of(there, found) == _FILES
    assert "secret" not in json.dumps(found.to_dictionary())
    assert not list(resources.objects.keys("mlflow"))


def test_the_start_of_the_api_loads_no_mlflow() -> None:
    program = (
        "import sys, praca.entrypoints.api, praca.learning.tracking, praca.learning.tracking.store;"
        "print('mlflow' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "False"
