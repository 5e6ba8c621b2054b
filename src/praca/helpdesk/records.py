"""What the parts of the help desk hand each other."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

__all__ = [
    "Answer",
    "Article",
    "Citation",
    "Engine",
    "Knowledge",
    "KnowledgeSource",
    "Passage",
    "Piece",
    "Responder",
    "Suggestion",
]


@dataclass(frozen=True, slots=True)
class Article:
    """An article about one service, as answers are made of it.

    Attributes:
        id: of the knowledge base; the position in the file where there is none.
        key: its name in files, stable over versions.
        version: counts its changes from 1.
        summary: a sentence or two.
        brief: the service in a few words, as it is sent in a message.
        steps: how to get the service.
        more: whatever else there is to know.
        cost: what it costs, in words.
        deadline: how long it takes, in words.
        agency: who is in charge.
        category: from the widest to the narrowest.
        links: addresses.
        keywords: what citizens call it.
        valid_from: first day on which it holds.
        valid_until: last day on which it holds.
    """

    id: int
    key: str
    version: int
    title: str
    summary: str = ""
    brief: str = ""
    body: str = ""
    steps: str = ""
    more: str = ""
    cost: str = ""
    deadline: str = ""
    agency: str = ""
    category: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All articles that hold, and the revision that they are.

    Attributes:
        revision: another text after each change.
    """

    revision: str
    articles: tuple[Article, ...]


class KnowledgeSource(Protocol):
    """Where articles come from."""

    async def revision(self) -> str:
        """Return the revision, cheaply; it also changes when an article begins or ends to hold."""

    async def load(self) -> Knowledge:
        """Return the articles that hold today."""


class Engine(StrEnum):
    """What worded an answer."""

    EXTRACTIVE = "extrativo"
    LLM = "llm"
    HUMAN = "pessoa"


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences of one article that an answer may be made of.

    Attributes:
        field: name of the article's field, for example ``steps``.
        score: how well it fits the question, higher is better.
    """

    article: Article
    field: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer has something from; ``passage`` is quoted word by word."""

    article_id: int
    article_key: str
    title: str
    passage: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service that is near to what was asked."""

    article_id: int
    article_key: str
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the help desk says to a question.

    Attributes:
        text: in Portuguese, as it is shown.
        is_answered: false where it says that it does not know.
        confidence: how sure it is that the first article is the right one, 0 to 1.
        citations: what ``text`` is made of; empty if it does not know.
        suggestions: the nearest services.
        revision: of the knowledge that it is made of.
    """

    text: str
    is_answered: bool
    confidence: float
    engine: Engine
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of an answer that is being worded: a sentence, and at the end the whole answer."""

    text: str
    answer: Answer | None = field(default=None)


class Responder(Protocol):
    """Answers questions. Never raises because of a model: it quotes instead."""

    async def answer(self, question: str) -> Answer:
        """Return the answer to ``question``."""

    async def answer_many(self, questions: Sequence[str]) -> list[Answer]:
        """Return the answer to each of ``questions``, in their order."""

    def stream(self, question: str) -> AsyncIterator[Piece]:
        """Yield sentences once they are checked, and last the whole answer."""
