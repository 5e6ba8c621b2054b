"""What is predicted, by which kind of model, and how such a model is called."""

from enum import StrEnum
from typing import Final

__all__ = ["ALL_MODELS", "ModelKind", "Target", "model_name"]


class Target(StrEnum):
    """What is predicted of a book; the values are those of the wire's ``alvo``."""

    RATING = "rating"
    CATEGORIA = "categoria"


class ModelKind(StrEnum):
    """How it is predicted; the values are those of the wire's ``nome_modelo``."""

    RANDOM_FOREST = "random_forest"
    REGRESSAO_LOGISTICA = "regressao_logistica"
    SVM = "svm"


def model_name(target: Target, kind: ModelKind) -> str:
    """Return the name under which the versions of such a model are published."""
    return f"books_{target}_{kind}"


ALL_MODELS: Final = tuple((target, kind) for target in Target for kind in ModelKind)
"""Every model there can be, in the order of the wire."""
