"""How good is the hiring model, how long is its training, and how fast one prediction?

    uv run python benchmarks/hiring_model.py [--repeat 3] [--skip-dask] [--skip-http]

On real data (read in place; ``PRACA_REAL_DATA`` or ``../shared/data``). The old server's side is
its documented pipeline, written anew here with plain scikit-learn: ``GridSearchCV`` over three
``TfidfVectorizer`` and a ``LogisticRegression``. Ours reads each distinct text once; what both
compute should agree. Ours takes the best of ``--repeat`` trainings, the old pipeline one.
"""

import argparse
import asyncio
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Role
from praca.jobs.hiring import training
from praca.jobs.hiring.data import FIELDS, Applications
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import MODEL_NAME, HiringModel
from praca.learning import store
from praca.learning.artifacts import MANIFEST, pack
from praca.platform.database import EmbeddedPostgres, migrate
from praca.platform.logging import configure_logging
from praca.platform.resources import open_resources
from praca.platform.settings import HiringSettings, Settings

T = TypeVar("T")
DATA = Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[2] / "shared/data"))
PASSWORD = "Segredo-forte-9"  # noqa: S105  # of a throw-away account


def real_applications() -> Applications:
    """Read the applications whose vacancy and candidate are both in the files."""
    files = [DATA / f"decision/{name}.json.gz" for name in ("vagas", "prospects", "applicants")]
    if not all(file.exists() for file in files):
        sys.exit(f"The real data are not there ({DATA}); this measures nothing without them.")
    vacancies, groups, people = (json.loads(gzip.decompress(file.read_bytes())) for file in files)
    rows = []
    for code in sorted(groups, key=int):
        for prospect in groups[code]["prospects"]:
            person = people.get(str(prospect["codigo"]))
            if code in vacancies and person is not None:
                asked = vacancies[code]["perfil_vaga"]
                texts = [str(asked.get(name) or "") for name in FIELDS[:2]]
                status = prospect["situacao_candidado"]
                cv = str(person.get("cv_pt") or "")
                rows.append((int(code), int(prospect["codigo"]), status, *texts, cv))
    rows.sort(key=lambda row: row[:2])
    return Applications.of(rows)


def old_pipeline() -> GridSearchCV:
    """Return the documented pipeline with its grid search, as scikit-learn spells it."""
    vectorizers = [
        (
            name,
            TfidfVectorizer(
                max_features=terms, ngram_range=(1, 2), strip_accents="unicode", dtype=np.float32
            ),
            at,
        )
        for at, (name, terms) in enumerate((("job", 1000), ("asked", 1000), ("cv", 5000)))
    ]
    pipeline = Pipeline(
        [
            ("features", ColumnTransformer(vectorizers, sparse_threshold=1.0)),
            ("classifier", LogisticRegression(max_iter=1000, random_state=42)),
        ]
    )
    grid = {"classifier__C": [0.1, 1.0, 10.0]}
    return GridSearchCV(pipeline, grid, cv=5, scoring="roc_auc", n_jobs=1)


def old_figures(data: Applications) -> dict[str, float]:
    """Train and measure as the old server documents it."""
    train, test, truth, held_out = train_test_split(
        np.arange(data.labels.size), data.labels, test_size=0.2, random_state=42,
        stratify=data.labels,
    )  # fmt: skip
    # In the order of the rows, which is how ours keeps the parts of the split.
    order, rest = np.argsort(train), np.argsort(test)
    train, truth, test, held_out = train[order], truth[order], test[rest], held_out[rest]
    search = old_pipeline().fit(data.texts[train], truth)
    stated = search.predict_proba(data.texts[test])[:, 1]
    said = stated > 0.5
    return {
        "auc": float(roc_auc_score(held_out, stated)),
        "best_c": float(search.best_params_["classifier__C"]),
        "best_cv_score": float(search.best_score_),
        "precision": float(precision_score(held_out, said, zero_division=0)),
        "recall": float(recall_score(held_out, said)),
        "f1_score": float(f1_score(held_out, said)),
        "accuracy": float(accuracy_score(held_out, said)),
    }


