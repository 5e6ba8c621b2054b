"""What a sentence asks for: a small classifier of our own training messages.

Words, pairs of words and pieces of words, each weighted by how rare it is (TF-IDF), go into a
multinomial logistic regression with a ridge penalty, in numpy alone. What it learnt is shipped in
``intents.npz``: arrays, nothing that is run when it is read. After a change of ``intents.txt``

    uv run python benchmarks/chatbot_intents.py --learn

writes it anew, always the same from the same messages; a test tells if that was forgotten.

Probabilities are calibrated by one temperature, fitted to messages that the regression was not
trained on (Guo et al., "On calibration of modern neural networks", ICML 2017). Below the threshold,
and for what looks like nothing it learnt, a sentence is a question to the help desk.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.helpdesk.chatbot.wording import plain

__all__ = [
    "LEARNT",
    "THRESHOLD",
    "Intent",
    "IntentModel",
    "digest_of",
    "open_intents",
    "read_messages",
    "training_messages",
]

Matrix = NDArray[np.float64]
Message = tuple[str, str]

THRESHOLD: Final = 0.7
"""Least probability that counts; see ``benchmarks/chatbot_intents.py`` for what it costs."""

LEARNT: Final = Path(__file__).with_name("intents.npz")
"""What the shipped classifier has learnt."""

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
_POLITE: Final = re.compile(
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


def training_messages() -> list[Message]:
    """Return the shipped messages, each with its intent, or ``other``."""
    return read_messages(_MESSAGES)


def read_messages(path: Path) -> list[Message]:
    """Return the messages of a file, each with what the line in brackets above it says."""
    found, intent = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            intent = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, intent))
    return found


@lru_cache(maxsize=1)
def open_intents() -> "IntentModel":
    """Return the shipped classifier, of which a process needs one."""
    with np.load(LEARNT, allow_pickle=False) as learnt:
        return IntentModel._of({name: learnt[name] for name in learnt.files})  # noqa: SLF001


class IntentModel:
    """Tells which intent a sentence has. Safe to share between threads.

    Attributes:
        threshold: least probability that counts.
        digest_: of the messages that it learnt.
        temperature_: what logits are divided by.
        weights_: shape (terms, classes).
        bias_: shape (classes,).
    """

    digest_: str
    temperature_: float
    weights_: Matrix
    bias_: Matrix

    def __init__(self, *, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold

    def intent_of(self, message: str) -> Intent | None:
        """Return the intent, or None if none is likely enough."""
        name, probability = self.guess(message)
        if name == _OTHER or probability < self.threshold:
            return None
        return Intent(name)

    def guess(self, message: str) -> tuple[str, float]:
        """Return the likeliest class, ``other`` among them, and its probability."""
        if len(plain(message).split()) > _MOST_WORDS:
            return _OTHER, 1.0
        row = self._terms.row(message)
        if not row.any():
            return _OTHER, 1.0
        probabilities = _softmax((row @ self.weights_ + self.bias_) / self.temperature_)
        best = int(probabilities.argmax())
        return self._names[best], float(probabilities[best])

    def fit(self, messages: Sequence[Message]) -> Self:
        """Learn from messages, each with the name of its class."""
        texts = [text for text, _ in messages]
        self._names = sorted({name for _, name in messages})
        truth = _one_hot([self._names.index(name) for _, name in messages], len(self._names))
        self._terms = _Terms.of(texts)
        rows = np.stack([self._terms.row(text) for text in texts])
        alpha, self.bias_ = _regression(rows @ rows.T, truth)
        self.weights_ = rows.T @ alpha
        self.temperature_ = _temperature(rows, truth)
        self.digest_ = digest_of(messages)
        return self

    def save(self, path: Path) -> None:
        """Write what was learnt, as arrays."""
        np.savez_compressed(
            path,
            digest=np.array(self.digest_),
            names=np.array(self._names),
            terms=np.array(list(self._terms.places)),
            rarity=self._terms.rarity.astype(np.float32),
            weights=self.weights_.astype(np.float32),
            bias=self.bias_.astype(np.float32),
            temperature=np.array(self.temperature_),
        )

    @classmethod
    def _of(cls, learnt: dict[str, NDArray[Any]]) -> Self:
        model = cls()
        model.digest_ = str(learnt["digest"])
        model.temperature_ = float(learnt["temperature"])
        model.weights_ = learnt["weights"].astype(np.float64)
        model.bias_ = learnt["bias"].astype(np.float64)
        model._names = learnt["names"].tolist()
        model._terms = _Terms(learnt["terms"].tolist(), learnt["rarity"].astype(np.float64))
        return model


def digest_of(messages: Sequence[Message]) -> str:
    """Return a hash of messages and their classes."""
    return hashlib.sha256(repr(list(messages)).encode()).hexdigest()


class _Terms:
    """Which terms there are, and how rare each is; a row has the length one."""

    def __init__(self, terms: Sequence[str], rarity: Matrix) -> None:
        self.places = {term: place for place, term in enumerate(terms)}
        self.rarity = rarity

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        counts = Counter(term for text in texts for term in set(_terms(text)))
        kept = sorted(term for term, count in counts.items() if count > 1)
        found = np.array([counts[term] for term in kept])
        return cls(kept, np.log((1 + len(texts)) / (1 + found)))

    def row(self, text: str) -> Matrix:
        row = np.zeros(len(self.places))
        for term, count in Counter(_terms(text)).items():
            place = self.places.get(term)
            if place is not None:
                row[place] = (1 + np.log(count)) * self.rarity[place]
        length = np.linalg.norm(row)
        return np.asarray(row / length if length else row, dtype=np.float64)


def _terms(text: str) -> Iterator[str]:
    words = [_SPELLED.get(word, word) for word in plain(text[:_MOST_CHARS]).split()]
    words = _POLITE.sub(" ", " ".join(words)).split() or words
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
