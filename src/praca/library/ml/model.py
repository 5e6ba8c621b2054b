"""A fitted model of the library: what it answers, what is said of it, and what it is at rest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.artifacts import (
    ArtifactError,
    array_from_bytes,
    array_to_bytes,
    json_from_bytes,
    json_to_bytes,
)
from praca.library.ml.classifiers import Classifier, Forest, Linear
from praca.library.ml.data import BookFields
from praca.library.ml.features import Featurizer
from praca.library.ml.names import ModelKind, Target
from praca.library.ml.report import Report

__all__ = ["BookModel", "Confidence", "HeldOut", "Prediction", "margin_of"]

_MODEL: Final = "model.json"
_IDF: Final = "idf.npy"
_MARKS: Final = "held_out_marks.npy"
_CLASSES: Final = "held_out_classes.npy"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of a book.

    Attributes:
        label: name of the class.
        probability: that the class is right; None: the model's probabilities do not hold.
    """

    label: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Confidence:
    """How likely the predicted class is right: sigmoid(slope * margin + intercept).

    The margin is the gap between the two highest scores. Learned from out-of-fold predictions,
    whatever the kind of model. Source: Gupta, Ramdas, "Top-label calibration and multiclass-to-
    binary reductions", ICLR (2022), with Platt's sigmoid.
    """

    slope: float
    intercept: float

    def of(self, margin: float) -> float:
        """Return the probability."""
        return 0.5 * (1 + math.tanh(0.5 * (self.slope * margin + self.intercept)))


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What a version predicted of books that it had not seen, for its successor's gate.

    Attributes:
        marks: uint64, shape (rows,), of which book.
        classes: int64, shape (rows, 2), the true class and the predicted one.
    """

    marks: NDArray[np.uint64]
    classes: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BookModel:
    """Predicts one thing of a book; may be used from any thread.

    Attributes:
        target: what it predicts.
        kind: how.
        classes: the name of each class.
        featurizer: makes a book's features.
        classifier: gives each class a score.
        confidence: None where its probabilities were found not to hold.
        report: what is said of it.
        held_out: its out-of-fold predictions.
    """

    target: Target
    kind: ModelKind
    classes: tuple[str, ...]
    featurizer: Featurizer
    classifier: Classifier
    confidence: Confidence | None
    report: Report
    held_out: HeldOut

    def predict(self, book: BookFields) -> Prediction:
        """Return the class with the highest score."""
        scores = self.classifier.scores(self.featurizer.row(book))
        probability = None
        if self.confidence is not None:
            probability = self.confidence.of(margin_of(scores))
        return Prediction(self.classes[int(scores.argmax())], probability)

    def to_files(self) -> dict[str, bytes]:
        """Return the model as the files of an artefact: arrays and JSON."""
        told = {
            "target": self.target,
            "kind": self.kind,
            "classes": list(self.classes),
            "features": self.featurizer.to_json(),
            "confidence": None
            if self.confidence is None
            else [self.confidence.slope, self.confidence.intercept],
            "report": self.report.model_dump(mode="json"),
        }
        return {
            _MODEL: json_to_bytes(told),
            _IDF: array_to_bytes(self.featurizer.vocabulary.idf),
            _MARKS: array_to_bytes(self.held_out.marks),
            _CLASSES: array_to_bytes(self.held_out.classes),
            **self.classifier.to_files(),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], target: Target, kind: ModelKind) -> "BookModel":
        """Return the model of an artefact's files.

        Raises:
            ArtifactError: a file is missing, damaged, of another model, or does not fit the others.
        """
        missing = {_MODEL, _IDF, _MARKS, _CLASSES} - files.keys()
        if missing:
            raise ArtifactError(f"Falta no modelo de livros: {', '.join(sorted(missing))}.")
        told = json_from_bytes(files[_MODEL])
        if (told.get("target"), told.get("kind")) != (target, kind):
            raise ArtifactError("O artefato é de outro modelo de livros.")
        classes = _classes(told.get("classes"), target)
        features = told.get("features")
        if not isinstance(features, dict):
            raise ArtifactError("O modelo de livros não diz o que lê.")
        idf = array_from_bytes(files[_IDF], np.float64, (None,))
        featurizer = Featurizer.from_json(target, features, idf)
        made: type[Forest | Linear] = Forest if kind is ModelKind.RANDOM_FOREST else Linear
        return cls(
            target,
            kind,
            classes,
            featurizer,
            made.from_files(files, featurizer.width, len(classes)),
            _confidence(told.get("confidence")),
            Report.read(told.get("report")),
            _held_out(files, len(classes)),
        )


def margin_of(scores: NDArray[np.float64]) -> float:
    """Return the gap between the two highest scores."""
    second, first = np.partition(scores, -2)[-2:]
    return float(first - second)


def _classes(told: Any, target: Target) -> tuple[str, ...]:
    is_list = isinstance(told, list) and all(isinstance(name, str) for name in told)
    if not is_list or len(told) < 2 or sorted(set(told)) != told:  # noqa: PLR2004
        raise ArtifactError("As classes do modelo de livros não podem ser lidas.")
    if target is Target.RATING and told != ["0", "1"]:
        raise ArtifactError("As classes do modelo de livros não são 0 e 1.")
    return tuple(told)


def _confidence(told: Any) -> Confidence | None:
    if told is None:
        return None
    is_pair = isinstance(told, list) and len(told) == 2  # noqa: PLR2004
    if not is_pair or not all(isinstance(n, float) and math.isfinite(n) for n in told):
        raise ArtifactError("A confiança do modelo de livros não pode ser lida.")
    return Confidence(*told)


def _held_out(files: Mapping[str, bytes], classes: int) -> HeldOut:
    marks = array_from_bytes(files[_MARKS], np.uint64, (None,))
    known = array_from_bytes(files[_CLASSES], np.int64, (marks.size, 2))
    if known.size and not (known.min() >= 0 and known.max() < classes):
        raise ArtifactError("As previsões guardadas do modelo de livros não podem ser lidas.")
    return HeldOut(marks, known)