def best_of(repeat: int, run: Callable[[], T]) -> tuple[float, T]:
    """Return the shortest time in seconds, and what ``run`` gave last."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - started)
    return min(times), result


def train_ours(data: Applications, settings: HiringSettings) -> training.Fitted:
    """Train without showing progress."""
    return training.fit(data, settings, Marks(PASSWORD), lambda *_: None)


def show_quality(old: dict[str, float], new: dict[str, float]) -> None:
    """Print the documented figures of both sides, and those that tell what they are worth."""
    print(f"\n{'figure':24}{'old pipeline':>14}{'ours':>14}")
    for name, value in old.items():
        print(f"{name:24}{value:14.4f}{new[name]:14.4f}")
    for name in ("auc", "auc_unseen"):
        low, high = new.get(f"{name}_low", np.nan), new.get(f"{name}_high", np.nan)
        print(f"{name + ', 95 %':24}{'':14}{new.get(name, np.nan):14.4f}  [{low:.3f}, {high:.3f}]")
    print(f"{'brier (base rate)':24}{new['baseline_brier']:14.4f}{new['brier']:14.4f}")
    print(f"{'accuracy (always no)':24}{new['baseline_accuracy']:14.4f}{new['accuracy']:14.4f}")


def with_dask(data: Applications, settings: HiringSettings, repeat: int) -> float:
    """Return the training time on a cluster of two processes on this machine, once warm."""
    from distributed import LocalCluster  # noqa: PLC0415  # an extra

    open_cluster: Any = LocalCluster
    with open_cluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        spread = settings.model_copy(update={"dask_scheduler": cluster.scheduler_address})
        train_ours(data, spread)  # its processes load scikit-learn
        return best_of(repeat, lambda: train_ours(data, spread))[0]


def show_training(name: str, seconds: float, old_seconds: float) -> None:
    """Print how long a training took, and against the old pipeline."""
    print(f"{name:40}{seconds:9.1f}   {old_seconds / seconds:.1f} times as fast")


def show_speed(name: str, run: Callable[[Sequence[str]], object], rows: Sequence[Any]) -> None:
    """Print median and 99th percentile of single predictions, in milliseconds."""
    taken = []
    for row in rows:
        started = time.perf_counter()
        run(row)
        taken.append((time.perf_counter() - started) * 1e3)
    show_times(name, taken)


def show_times(name: str, taken: Sequence[float]) -> None:
    """Print median and 99th percentile."""
    print(f"{name:40}{np.median(taken):9.2f}{np.quantile(taken, 0.99):9.2f}")


async def over_http(model: HiringModel, metrics: dict[str, float], rows: Sequence[Any]) -> None:
    """Publish the model in a city of its own and ask its application (no network, one caller)."""
    with (
        tempfile.TemporaryDirectory(prefix="hire-") as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        os.environ["PRACA_DATA_DIR"] = folder
        configure_logging("WARNING")
        settings = Settings.load()
        resources = open_resources(settings, server.url, TASK_KINDS)
        await migrate(resources.databases)
        artifact = pack(
            model.to_files(), name=MODEL_NAME, version="1", created_at=datetime.now(UTC),
            metrics=metrics,
        )  # fmt: skip
        resources.objects.write_all("models/hiring/bench/1", artifact)
        async with resources.databases.city.write() as session:
            manifest = artifact[MANIFEST].decode()
            await store.publish(session, MODEL_NAME, 1, "models/hiring/bench/1", manifest)
            await store.promote(session, MODEL_NAME, 1)
        app = create_app(settings, resources)
        async with resources.databases.identity.write() as session:
            await app.state.identity.create_account(
                session, username="bench", password=PASSWORD, role=Role.RECRUTADOR
            )
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
            form = {"username": "bench", "password": PASSWORD}
            token = (await client.post("/login", json=form)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            taken = []
            for row in rows:
                body = dict(zip(FIELDS, (text or "-" for text in row), strict=True))
                started = time.perf_counter()
                answer = await client.post("/predict", json=body, headers=headers)
                taken.append((time.perf_counter() - started) * 1e3)
                assert answer.status_code == 200, answer.text
        show_times("through the application, in process", taken)
        await resources.close()


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--skip-dask", action="store_true")
    parser.add_argument("--skip-http", action="store_true")
    arguments = parser.parse_args()
    data, settings = real_applications(), HiringSettings()
    print(f"{data.labels.size} applications, {data.labels.mean():.1%} of them hires")
    old_s, old = best_of(1, lambda: old_figures(data))
    ours_s, fitted = best_of(arguments.repeat, lambda: train_ours(data, settings))
    show_quality(old, fitted.metrics)
    print(f"\n{'training, with figures':40}{'s':>9}")
    print(f"{'old pipeline (without auc_unseen)':40}{old_s:9.1f}")
    show_training("ours, threads", ours_s, old_s)
    if not arguments.skip_dask:
        dask_s = with_dask(data, settings, arguments.repeat)
        print(
            f"{'ours, Dask with 2 processes':40}{dask_s:9.1f}   {old_s / dask_s:.1f} times as fast"
        )
    rows = [data.texts[at] for at in fitted.test[:400]]
    print(f"\n{'one prediction':40}{'p50 ms':>9}{'p99 ms':>9}")
    pipeline = fitted.model.pipeline
    show_speed("scikit-learn's pipeline", lambda row: pipeline.predict_proba(np.array([row])), rows)
    show_speed("ours, in process", fitted.model.probability, rows)
    if not arguments.skip_http:
        asyncio.run(over_http(fitted.model, fitted.metrics, rows))


if __name__ == "__main__":
    main()
