"""A model words answers: checked sentence by sentence, shared by all who ask the same.

A sentence is released once it has passed the check of grounding.py; nothing is released that
has not. When a sentence fails, the model is not listened to any longer. What was released
before it stands, since each of those sentences is true to what it cites by itself; what follows
is quoted. Whoever asked without streaming has heard nothing yet, and is given the quoted answer
alone. A sentence that withholds something ("é gratuito" of what is free only for some) can not
be told from a whole one, with or without a stream.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from praca.helpdesk.answering.breaker import Breaker, State
from praca.helpdesk.answering.cache import Kept, wording_key
from praca.helpdesk.answering.grounding import Fault, Ground, evidence, unfounded
from praca.helpdesk.answering.llm import LanguageModel, ModelError
from praca.helpdesk.answering.pieces import Pieces, Said
from praca.helpdesk.answering.prompt import INSTRUCTIONS, given
from praca.helpdesk.metrics import note_breaker, note_told
from praca.helpdesk.records import Passage
from praca.kit.text import fold

__all__ = ["Teller", "Telling", "Told"]

_log = structlog.get_logger("praca.helpdesk")
_CHARS_A_TOKEN: Final = 6
"""No Portuguese token is longer on average; more text than this is refused."""
_AT_ONCE: Final = 8
"""So many questions are with the model at a time; others wait within their own time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a model has said.

    Attributes:
        pieces: the sentences that passed the check, with the blanks before them.
        cited: numbers of the passages that they cite.
        fault: why no more was said; none: it is the whole answer.
    """

    pieces: tuple[str, ...] = ()
    cited: tuple[int, ...] = ()
    fault: str | None = None


@dataclass(slots=True)
class Telling:
    """An answer that is being told; any number may listen."""

    pieces: list[str] = field(default_factory=list)
    told: Told | None = None
    task: "asyncio.Task[None] | None" = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, piece: str) -> None:
        """Release a sentence."""
        self.pieces.append(piece)
        self._wake()

    def end(self, told: Told) -> None:
        """Tell that no more comes."""
        self.told = told
        self._wake()

    def _wake(self) -> None:
        # Each event is set once; who comes later waits for the next one.
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def listen(self) -> AsyncIterator[str]:
        """Yield the sentences from the first, as they are released."""
        heard = 0
        while True:
            more = self._more
            while heard < len(self.pieces):
                heard += 1
                yield self.pieces[heard - 1]
            if self.told is not None:
                return
            await more.wait()

    async def whole(self) -> Told:
        """Return what was told, at the end."""
        while self.told is None:
            await self._more.wait()
        return self.told


class Teller:
    """Has a model word answers, within limits, and remembers them.

    Args:
        model: what writes.
        timeout_s: for a whole answer, waiting and second tries included.
        max_tokens: of an answer.
        breaker: that leaves a failing model alone.
        kept: what was told, by the hash of the question and the passages.

    Attributes:
        counts: how often it ended in what, since the process began.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        timeout_s: float,
        max_tokens: int,
        breaker: Breaker,
        kept: Kept[Told],
    ) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._most_chars = max_tokens * _CHARS_A_TOKEN
        self._breaker = breaker
        self._kept = kept
        self._running: dict[str, Telling] = {}
        self._turns: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self.counts: Counter[str] = Counter()

    def tell(self, question: str, passages: Sequence[Passage]) -> Telling:
        """Return the telling of the answer to ``question``: kept, running, or begun now."""
        key = wording_key(self._model.name, fold(question), passages)
        kept = self._kept.get(key)
        if kept is not None:
            self.counts["kept"] += 1
            note_told("kept")
            return Telling(list(kept.pieces), kept)
        running = self._running.get(key)
        if running is not None and running.task is not None and not running.task.done():
            return running
        telling = self._running[key] = Telling()
        telling.task = asyncio.create_task(self._run(key, telling, question, passages))
        telling.task.add_done_callback(lambda _: self._forget(key, telling))
        return telling

    def begin(self) -> None:
        """Begin to load what the model needs, so that the first question need not wait."""
        self._preparing = asyncio.create_task(self._model.prepare())
        self._preparing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def close(self) -> None:
        """End what runs; who listens is told so."""
        tasks = [one.task for one in self._running.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._model.close()

    def _forget(self, key: str, telling: Telling) -> None:
        if telling.told is None:  # cancelled
            telling.end(Told(tuple(telling.pieces), fault="stopped"))
        if self._running.get(key) is telling:
            del self._running[key]

    async def _run(
        self, key: str, telling: Telling, question: str, passages: Sequence[Passage]
    ) -> None:
        listener = _Listener(passages, self._most_chars, telling.say)
        began = time.perf_counter()
        fault, is_lasting = await self._asked(listener, given(question, passages))
        told = Told(tuple(telling.pieces), tuple(sorted(listener.cited)), fault)
        if is_lasting:
            self._kept.put(key, told)
        self.counts[fault or "told"] += 1
        note_told(str(fault or "told"), time.perf_counter() - began)
        note_breaker(is_open=self._breaker.state is not State.CLOSED)
        if fault is not None:
            _log.info("helpdesk.answer_quoted_instead", reason=fault)
        telling.end(told)

    async def _asked(self, listener: "_Listener", data: str) -> tuple[str | None, bool]:
        """Ask the model; return why it was not heard to the end, and whether to remember that.

        What it says to a question is the same the next time; that it cannot be reached is not.
        """
        turns = self._turns_of_loop()
        is_asked = False
        try:
            await self._model.prepare()
            async with asyncio.timeout(self._timeout_s), turns:
                if not self._breaker.allows():
                    return "breaker", False
                is_asked = True
                fault = await self._heard(listener, data)
        except TimeoutError:
            return self._failed("timeout" if is_asked else "busy", is_asked)
        except ModelError as error:
            return self._failed(str(error), is_asked)
        except asyncio.CancelledError:
            self._breaker.gave_up()
            raise
        except Exception as error:  # noqa: BLE001  # whatever a model makes of us: it is quoted then
            return self._failed(type(error).__name__, is_asked)
        self._breaker.succeeded()
        return fault, fault != Fault.EMPTY

    async def _heard(self, listener: "_Listener", data: str) -> str | None:
        writing = self._model.write(INSTRUCTIONS, data)
        try:
            async for text in writing:
                if (fault := listener.hear(text)) is not None:
                    return fault
        finally:
            # Not left to the garbage collector: the connection is let go now.
            closing = getattr(writing, "aclose", None)
            if closing is not None:
                await closing()
        return listener.end()

    def _failed(self, reason: str, is_asked: bool) -> tuple[str, bool]:
        if is_asked and self._breaker.failed():
            _log.warning("helpdesk.model_left_alone", reason=reason)
        return reason, False

    def _turns_of_loop(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, asyncio.Semaphore(_AT_ONCE))
        return self._turns[1]


class _Listener:
    """Checks what a model says as it says it."""

    def __init__(
        self, passages: Sequence[Passage], most_chars: int, say: Callable[[str], None]
    ) -> None:
        self._ground = Ground(passages, INSTRUCTIONS)
        self._evidence = [evidence(passage) for passage in passages]
        self._most_chars = most_chars
        self._say = say
        self._pieces = Pieces()
        self._text = ""
        self.cited: set[int] = set()

    def hear(self, text: str) -> Fault | None:
        """Take in more text; return what is wrong with it."""
        if self._pieces.length + len(text) > self._most_chars:
            return Fault.LENGTH
        for said in self._pieces.take(text):
            if (fault := self._release(said)) is not None:
                return fault
        return None

    def end(self) -> Fault | None:
        """Take it that this was all; return what is wrong with it."""
        for said in self._pieces.rest():
            if (fault := self._release(said)) is not None:
                return fault
        return None if self._text else Fault.EMPTY

    def _release(self, said: Said) -> Fault | None:
        fault = self._ground.fault(said.text, said.cited)
        if fault is not None:
            return fault
        piece = said.gap + said.text if self._text else said.text
        known = [text for one in self.cited | said.cited for text in self._evidence[one - 1]]
        if unfounded(self._text + piece, known):  # what two sentences make together
            return Fault.FACTS
        self._text += piece
        self.cited |= said.cited
        self._say(piece)
        return None
