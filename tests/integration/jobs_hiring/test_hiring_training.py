"""The training task: published once whoever is killed, on a cluster as in threads, no pickles."""

import asyncio
import subprocess
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from praca.jobs.hiring import open_serving
from praca.jobs.hiring.data import read_applications
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.tasks import train
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.parallel import ClusterUnavailableError
from praca.learning.serving import Serving
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def test_the_applications_are_those_with_both_sides_and_a_known_status(
    resources: Resources, city_dsn: str
) -> None:
    async with resources.databases.city.read() as session:
        before = await read_applications(session)
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE jobs.prospects SET situacao_candidato = 'Perdido no correio'"
            " WHERE codigo_candidato = %s",
            [int(before.candidates[0])],
        )
        connection.execute(
            "DELETE FROM jobs.vacancies WHERE codigo_vaga = %s", [int(before.vacancies[-1])]
        )
    async with resources.databases.city.read() as session:
        after = await read_applications(session)
    gone = (before.candidates == before.candidates[0]) | (before.vacancies == before.vacancies[-1])
    assert after.labels.size == int((~gone).sum())
    assert set(after.left_out) == {"Perdido no correio"}
    assert before.digest() != after.digest()


async def test_a_training_that_two_workers_finish_is_published_once(resources: Resources) -> None:
    """A worker that was thought dead wakes up while another does its task."""
    run_id = uuid4()
    results = await asyncio.gather(*(train(TaskContext(run_id, resources), {}) for _ in range(2)))
    assert results[0] == results[1]
    assert results[0]["model_version"] == 2
    async with resources.databases.city.read() as session:
        versions = await store.list_versions(session, "hiring")
    assert [version.version for version in versions] == [2, 1]
    folders = {key.split("/")[3] for key in resources.objects.keys(f"models/hiring/{run_id}")}
    assert len(folders) == 1
    # Killed after its last commit and run again, it publishes nothing new and answers the same.
    assert await train(TaskContext(run_id, resources), {}) == results[0]


async def test_what_is_stored_can_be_served_and_knows_its_training_rows(
    resources: Resources,
) -> None:
    serving = open_serving(resources)
    served = await serving.current()
    assert served is not None
    async with resources.databases.city.read() as session:
        data = await read_applications(session)
    marks = Marks(resources.settings.signing_key)
    known = served.model.was_trained_on(marks.of(data.vacancies, data.candidates))
    assert known.sum() == served.model.trained_on.size - 1  # and the mark of the secret
    assert served.model.was_trained_on(marks.own).all()
    assert 0.15 < 1 - known.mean() < 0.25  # the fifth that was held back


