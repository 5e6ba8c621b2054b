"""The training task: published once whoever is killed, on no other books, without scikit-learn."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pytest
from tests.integration.library_ml.conftest import TrainedLibrary
from tests.library_books import insert_books, make_rows

from praca.kit.clock import utc_now
from praca.learning import store
from praca.library.ml.data import Books, Examples
from praca.library.ml.errors import NotEnoughBooksError
from praca.library.ml.gate import BookGate
from praca.library.ml.model import HeldOut
from praca.library.ml.names import ALL_MODELS, ModelKind, Target, model_name
from praca.library.ml.serving import BookModels
from praca.library.ml.tasks import train
from praca.library.ml.training import Fitted
from praca.library.ml.training import train as fit
from praca.platform.objects import ObjectStore
from praca.platform.resources import Resources
from praca.platform.settings import Tracking, TrackingSettings
from praca.platform.tasks import TaskCancelledError, TaskContext

RATING = {"alvos": ["rating"]}


class KilledError(BaseException):
    """The worker died."""


class DyingStore:
    """The object store of a worker that is killed at its n-th use of it."""

    def __init__(self, objects: ObjectStore, uses: int) -> None:
        self._objects, self._left = objects, uses

    def __getattr__(self, name: str) -> Any:
        if self._left == 0:
            raise KilledError(name)
        self._left -= 1
        return getattr(self._objects, name)


async def versions(resources: Resources, target: Target) -> dict[ModelKind, list[int]]:
    async with resources.databases.city.read() as session:
        return {
            kind: [v.version for v in await store.list_versions(session, model_name(target, kind))]
            for kind in ModelKind
        }


def published(*numbers: int) -> dict[ModelKind, list[int]]:
    return {kind: [*numbers] for kind in ModelKind}


async def test_every_model_is_published_with_its_figures(library: TrainedLibrary) -> None:
    told = library.result["modelos"]
    assert [(one["alvo"], one["nome"]) for one in told] == [*ALL_MODELS]
    assert library.result["nao_treinados"] == {}
    for one in told:
        assert (one["versao"], one["promovido"]) == (1, True), one["motivos"]
        assert one["livros"] == (94 if one["alvo"] == "rating" else 90)
        assert one["livros_fora"] == (0 if one["alvo"] == "rating" else 4)


async def test_a_training_killed_at_any_step_and_run_again_publishes_once(
    resources: Resources,
) -> None:
    """It dies at every use of the store of files in turn, and then runs to its end."""
    run_id, died_at = uuid4(), []
    for uses in range(100):
        dying = replace(resources, objects=DyingStore(resources.objects, uses))  # type: ignore[arg-type]
        try:
            result = await train(TaskContext(run_id, dying), RATING)
            break
        except KilledError as death:
            died_at.append(str(death))
    assert {"write_all", "read_all", "delete_below"} <= {*died_at}
    assert await versions(resources, Target.RATING) == published(2, 1)
    for kind in ModelKind:
        below = f"models/{model_name(Target.RATING, kind)}/{run_id}"
        assert len({key.split("/")[3] for key in resources.objects.keys(below)}) == 1, kind
    # Killed after its last commit and run again, it publishes nothing new and answers the same.
    assert await train(TaskContext(run_id, resources), RATING) == result


async def test_runs_that_a_killed_training_did_not_note_are_noted_by_the_next_attempt(
    resources: Resources,
) -> None:
    run_id = uuid4()
    first = await train(TaskContext(run_id, resources), RATING)
    tracking = TrackingSettings(tracking=Tracking.MLFLOW)
    tracked = replace(resources, settings=replace(resources.settings, tracking=tracking))
    assert await train(TaskContext(run_id, tracked), RATING) == first
    async with resources.databases.city.read() as session:
        runs = {
            (await store.require_version(session, model_name(Target.RATING, kind), 2)).tracking_run
            for kind in ModelKind
        }
    assert None not in runs
    assert len(runs) == len(ModelKind)


async def test_a_training_that_two_workers_finish_is_published_once(resources: Resources) -> None:
    """A worker that was thought dead wakes up while another does its task."""
    run_id = uuid4()
    both = await asyncio.gather(*(train(TaskContext(run_id, resources), RATING) for _ in range(2)))
    assert both[0] == both[1]
    assert await versions(resources, Target.RATING) == published(2, 1)


async def test_equal_books_give_the_same_figures_and_predictions(
    resources: Resources, library: TrainedLibrary
) -> None:
    again = await train(TaskContext(uuid4(), resources), RATING)
    before = {one["nome"]: one for one in library.result["modelos"] if one["alvo"] == "rating"}
    for one in again["modelos"]:
        assert one["promovido"], one["motivos"]
        assert one["acuracia"] == before[one["nome"]]["acuracia"]
        assert one["f1_score_macro"] == before[one["nome"]]["f1_score_macro"]


async def test_a_version_that_is_worse_on_the_same_books_is_not_promoted(
    resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:  # what tells the shelf is gone
        connection.execute("UPDATE library.books SET titulo = 'Livro ' || md5(upc),"
                           " descricao = '', preco_centavos = 1000")  # fmt: skip
    result = await train(TaskContext(uuid4(), resources), {"alvos": ["categoria"]})
    assert [one["promovido"] for one in result["modelos"]] == [False] * 3
    assert all("é pior que a da versão em uso" in one["motivos"][0] for one in result["modelos"])
    assert {one["sinal"] for one in result["modelos"]} == {"sem sinal"}
    models = BookModels(resources)
    await models.refresh()
    assert (await models.require(Target.CATEGORIA, "svm")).version == 1


@pytest.mark.parametrize(("target", "accepted"), [(Target.RATING, True), (Target.CATEGORIA, False)])
async def test_only_what_knows_something_can_be_worse_than_it(
    resources: Resources, target: Target, accepted: bool
) -> None:
    """Of two that say nothing the luckier one may not keep the newer one out for ever."""
    kind = ModelKind.REGRESSAO_LOGISTICA
    examples = Books.of(make_rows(90, catch_all=4)).examples(target)
    fitted = _fit(resources, examples, kind)
    assert fitted.model.report.has_signal is (target is Target.CATEGORIA)
    known = fitted.model.held_out
    wrong = (known.classes[:, 0] + 1) % len(examples.classes)
    unlucky = HeldOut(known.marks, np.stack([known.classes[:, 0], wrong], axis=1))
    worse = replace(fitted, model=replace(fitted.model, held_out=unlucky))
    async with resources.databases.city.read() as session:
        champion = await store.find_champion(session, model_name(target, kind))
    verdict = await BookGate(resources, worse, examples.fields)(champion, 1000)
    (check,) = [one for one in verdict.checks if one.name == "not_worse"]
    assert (check.passed is not False) is accepted
    assert ("sinal" in check.reason) is accepted


def _fit(resources: Resources, examples: Examples, kind: ModelKind) -> Fitted:
    found = fit(
        examples,
        [kind],
        resources.settings.library,
        max_ece=0.1,
        trained_at=utc_now(),
        on_progress=lambda _done, _all: None,
    )
    return found[kind]


async def test_a_champion_that_cannot_be_read_does_not_keep_its_successor_out(
    resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        keys = connection.execute("SELECT object_key FROM platform.models").fetchall()
    for (key,) in keys:
        resources.objects.write(f"{key}/model.json", b"{}")
    result = await train(TaskContext(uuid4(), resources), RATING)
    assert [one["promovido"] for one in result["modelos"]] == [True] * 3


async def test_a_target_with_too_few_books_is_named_and_the_other_is_trained(
    resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE library.books SET categoria = 'Default'")
    result = await train(TaskContext(uuid4(), resources), {})
    assert {one["alvo"] for one in result["modelos"]} == {"rating"}
    assert "0 livros em categorias" in result["nao_treinados"]["categoria"]
    with pytest.raises(NotEnoughBooksError, match="Há livros de menos para treinar"):
        await train(TaskContext(uuid4(), resources), {"alvos": ["categoria"]})


async def test_a_cancelled_training_stops_and_publishes_nothing(resources: Resources) -> None:
    context = TaskContext(uuid4(), resources)
    context.cancelled.set()
    with pytest.raises(TaskCancelledError):
        await train(context, RATING)
    assert await versions(resources, Target.RATING) == published(1)


async def test_absent_books_are_not_learned_from(resources: Resources, city_dsn: str) -> None:
    insert_books(city_dsn, [("z" + row[0], *row[1:]) for row in make_rows(30, seed=7)])
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE library.books SET absent_since = now() WHERE upc LIKE 'z%'")
    result = await train(TaskContext(uuid4(), resources), RATING)
    assert {one["livros"] for one in result["modelos"]} == {94}


_PROGRAM = """
import sys
import numpy
import praca.entrypoints.api
from praca.library.ml.data import BookFields
from praca.library.ml.model import BookModel
from praca.library.ml.names import ModelKind, Target
from praca.platform.objects import ObjectStore
from praca.platform.settings import Settings

