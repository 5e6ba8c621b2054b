"""What a sentence asks for: a small classifier of our own training messages.

Words, pairs of words and pieces of words, each weighted by how rare it is (TF-IDF), go into a
multinomial logistic regression with a ridge penalty. It learns within a tenth of a second from
``intents.txt``, in numpy alone, always the same from the same file: nothing is stored that could
disagree with the messages, and no process has to load a library for learning.

Probabilities are calibrated by one temperature, fitted to messages that the regression was not
trained on (Guo et al., "On calibration of modern neural networks", ICML 2017). Below the threshold,
and for what looks like nothing it learnt, a sentence is a question to the help desk.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.helpdesk.chatbot.wording import plain

__all__ = ["THRESHOLD", "Intent", "IntentModel", "open_intents", "training_messages"]

Matrix = NDArray[np.float64]

THRESHOLD: Final = 0.7
"""Least probability that counts; see ``benchmarks/chatbot_intents.py`` for what it costs."""

_MESSAGES: Final = Path(__file__).with_name("intents.txt")
_MOST_CHARS: Final = 200
_MOST_WORDS: Final = 25
"""A longer message tells a story: the help desk reads it."""
_PIECES: Final = (2, 3, 4)
_PENALTY: Final = 0.0003
_BALANCE: Final = 0.5
_STEPS: Final = 200
_FOLDS: Final = 5
_OTHER: Final = "other"
_COPULA: Final = re.compile(
    r"\b(por favor|pf|pfv|pls|plmds|obrigad[oa]|bom dia|boa tarde|oi|ola)\b"
)
_SPELLED: Final = {
    "vc": "voce", "q": "que", "qro": "quero", "kero": "quero", "qero": "quero", "pra": "para",
    "pro": "para", "ta": "esta", "to": "estou", "tô": "estou", "qto": "quanto", "qnto": "quanto",
    "qt": "quanto", "kd": "cade", "docs": "documentos", "doc": "documento", "n": "nao",
    "busao": "onibus", "cartaum": "cartao", "bilhete": "cartao", "grana": "dinheiro",
}  # fmt: skip


class Intent(StrEnum):
    """What can be asked for besides an answer."""

    BALANCE = "balance"
    CANCEL_CARD = "cancel_card"
    SAVE_DOCUMENT = "save_document"
    LIST_DOCUMENTS = "list_documents"
    ASK = "ask"
    HUMAN = "human"


def training_messages() -> list[tuple[str, str]]:
    """Return the shipped messages, each with its intent, or ``other``."""
    found, intent = [], ""
    for line in _MESSAGES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            intent = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, intent))
    return found


@lru_cache(maxsize=1)
def open_intents() -> "IntentModel":
    """Return the classifier of the shipped messages, of which a process needs one."""
    return IntentModel(training_messages())


class IntentModel:
    """Tells which intent a sentence has; it learns from ``messages`` at its first use.

    Safe to share between threads.

    Attributes:
        threshold: least probability that counts.
        temperature_: what logits are divided by; learnt.
    """

    temperature_: float

    def __init__(
        self, messages: Sequence[tuple[str, str]], *, threshold: float = THRESHOLD
    ) -> None:
        self.threshold = threshold
        self._messages = messages
        self._names = sorted({name for _, name in messages})
        self._lock = threading.Lock()
        self._is_fitted = False

    def intent_of(self, message: str) -> Intent | None:
        """Return the intent, or None if none is likely enough."""
        name, probability = self.guess(message)
        if name == _OTHER or probability < self.threshold:
            return None
        return Intent(name)

    def guess(self, message: str) -> tuple[str, float]:
        """Return the likeliest class, ``other`` among them, and its probability."""
        self.make_ready()
        if len(plain(message).split()) > _MOST_WORDS:
            return _OTHER, 1.0
        row = self._terms.row(message)
        if not row.any():
            return _OTHER, 1.0
        probabilities = _softmax((row @ self._weights + self._bias) / self.temperature_)
        best = int(probabilities.argmax())
        return self._names[best], float(probabilities[best])

    @property
    def is_ready(self) -> bool:
        """Whether it has learnt; before, the first question to it takes a while."""
        return self._is_fitted

    def make_ready(self) -> None:
        """Learn, unless that has been done."""
        if not self._is_fitted:
            with self._lock:
                if not self._is_fitted:
                    self.fit()

    def fit(self) -> Self:
        """Learn from the messages."""
        texts = [text for text, _ in self._messages]
        truth = _one_hot([self._names.index(name) for _, name in self._messages], len(self._names))
        self._terms = _Terms(texts)
        rows = np.stack([self._terms.row(text) for text in texts])
        alpha, self._bias = _regression(rows @ rows.T, truth)
        self._weights: Matrix = rows.T @ alpha
        self.temperature_ = _temperature(rows, truth)
        self._is_fitted = True
        return self


class _Terms:
    """Which terms there are, and how rare each is; a row has the length one."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = Counter(term for text in texts for term in set(_terms(text)))
        kept = sorted(term for term, count in counts.items() if count > 1)
        self._places = {term: place for place, term in enumerate(kept)}
        self._rarity = np.log((1 + len(texts)) / (1 + np.array([counts[term] for term in kept])))

    def row(self, text: str) -> Matrix:
        row = np.zeros(len(self._places))
        for term, count in Counter(_terms(text)).items():
            place = self._places.get(term)
            if place is not None:
                row[place] = (1 + np.log(count)) * self._rarity[place]
        length = np.linalg.norm(row)
        return np.asarray(row / length if length else row, dtype=np.float64)