async def test_a_version_that_cannot_be_loaded_leaves_the_old_one_answering(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    serving = open_serving(resources)
    assert await serving.current() is not None
    await run_kind(resources, "jobs.train_hiring")
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT object_key FROM platform.models WHERE version = 2")
        (key,) = row.fetchone() or ("",)
    resources.objects.write(f"{key}/pipeline.skops", b"\x80\x04cos\nsystem\n")
    watching = asyncio.create_task(serving.watch())
    await asyncio.sleep(0.1)
    served = await serving.current()
    assert served is not None
    assert served.version == 1
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    with pytest.raises(ArtifactError, match="não pode ser lida"):  # a process that starts now
        await open_serving(resources).current()


async def test_an_unreadable_version_is_read_again_after_a_while_or_as_other_files(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []

    def read(files: Mapping[str, bytes]) -> None:
        reads.append(len(files))
        raise ArtifactError("O modelo não pode ser lido.")

    async def ask(times: int) -> None:
        for _ in range(times):
            with pytest.raises(ArtifactError, match="não pode ser lida"):
                await serving.current()

    serving = Serving(resources, "hiring", read)
    await ask(4)
    assert len(reads) == 1
    with psycopg.connect(city_dsn) as connection:
        (key,) = connection.execute("SELECT object_key FROM platform.models").fetchone() or ("",)
        connection.execute("UPDATE platform.models SET object_key = 'models/hiring/x'")
    resources.objects.write_all("models/hiring/x", resources.objects.read_all(key))
    await ask(4)
    assert len(reads) == 2
    monkeypatch.setattr("praca.learning.serving._RETRY_S", 0)
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE platform.models SET object_key = %s", [key])
    await ask(3)
    assert len(reads) == 5  # each time: the while is over at once
    with psycopg.connect(city_dsn) as connection:
        connection.execute("TRUNCATE platform.models CASCADE")
    assert await serving.current() is None


async def test_a_version_whose_files_are_gone_is_unreadable_until_another_answers(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        (key,) = connection.execute("SELECT object_key FROM platform.models").fetchone() or ("",)
    resources.objects.delete_below(key)
    serving = open_serving(resources)
    with pytest.raises(ArtifactError, match="não pode ser lida"):
        await serving.current()
    await run_kind(resources, "jobs.train_hiring")
    served = await serving.current()
    assert served is not None
    assert served.version == 2


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A Dask cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="the extra praca[dask] is absent")
    with warnings.catch_warnings():
        # Of libraries that Dask's own processes and their streams leave to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as started:
            yield started.scheduler_address


async def test_a_cluster_finds_what_threads_find(
    resources: Resources, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = await train(TaskContext(uuid4(), resources), {})
    hiring = resources.settings.hiring.model_copy(update={"dask_scheduler": cluster})
    monkeypatch.setitem(vars(resources.settings), "hiring", hiring)
    spread = await train(TaskContext(uuid4(), resources), {})
    of_the_run = {"model_version", "reasons"}  # what the gate says names a time
    assert spread["model_version"] == local["model_version"] + 1
    for name in local.keys() - of_the_run:
        assert spread[name] == local[name], name


async def test_a_cluster_that_is_not_there_fails_the_task_with_its_address(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("praca.learning.parallel._CONNECT_S", 0.2)
    address = "tcp://127.0.0.1:9"
    hiring = resources.settings.hiring.model_copy(update={"dask_scheduler": address})
    monkeypatch.setitem(vars(resources.settings), "hiring", hiring)
    with pytest.raises(ClusterUnavailableError, match=address):
        await train(TaskContext(uuid4(), resources), {})


_PROGRAM = """
import sys
import skops.io  # loads LightGBM and Dask where they are, and Dask tries out its own functions

watched = []
sys.addaudithook(lambda event, _: watched.append(event) if event == "pickle.find_class" else None)

from praca.jobs.hiring import training
from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import HiringModel
from praca.platform.settings import Settings

trades = ("java spring sql", "triagem vacina curativo", "fiscal balanco sped")
status = ("Aprovado", "Prospect")
data = Applications.of(
    (n // 4, n % 40, status[n % 2], trades[n % 3], trades[n % 2], trades[n % 3] + f" termo{n}")
    for n in range(120)
)
fitted = training.fit(data, Settings.load().hiring, Marks("x" * 32), lambda *_: None)
loaded = HiringModel.from_files(fitted.model.to_files())
assert abs(loaded.probability(data.texts[0]) - fitted.model.probability(data.texts[0])) < 1e-9
print("unpickled:", len(watched))

if len(sys.argv) > 1:  # that the hook would see one
    import decimal, pickle
    pickle.loads(pickle.dumps(decimal.Decimal(1)))
    print("unpickled:", len(watched))
"""


def test_nothing_is_unpickled_in_training_and_loading() -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", _PROGRAM, "--unpickle"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["unpickled: 0", "unpickled: 1"]


def test_the_application_starts_without_scikit_learn() -> None:
    program = (
        "import sys; import praca.entrypoints.api, praca.entrypoints.kinds;"
        "print(sorted({'sklearn', 'skops', 'joblib', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
