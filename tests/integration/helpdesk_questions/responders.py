"""Small responders that do what the protocol says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from praca.helpdesk.records import Answer, Engine, Piece

__all__ = ["Echo"]


class Echo:
    """Answers a question by saying it again; asked for trouble, it makes some.

    Attributes:
        asked: how often each question was asked.
        order: the questions as they were asked.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.order: list[str] = []
        self.gate: asyncio.Event | None = None
        self.broken: set[str] = set()

    async def answer(self, question: str) -> Answer:
        """Return the echo."""
        self.asked[question] += 1
        self.order.append(question)
        if self.gate is not None:
            await self.gate.wait()
        if question in self.broken:
            raise RuntimeError("broken")
        return Answer(f"Eco: {question}", "?" in question, 0.9, Engine.EXTRACTIVE, revision="1")

    async def answer_many(self, questions: Sequence[str]) -> list[Answer]:
        """Return the echoes."""
        return [await self.answer(question) for question in questions]

    async def stream(self, question: str) -> AsyncIterator[Piece]:
        """Yield the echo."""
        answer = await self.answer(question)
        yield Piece(answer.text, answer)