settings = Settings.load()
objects = ObjectStore(settings.objects, settings.data_dir)
book = BookFields("verso lua", 10.0, True, "Poesia")
watched = []
sys.addaudithook(lambda event, _: watched.append(event) if event == "pickle.find_class" else None)
for line in sys.argv[1:]:
    target, kind, key = line.split("|")
    files = objects.read_all(key)
    files.pop("manifest.json")
    BookModel.from_files(files, Target(target), ModelKind(kind)).predict(book)
print(len(sys.argv) - 1, len(watched))
print(sorted({"sklearn", "skops", "joblib", "scipy"} & set(sys.modules)))
"""


async def test_predicting_loads_no_scikit_learn_and_unpickles_nothing(
    resources: Resources,
) -> None:
    lines = []
    async with resources.databases.city.read() as session:
        for target, kind in ALL_MODELS:
            champion = await store.find_champion(session, model_name(target, kind))
            assert champion is not None
            lines.append(f"{target}|{kind}|{champion.object_key}")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _PROGRAM, *lines],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["6 0", "[]"]


async def test_more_folds_than_a_small_shelf_can_fill_leave_that_shelf_out(
    resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE library.books SET categoria = 'Culinária' WHERE id IN ("
            " SELECT id FROM library.books WHERE categoria = 'Poesia' ORDER BY id LIMIT 11)"
        )
    library = resources.settings.library.model_copy(update={"ml_folds": 6})
    settings = replace(resources.settings, library=library)
    context = TaskContext(uuid4(), replace(resources, settings=settings))
    result = await train(context, {"alvos": ["categoria"]})
    assert result["nao_treinados"] == {}
    assert {one["livros_fora"] for one in result["modelos"]} == {4 + 11}