def _terms(text: str) -> Iterator[str]:
    words = [_SPELLED.get(word, word) for word in plain(text[:_MOST_CHARS]).split()]
    words = _COPULA.sub(" ", " ".join(words)).split() or words
    words = ["0" if word.isdigit() else word for word in words]
    yield from words
    yield from (f"{one} {two}" for one, two in zip(["^", *words], [*words, "$"], strict=True))
    for word in words:
        padded = f"<{word}>"
        for size in _PIECES:
            yield from (f"#{padded[at : at + size]}" for at in range(len(padded) - size + 1))


def _one_hot(labels: Sequence[int], classes: int) -> Matrix:
    return np.asarray(np.eye(classes)[labels], dtype=np.float64)


def _regression(gram: Matrix, truth: Matrix) -> tuple[Matrix, Matrix]:
    """Return the weights of the rows, and the bias, of the regression with the least loss.

    The weights of the terms are sums of rows (the representer theorem), so that only the rows'
    products with each other are needed. Steps are Nesterov's, as long as the loss's curvature
    allows, so that no step has to be searched for.
    """
    count, classes = truth.shape
    shares = truth @ truth.sum(axis=0)
    weights = (count / classes / shares) ** _BALANCE
    weights = (weights / weights.sum())[:, None]
    # The softmax's curvature is at most 1/2; the largest eigenvalue is at most the largest sum.
    largest = (np.abs(gram).sum(axis=1).max() + count) * weights.max()
    step = 1 / (0.5 * largest + _PENALTY)
    alpha, bias = np.zeros((count, classes)), np.zeros(classes)
    ahead_alpha, ahead_bias = alpha, bias
    for number in range(1, _STEPS + 1):
        error = weights * (_softmax(gram @ ahead_alpha + ahead_bias) - truth)
        new_alpha = ahead_alpha - step * (error + _PENALTY * ahead_alpha)
        new_bias = ahead_bias - step * error.sum(axis=0)
        momentum = (number - 1) / (number + 2)
        ahead_alpha = new_alpha + momentum * (new_alpha - alpha)
        ahead_bias = new_bias + momentum * (new_bias - bias)
        alpha, bias = new_alpha, new_bias
    return alpha, bias


def _temperature(rows: Matrix, truth: Matrix) -> float:
    """Return what logits of rows that were left out are divided by to be calibrated."""
    gram = rows @ rows.T
    logits = np.zeros_like(truth)
    folds = np.arange(len(rows)) % _FOLDS
    for fold in range(_FOLDS):
        out = folds == fold
        alpha, bias = _regression(gram[np.ix_(~out, ~out)], truth[~out])
        logits[out] = gram[np.ix_(out, ~out)] @ alpha + bias
    candidates = np.geomspace(0.05, 2, 60)
    losses = [-np.log(_softmax(logits / one)[truth == 1]).mean() for one in candidates]
    return float(candidates[int(np.argmin(losses))])


def _softmax(logits: Matrix) -> Matrix:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float64)
