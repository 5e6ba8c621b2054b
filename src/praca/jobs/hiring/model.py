"""A fitted hiring model: what it answers, and what it is at rest."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.jobs.hiring.data import FIELDS
from praca.jobs.hiring.texts import readable
from praca.learning.artifacts import ArtifactError, array_from_bytes, array_to_bytes
from praca.learning.estimators import estimator_from_bytes, estimator_to_bytes

__all__ = ["ALLOWED_TYPES", "MODEL_NAME", "HiringModel"]

MODEL_NAME: Final = "hiring"

_PIPELINE: Final = "pipeline.skops"
_TRAINED_ON: Final = "trained_on.npy"
ALLOWED_TYPES: Final = frozenset(
    {
        "sklearn.pipeline.Pipeline",
        "sklearn.compose._column_transformer.ColumnTransformer",
        "sklearn.feature_extraction.text.TfidfVectorizer",
        "sklearn.feature_extraction.text.TfidfTransformer",
        "sklearn.linear_model._logistic.LogisticRegression",
        "numpy.float32",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One text's share of the score: a term's column, its idf, and its coefficient."""

    analyze: Callable[[str], Sequence[str]]
    columns: Mapping[str, int]
    idf: NDArray[np.float64]
    coef: NDArray[np.float64]

    def score(self, text: str) -> float:
        """Return the text's TF-IDF vector of length one times the coefficients."""
        counts = Counter(
            column for term in self.analyze(text) if (column := self.columns.get(term)) is not None
        )
        if not counts:
            return 0.0
        at = np.fromiter(counts.keys(), np.int64, len(counts))
        weights = np.fromiter(counts.values(), np.float64, len(counts)) * self.idf[at]
        return float(weights @ self.coef[at] / np.sqrt(weights @ weights))


class HiringModel:
    """Tells how likely an application ends in a hire.

    Args:
        pipeline: a fitted pipeline of ``praca.jobs.hiring.pipeline``.
        trained_on: uint64, ascending, the marks of the applications it was fitted on, and the own
            mark of the secret that they are of.

    Raises:
        ArtifactError: the pipeline is not of that form.
    """

    def __init__(self, pipeline: Any, trained_on: NDArray[np.uint64]) -> None:
        self.pipeline = pipeline
        self.trained_on = trained_on
        try:
            self._blocks, self._intercept = _blocks(pipeline)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError("O modelo de contratação não tem a forma esperada.") from error

    def probability(self, texts: Sequence[str]) -> float:
        """Return the probability of a hire for the three texts; may be called from any thread.

        The pipeline's own ``predict_proba`` gives the same, and takes milliseconds more to get a
        single row through its layers. Nothing of a loaded pipeline is run, only its numbers read.
        """
        pairs = zip(self._blocks, texts, strict=True)
        scores = (block.score(readable(text)) for block, text in pairs)
        return float(1 / (1 + np.exp(-(self._intercept + sum(scores)))))

    def probabilities(self, texts: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the probabilities of many applications, texts of shape (rows, 3)."""
        return np.array([self.probability(row) for row in texts], dtype=np.float64)

    def was_trained_on(self, marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell of each application whether the model was fitted on it."""
        return np.isin(marks, self.trained_on)

    def to_files(self) -> dict[str, bytes]:
        """Return the model as the files of an artefact."""
        return {
            _PIPELINE: estimator_to_bytes(self.pipeline),
            _TRAINED_ON: array_to_bytes(self.trained_on),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "HiringModel":
        """Return the model of an artefact's files.

        Raises:
            ArtifactError: a file is missing, damaged, or holds what no hiring model does.
        """
        if files.keys() != {_PIPELINE, _TRAINED_ON}:
            raise ArtifactError("O modelo de contratação tem outros arquivos que os esperados.")
        trained_on = array_from_bytes(files[_TRAINED_ON], np.uint64, (None,))
        pipeline = estimator_from_bytes(files[_PIPELINE], allowed=ALLOWED_TYPES)
        return cls(pipeline, trained_on)


def _blocks(pipeline: Any) -> tuple[tuple[_Block, ...], float]:
    """Return the parts of the linear score; each must fit the others."""
    # It loads scikit-learn, which the start of the API does not wait for.
    from praca.jobs.hiring.shape import rebuilt  # noqa: PLC0415

    ours = rebuilt(pipeline)
    features, classifier = pipeline["features"], pipeline["classifier"]
    if [*classifier.classes_] != [0, 1]:
        raise ValueError("the classes are not 0 and 1")
    coef = np.asarray(classifier.coef_, dtype=np.float64).ravel()
    blocks, begin = [], 0
    parts = zip(features.transformers_, ours["features"].transformers, strict=True)
    for (_, vectorizer, _), (_, unfitted, _) in parts:
        columns = _vocabulary(vectorizer.vocabulary_)
        end = begin + len(columns)
        block = _Block(
            unfitted.build_analyzer(),
            columns,
            np.asarray(vectorizer.idf_, dtype=np.float64),
            coef[begin:end],
        )
        if not block.idf.shape == block.coef.shape == (len(columns),):
            raise ValueError("a vocabulary and its weights differ in length")
        blocks.append(block)
        begin = end
    if len(blocks) != len(FIELDS) or begin != coef.size:
        raise ValueError("the regression is not one over the three texts")
    intercept = float(np.asarray(classifier.intercept_).item())
    if not np.isfinite([*coef, intercept, *(value for b in blocks for value in b.idf)]).all():
        raise ValueError("a weight is no number")
    return tuple(blocks), intercept


def _vocabulary(terms: Any) -> dict[str, int]:
    """Return the column of each term, from 0 without a gap."""
    if type(terms) is not dict or any(type(term) is not str for term in terms):
        raise TypeError("a vocabulary is not one of texts")
    if any(type(column) not in {int, np.int64} for column in terms.values()):
        raise TypeError("a column is no whole number")
    if sorted(terms.values()) != list(range(len(terms))):
        raise ValueError("columns are missing or there are too many")
    return terms
