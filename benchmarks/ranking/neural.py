"""A sentence-transformer, when one is installed: ``uv sync --extra neural``."""

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from benchmarks.ranking.baselines import Scores, offer_text, person_text
from benchmarks.ranking.data import Data, Trial

__all__ = ["DEFAULT_MODEL", "Neural", "installed", "load"]

DEFAULT_MODEL = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
_CHUNK_CHARS = 1_500


def installed() -> bool:
    """Tell whether the library is here."""
    return importlib.util.find_spec("sentence_transformers") is not None


def load(name: str) -> "Neural":
    """Load a model by name or from a folder.

    Raises:
        OSError, ValueError: no such model here, and none could be fetched.
    """
    library: Any = importlib.import_module("sentence_transformers")
    return Neural(library.SentenceTransformer(name, device="cpu"))


class Neural:
    """Cosines of sentence embeddings; a text longer than the model reads is the mean of parts.

    Args:
        encoder: has ``encode(texts, normalize_embeddings=True)``, as sentence-transformers do.
    """

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._known: dict[str, Scores] = {}

    def scores(self, data: Data, trial: Trial) -> Iterator[dict[str, Scores]]:
        """Yield the cosine of everyone in the pool with every query; nothing is learned."""
        people = np.stack([self._vector(person_text(data.candidates[c])) for c in trial.pool])
        for code in trial.queries:
            yield {"neural": people @ self._vector(offer_text(data.vacancies[code]))}

    def _vector(self, text: str) -> Scores:
        if text not in self._known:
            vectors = np.asarray(self._encoder.encode(_parts(text), normalize_embeddings=True))
            mean = vectors.mean(axis=0).astype(np.float64)
            self._known[text] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return self._known[text]


def _parts(text: str) -> Sequence[str]:
    return [text[at : at + _CHUNK_CHARS] for at in range(0, len(text), _CHUNK_CHARS)] or [""]
