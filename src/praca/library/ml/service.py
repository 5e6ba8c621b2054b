"""The rules of predicting and training, without HTTP."""

import time
from collections.abc import Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from praca.identity.subjects import Subject
from praca.learning.serving import Served
from praca.library.ml.data import BookFields
from praca.library.ml.model import BookModel
from praca.library.ml.names import ModelKind, Target, model_name
from praca.library.ml.report import signal_of
from praca.library.ml.schemas import (
    BookPrediction,
    BookToPredict,
    CacheStatus,
    ModelStatus,
)
from praca.library.ml.serving import BookModels
from praca.library.ml.tasks import TRAIN_BOOKS
from praca.platform.audit import AuditEntry, record
from praca.platform.database import WriteSession
from praca.platform.tasks import TaskQueue

__all__ = ["PredictionLog", "cache_status", "predict", "start_training"]

_MS: Final = 1000


class PredictionLog(Protocol):
    """Where predictions are noted; noting never raises and never waits."""

    def note_prediction(
        self, model: str, version: int, inputs: Any, output: Any, ms: float
    ) -> None:
        """Note one prediction."""
        ...


async def predict(
    models: BookModels,
    log: PredictionLog | None,
    target: Target,
    name: str,
    book: BookToPredict,
) -> BookPrediction:
    """Predict ``target`` of a book by the model ``name``, and note it.

    Raises:
        BookModelMissingError: there is no such model.
        ArtifactError: its files are refused.
    """
    served = await models.require(target, name)
    model = served.model
    started = time.perf_counter()
    # On the loop: handing a tenth of a millisecond to a thread costs as much again.
    found = model.predict(
        BookFields(book.titulo, book.preco, book.disponibilidade, book.categoria, book.descricao)
    )
    taken_ms = (time.perf_counter() - started) * _MS
    if log is not None:
        log.note_prediction(
            model_name(target, model.kind),
            served.version,
            book.model_dump(exclude={"rating", "imagem"}),
            found.label,
            taken_ms,
        )
    is_rating = target is Target.RATING
    return BookPrediction.model_construct(
        livro=book.titulo,
        modelo_usado=name,
        rating_predito=(1 if found.label == "1" else 0) if is_rating else None,
        alvo=target,
        predicao=found.label,
        categoria_predita=None if is_rating else found.label,
        probabilidade=None if found.probability is None else round(found.probability, 4),
        versao=served.version,
        sinal=signal_of(has_signal=model.report.has_signal),
    )


async def start_training(
    session: WriteSession, tasks: TaskQueue, targets: Sequence[Target], subject: Subject | None
) -> UUID:
    """Enqueue a training and note who asked for it; return the task's id.

    Raises:
        TaskAlreadyRunningError: one is queued or running.
    """
    actor_id = None if subject is None else subject.id
    task_id = await tasks.enqueue(
        session, TRAIN_BOOKS.name, {"alvos": [*targets]}, owner_id=actor_id
    )
    await record(session, AuditEntry("library.training_started", "task", str(task_id), actor_id))
    return task_id


async def cache_status(models: BookModels, targets: Sequence[Target]) -> CacheStatus:
    """Return what is in memory for ``targets``, with its figures."""
    details = [
        _status(kind, served)
        for target in targets
        for kind, served in (await models.loaded(target)).items()
    ]
    return CacheStatus(
        modelos_carregados=list(dict.fromkeys(one.nome for one in details)),
        artefatos_carregados=bool(details),
        detalhes_modelos=details,
    )


def _status(kind: ModelKind, served: Served[BookModel]) -> ModelStatus:
    model, report = served.model, served.model.report
    figures = dict(report.figures)
    return ModelStatus.model_validate(
        {
            "nome": kind,
            "alvo": model.target,
            "versao": served.version,
            "sinal": signal_of(has_signal=report.has_signal),
            "metricas": {name: figure[0] for name, figure in figures.items()},
            "intervalos": {name: figure[1:] for name, figure in figures.items()},
            "referencias": {
                name: {figure: interval[0] for figure, interval in one}
                for name, one in report.baselines.items()
            },
            "ganhos": {
                figure: {name: gain[1:] for name, gain in gains.items()}
                for figure, gains in report.gains.items()
            },
            "livros": report.books,
            "livros_fora": report.left_out,
            "diz_probabilidade": model.confidence is not None,
            "treinado_em": report.trained_at,
        }
    )
