"""Background work of the library's models: training and releasing them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.lifecycle import (
    Published,
    Release,
    Trained,
    already_published,
    note,
    publish,
)
from praca.library.ml.data import Examples, fewest_of_class, read_books
from praca.library.ml.errors import NotEnoughBooksError
from praca.library.ml.names import ModelKind, Target, model_name
from praca.library.ml.report import Report, signal_of
from praca.platform.tasks import TaskCancelledError, TaskContext, TaskKind

if TYPE_CHECKING:
    from praca.library.ml.training import Fitted

__all__ = ["TRAIN_BOOKS", "train"]

_Models = dict[tuple[Target, ModelKind], Published]
_PER_TARGET: Final = 100


async def train(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Fit the models of the targets in ``args["alvos"]`` (default: all) and release each.

    A target with too few books is left out, and the result says why.

    Raises:
        NotEnoughBooksError: no target has books enough.
    """
    targets = [target for target in Target if target in args.get("alvos", [*Target])]
    found: _Models = {}
    refused: dict[str, str] = {}
    for at, target in enumerate(targets):
        done, total = at * _PER_TARGET, len(targets) * _PER_TARGET
        try:
            context.progress(done, total, f"Lendo os livros: {target}")
            found |= await _train_target(context, target, done, len(targets))
        except NotEnoughBooksError as error:
            refused[target] = error.detail
        except TaskCancelledError:
            await _noted(context, found)  # they answer already
            raise
    if refused and not found:
        raise NotEnoughBooksError(" ".join(dict.fromkeys(refused.values())))
    return {"modelos": await _noted(context, found), "nao_treinados": refused}


async def _noted(context: TaskContext, models: _Models) -> list[dict[str, Any]]:
    """Write the runs of all models together; return what the task's result says of each."""
    releases = await note(context.resources, [*models.values()])
    return [
        _told(*key, released, published.version.manifest["metrics"])
        for (key, published), released in zip(models.items(), releases, strict=True)
    ]


async def _train_target(context: TaskContext, target: Target, begin: int, targets: int) -> _Models:
    """Publish every kind of model for one target; those that a killed attempt published stay."""
    resources = context.resources
    released: dict[ModelKind, Published] = {}
    for kind in ModelKind:
        name = model_name(target, kind)
        done = await already_published(resources, name, _folder(context, name))
        if done is not None:
            released[kind] = done
    missing = [kind for kind in ModelKind if kind not in released]
    if missing:
        async with resources.databases.city.read() as session:
            books = await read_books(session)
        fewest = fewest_of_class(resources.settings.library.ml_folds)
        examples = books.examples(target, fewest=fewest)

        def on_progress(done: int, total: int) -> None:
            so_far = begin + done * (_PER_TARGET - 1) // total
            context.progress(so_far, targets * _PER_TARGET, f"Treinando: {target}")

        started_at = utc_now()
        fitted = await asyncio.to_thread(_fit, examples, missing, context, on_progress)
        data_hash = await asyncio.to_thread(examples.digest)
        for kind in missing:
            released[kind] = await _release(
                context, examples, fitted[kind], data_hash=data_hash, started_at=started_at
            )
    return {(target, kind): released[kind] for kind in ModelKind}


def _fit(
    examples: Examples, kinds: Sequence[ModelKind], context: TaskContext, on_progress: Any
) -> "dict[ModelKind, Fitted]":
    from praca.library.ml import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    settings = context.resources.settings
    return training.train(
        examples,
        kinds,
        settings.library,
        max_ece=settings.learning.gate_max_ece,
        trained_at=utc_now(),
        on_progress=on_progress,
    )


async def _release(
    context: TaskContext,
    examples: Examples,
    fitted: "Fitted",
    *,
    data_hash: str,
    started_at: Any,
) -> Published:
    from praca.library.ml.gate import BookGate  # noqa: PLC0415  # it loads what training does

    resources, model = context.resources, fitted.model
    name = model_name(model.target, model.kind)
    async with resources.databases.city.read() as session:
        version = await store.next_version(session, name)
    settings = resources.settings.library
    trained = Trained(
        name=name,
        version=version,
        files=await asyncio.to_thread(model.to_files),
        data_hash=data_hash,
        params={
            "alvo": model.target,
            "modelo": model.kind,
            "folds": settings.ml_folds,
            "trees": settings.ml_trees,
            "classes": len(model.classes),
        },
        metrics=_flat(model.report),
        started_at=started_at,
    )
    return await publish(
        resources, _folder(context, name), trained, BookGate(resources, fitted, examples.fields)
    )


def _folder(context: TaskContext, name: str) -> str:
    return f"models/{name}/{context.run_id}"


def _flat(report: Report) -> dict[str, float]:
    """Return a report as the flat figures that a manifest and MLflow keep."""
    named = {"": report.figures} | {f"{name}_": one for name, one in report.baselines.items()}
    flat = {
        f"{prefix}{figure}{end}": value
        for prefix, figures in named.items()
        for figure, interval in figures
        for end, value in zip(("", "_low", "_high"), interval, strict=True)
    }
    for figure, gains in report.gains.items():
        for name, interval in gains.items():
            for end, value in zip(("", "_low", "_high"), interval, strict=True):
                flat[f"ganho_{name}_{figure}{end}"] = value
    if report.calibration_error is not None:
        flat["ece"] = report.calibration_error
    return flat | {
        "sinal": float(report.has_signal),
        "livros": float(report.books),
        "livros_fora": float(sum(report.left_out.values())),
    }


def _told(
    target: Target, kind: ModelKind, released: Release, metrics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the task's result says of one model."""
    return {
        "nome": kind,
        "alvo": target,
        "versao": released.version,
        "promovido": released.is_champion,
        "motivos": released.reasons,
        "sinal": signal_of(has_signal=bool(metrics["sinal"])),
        "acuracia": metrics["acuracia"],
        "f1_score_macro": metrics["f1_score_macro"],
        "livros": int(metrics["livros"]),
        "livros_fora": int(metrics["livros_fora"]),
    }


TRAIN_BOOKS = TaskKind("library.train", train, is_exclusive=True)
