"""What clients of the old bookshop's models send and are answered, and what was added."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from praca.library.ml.names import ModelKind, Target
from praca.library.ml.report import Signal
from praca.library.ml.terms import LONGEST_READ

__all__ = [
    "BookPrediction",
    "BookToPredict",
    "BookTrainingStarted",
    "CacheStatus",
    "ModelStatus",
    "PredictionQuery",
    "TargetOrAll",
]

Bounds = tuple[float, float]

_FIGURES = {"acuracia": 0.498, "f1_score_macro": 0.418}
_BOUNDS = {"acuracia": [0.463, 0.535], "f1_score_macro": [0.369, 0.452]}
_DETAIL: dict[str, Any] = {
    "nome": "regressao_logistica",
    "alvo": "categoria",
    "versao": 3,
    "sinal": "há sinal",
    "metricas": _FIGURES,
    "intervalos": _BOUNDS,
    "referencias": {
        "maioria": {"acuracia": 0.159, "f1_score_macro": 0.012},
        "acaso": {"acuracia": 0.074, "f1_score_macro": 0.042},
    },
    "ganhos": {
        "acuracia": {"maioria": [0.283, 0.395], "acaso": [0.378, 0.471]},
        "f1_score_macro": {"maioria": [0.348, 0.448], "acaso": [0.319, 0.42]},
    },
    "livros": 692,
    "livros_fora": {"Default": 152, "Add a comment": 67},
    "diz_probabilidade": True,
    "treinado_em": "2026-03-02T12:00:00Z",
}


class TargetOrAll(StrEnum):
    """A target, or every one."""

    RATING = Target.RATING
    CATEGORIA = Target.CATEGORIA
    TODOS = "todos"

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that are meant."""
        return tuple(Target) if self is TargetOrAll.TODOS else (Target(self.value),)


class PredictionQuery(BaseModel):
    """By which model what is predicted."""

    nome_modelo: str = Field(
        ModelKind.RANDOM_FOREST.value,
        max_length=100,
        description="`random_forest`, `regressao_logistica` or `svm`.",
    )
    alvo: Target = Field(
        Target.RATING,
        description="`rating`: whether it is 4 or more. `categoria`: the category.",
    )


class BookToPredict(BaseModel):
    """A book, as the old system's clients send it.

    `rating` and `imagem` are accepted, because clients send them, and have no influence: the rating
    is what is predicted.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "titulo": "A New Book About Python",
                "preco": 25.5,
                "rating": 4,
                "disponibilidade": True,
                "categoria": "Science",
                "imagem": "http://example.com/image.jpg",
            }
        }
    )

    titulo: str = Field(max_length=LONGEST_READ)
    preco: float = Field(ge=0, le=1e9, allow_inf_nan=False, description="In the shop's currency.")
    rating: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] = Field(
        description="Required, as ever; ignored."
    )
    disponibilidade: bool
    categoria: str = Field(
        max_length=LONGEST_READ, description="Ignored where it is what is predicted."
    )
    imagem: str = Field(max_length=LONGEST_READ, description="Required, as ever; ignored.")
    descricao: str = Field(
        "", max_length=LONGEST_READ, description="Read for `alvo=categoria` alone; may be left out."
    )


class BookPrediction(BaseModel):
    """What a model says of a book."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "livro": "A New Book About Python",
                "modelo_usado": "random_forest",
                "rating_predito": 0,
                "alvo": "rating",
                "predicao": "0",
                "categoria_predita": None,
                "probabilidade": 0.547,
                "versao": 3,
                "sinal": "sem sinal",
            }
        }
    )

    livro: str = Field(description="The title that was sent.")
    modelo_usado: str
    rating_predito: Literal[0, 1] | None = Field(
        description="1: the rating is 4 or 5; null where something else is predicted."
    )
    alvo: Target
    predicao: str = Field(description="The predicted class.")
    categoria_predita: str | None = Field(description="Null where something else is predicted.")
    probabilidade: float | None = Field(
        description="That the prediction is right, as learned from predictions of books that were "
        "held out; null where it was found not to hold."
    )
    versao: int = Field(ge=1, description="Version of the model that answered.")
    sinal: Signal = Field(
        description="`sem sinal`: on books held out the model was no better than knowing how "
        "common each class is; the prediction is worth nothing."
    )


class BookTrainingStarted(BaseModel):
    """The task that trains; follow it at `/api/v1/tasks/{id_tarefa}`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Processo do treino do Modelo iniciado em segundo plano.",
                "id_tarefa": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
            }
        }
    )

    message: str
    id_tarefa: UUID


class TwoMetrics(BaseModel):
    """Accuracy and macro F1 on books that were held out."""

    acuracia: float
    f1_score_macro: float


class TwoBounds(BaseModel):
    """Their intervals of 95 %, lower and upper bound."""

    acuracia: Bounds
    f1_score_macro: Bounds


class ModelStatus(BaseModel):
    """One model that answers, and what it is worth."""

    model_config = ConfigDict(json_schema_extra={"example": _DETAIL})

    nome: str
    alvo: Target
    versao: int = Field(ge=1)
    sinal: Signal = Field(
        description="`há sinal`: macro F1 is above that of both baselines by more than chance "
        "explains. Accuracy does not decide: all classes weigh alike."
    )
    metricas: TwoMetrics
    intervalos: TwoBounds
    referencias: dict[str, TwoMetrics] = Field(
        description="`maioria`: always the largest class. `acaso`: drawn by how common each is."
    )
    ganhos: dict[str, dict[str, Bounds]] = Field(
        description="Each figure less that of each baseline, at 98.3 % (three models, 5 % in "
        "all); those of `f1_score_macro` above 0: there is a signal."
    )
    livros: int = Field(description="Books it learned from.")
    livros_fora: dict[str, int] = Field(
        description="Books of which category were left out: catch-all ones, and those of too few "
        "titles. None of these categories is ever predicted."
    )
    diz_probabilidade: bool
    treinado_em: datetime


class CacheStatus(BaseModel):
    """The models in memory, as the old system says it, each with its figures."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "modelos_carregados": ["regressao_logistica"],
                "artefatos_carregados": True,
                "detalhes_modelos": [_DETAIL],
            }
        }
    )

    modelos_carregados: list[str] = Field(
        description="Names, without repetition where several targets are asked for."
    )
    artefatos_carregados: bool = Field(description="Whether any model can answer.")
    detalhes_modelos: list[ModelStatus]
