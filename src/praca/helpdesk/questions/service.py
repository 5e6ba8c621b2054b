"""The rules of questions: asking, answering and telling, whatever keeps and delivers them.

Messages are delivered at least once, late, and in any order across sessions. What makes each
question settled once, and told once, is that the store settles only what is not answered yet and
notes each notice; a message that comes again finds that and does the rest, if some is left.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog

from praca.helpdesk.metrics import note_asked
from praca.helpdesk.questions.errors import (
    InvalidQuestionError,
    QuestionSessionNotFoundError,
    QuestionTokenInvalidError,
    TooManyQuestionsError,
    TooManyWaitingError,
)
from praca.helpdesk.questions.ports import (
    Message,
    Notice,
    Notifier,
    Outcome,
    Publisher,
    Question,
    QuestionDesk,
    QuestionSession,
    QuestionStore,
    Status,
    Topic,
)
from praca.helpdesk.records import Responder
from praca.kit.clock import utc_now
from praca.platform.telemetry import traceparent

__all__ = ["GIVEN_UP", "UNKNOWN", "Asked", "QuestionLimits", "QuestionService", "Unit", "Work"]

_log = structlog.get_logger("praca.questions")
GIVEN_UP: Final = "Não foi possível responder a esta pergunta. Tente de novo mais tarde."
UNKNOWN: Final = "pergunta desconhecida"
_HELD: Final = "espera por outra pergunta da mesma sessão"
_NO_ANSWER: Final = "sem resposta"
_LISTED: Final = 10
_HOUR: Final = timedelta(hours=1)
_RETRY_AFTER_S: Final = 600

Unit = tuple[QuestionStore, Publisher, Notifier]
"""What a desk opens."""


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """How much one session may ask.

    Attributes:
        max_chars: of one question.
        max_waiting: questions without an answer at a time.
        max_per_hour: questions within an hour.
    """

    max_chars: int = 2000
    max_waiting: int = 20
    max_per_hour: int = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is kept; not ``is_new``: it was asked before under the same id."""

    question: Question
    is_new: bool


@dataclass(slots=True)
class Work:
    """What has become of some messages, before it is written.

    Attributes:
        outcomes: of questions that were not answered, in the order of their messages.
        questions: whose notice may be missing.
        failed: messages that are to be delivered again, or laid aside: why, by their ids.
        settled: questions whose outcome was written.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)

    def add(self, other: "Work") -> None:
        """Take over what has become of further messages."""
        self.outcomes += other.outcomes
        self.questions += other.questions
        self.failed |= other.failed
        self.settled |= other.settled


class QuestionService:
    """Questions of one deployment.

    Args:
        desk: where they are kept, and how messages and notices go.
        limits: how much a session may ask.
        responder: what answers; needed to process only.
        tries: deliveries of a message after which its question counts as failed.
        concurrency: sessions that are answered at a time.
        answer_timeout_s: how long one answer may take.
    """

    def __init__(
        self,
        desk: QuestionDesk,
        limits: QuestionLimits,
        responder: Responder | None = None,
        *,
        tries: int = 5,
        concurrency: int = 16,
        answer_timeout_s: float = 45.0,
    ) -> None:
        self._desk = desk
        self._limits = limits
        self._responder = responder
        self._tries = tries
        self._answer_timeout_s = answer_timeout_s
        self._slots = asyncio.Semaphore(concurrency)

    # --- asking -----------------------------------------------------------------------------

    async def open_session(self, name: str) -> QuestionSession:
        """Open an anonymous session, whose id is its token."""
        session = QuestionSession(uuid4(), name, None, utc_now())
        async with self._desk.open() as (store, _, _):
            await store.add_session(session)
        return session

    async def ask(self, session_id: UUID, text: str, *, question_id: UUID | None = None) -> Asked:
        """Keep a question and send it to be answered.

        Args:
            session_id: who asks; whoever knows it may.
            text: the question, kept as it is.
            question_id: of a request that may come again; by default it is a new question.

        Raises:
            QuestionTokenInvalidError: there is no such session.
            InvalidQuestionError: no text, or too much of it.
            TooManyWaitingError: for now.
            TooManyQuestionsError: within an hour.
        """
        self._check_text(text)
        now = utc_now()
        question = Question(
            question_id or uuid4(),
            session_id,
            text,
            Status.PENDING,
            now,
            now,
            traceparent=traceparent(),
        )
        async with self._desk.open() as (store, publisher, _):
            used = await store.count(session_id, now - _HOUR)
            # Afterwards: who counts holds the session, so nobody erases it from here on.
            if await store.find_session(session_id) is None:
                raise QuestionTokenInvalidError
            await self._check_limits(store, used, question_id)
            if not await store.add(question):
                known = (await store.find_many([question.id]))[question.id]
                return Asked(known, is_new=False)
            await publisher.publish(Topic.PROCESS, [question])
        note_asked()
        return Asked(question, is_new=True)

    def _check_text(self, text: str) -> None:
        if not text.strip():
            raise InvalidQuestionError("A pergunta está vazia.")
        if len(text) > self._limits.max_chars:
            raise InvalidQuestionError(f"A pergunta passa de {self._limits.max_chars} caracteres.")
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidQuestionError("A pergunta tem caracteres que não são permitidos.")

    async def _check_limits(
        self, store: QuestionStore, used: tuple[int, int], asked_before: UUID | None
    ) -> None:
        waiting, asked = used
        is_within = waiting < self._limits.max_waiting and asked < self._limits.max_per_hour
        # A request that comes again adds no question, so no limit refuses it.
        if is_within or (asked_before and asked_before in await store.find_many([asked_before])):
            return
        if waiting >= self._limits.max_waiting:
            raise TooManyWaitingError
        raise TooManyQuestionsError(_RETRY_AFTER_S)

    async def list_questions(
        self, session_id: UUID, *, user_id: int | None = None, limit: int = _LISTED
    ) -> list[Question]:
        """Return a session's questions, the newest first; none of an unknown session.

        Raises:
            QuestionSessionNotFoundError: the session belongs to another account than ``user_id``.
        """
        async with self._desk.open() as (store, _, _):
            session = await store.find_session(session_id)
            if session is None:
                return []
            if session.user_id is not None and session.user_id != user_id:
                raise QuestionSessionNotFoundError
            return await store.list_session(session_id, limit)

    # --- answering --------------------------------------------------------------------------

    async def process(self, messages: Sequence[Message]) -> list[str]:
        """Answer the questions of messages; return the ids of those that are not done.

        A message at its last try is among these although its question is settled as failed: it
        goes where somebody looks at it, and sent again it may still be answered.
        """
        async with self._desk.open() as (store, _, _):
            found = await store.find_many(_questions_of(messages))
        work = await self.answer(messages, found)
        async with self._desk.open() as unit:
            await self.settle(unit, work)
        return list(work.failed)

    async def answer(self, messages: Sequence[Message], found: Mapping[UUID, Question]) -> Work:
        """Answer the questions of messages, and write nothing: no transaction is open meanwhile.

        Of one session the questions are answered one after the other; behind one that is to be
        tried again the others wait, too, but for those at their last try.
        """
        sessions: dict[UUID, list[Message]] = {}
        for message in messages:
            sessions.setdefault(message.session_id, []).append(message)
        if len(sessions) == 1:  # a worker's own way: one message at a time, many side by side
            return await self._answer_session(messages, found)
        work = Work()
        for done in await asyncio.gather(
            *(self._answer_session(queue, found) for queue in sessions.values())
        ):
            work.add(done)
        return work

    async def settle(self, unit: Unit, work: Work) -> None:
        """Write what has become of messages, and send the messages about the notices.

        They are sent also for what somebody else has settled meanwhile: he may have died since,
        and his message may be the very one that is done now.
        """
        store, publisher, _ = unit
        if work.outcomes:
            work.settled |= await store.settle(work.outcomes, utc_now())
        if work.questions:
            await publisher.publish(Topic.NOTIFY, work.questions)

    async def _answer_session(
        self, messages: Iterable[Message], found: Mapping[UUID, Question]
    ) -> Work:
        work = Work()
        is_held = False
        done: set[UUID] = set()
        async with self._slots:
            for message in messages:
                question = found.get(message.question_id)
                if question is not None and question.id in done:
                    continue  # the same message twice
                if question is None:
                    _log.warning("question.unknown", question_id=str(message.question_id))
                    work.failed[message.id] = UNKNOWN
                elif question.status is Status.ANSWERED:
                    if question.notified_at is None:
                        work.questions.append(replace(question, traceparent=traceparent()))
                elif is_held and message.deliveries < self._tries:
                    work.failed[message.id] = _HELD
                elif await self._answer_one(message, question, work):
                    done.add(question.id)
                else:
                    is_held = True
        return work

    async def _answer_one(self, message: Message, question: Question, work: Work) -> bool:
        """Answer one question; false if it is to be tried again."""
        outcome = await self._outcome(message, question)
        if outcome is None:
            work.add(self.fail(message, question, _NO_ANSWER))
            return message.deliveries >= self._tries
        work.outcomes.append(outcome)
        work.questions.append(replace(question, status=Status.ANSWERED, traceparent=traceparent()))
        return True

    def fail(self, message: Message, question: Question, reason: str) -> Work:
        """Return the work on a message that failed; at its last try its question has, too."""
        work = Work(failed={message.id: reason})
        if message.deliveries >= self._tries:
            work.outcomes.append(Outcome(question.id, None, GIVEN_UP))
            work.questions.append(
                replace(question, status=Status.FAILED, error=GIVEN_UP, traceparent=traceparent())
            )
        return work

    async def _outcome(self, message: Message, question: Question) -> Outcome | None:
        """Return the answer; None if there is none this time."""
        if self._responder is None:
            raise TypeError("a service without a responder answers nothing")
        if message.deliveries > self._tries:
            return None  # each time whoever answered it died: nobody tries again
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                answer = await self._responder.answer(question.question)
        except Exception as error:  # noqa: BLE001  # whatever it is: the message comes again
            # The traceback might quote the question.
            _log.error(
                "question.failed",
                question_id=str(question.id),
                deliveries=message.deliveries,
                error=type(error).__name__,
            )
            return None
        return Outcome(question.id, answer)

    # --- telling ----------------------------------------------------------------------------

    async def give_notices(self, messages: Sequence[Message]) -> list[str]:
        """Tell sessions that questions are settled; return the ids of messages that are not done.

        Each is told once, whatever comes twice. Where noting and telling share no transaction, a
        crash between them loses the notice rather than giving it twice; the list has the answer.
        """
        async with self._desk.open() as unit:
            return await self.tell(unit, messages)

    async def tell(self, unit: Unit, messages: Sequence[Message]) -> list[str]:
        """Do what :meth:`give_notices` does, within a block of the caller's."""
        store, _, notifier = unit
        now = utc_now()
        found = await store.find_many(_questions_of(messages))
        settled = {key: q for key, q in found.items() if q.status is not Status.PENDING}
        fresh = await store.mark_notified(
            [key for key in _questions_of(messages) if key in settled], now
        )
        notices = [
            Notice(key, settled[key].session_id, settled[key].status, now)
            for key in _questions_of(messages)
            if key in fresh
        ]
        if notices:
            await notifier.notify(notices)
        # What looked untold and was not noted either could not be, or somebody else was quicker:
        # the message that comes again finds out.
        is_told = {key for key, q in settled.items() if key in fresh or q.notified_at is not None}
        return [message.id for message in messages if message.question_id not in is_told]


def _questions_of(messages: Iterable[Message]) -> list[UUID]:
    """Return the questions, each once, in the order of their messages."""
    return list(dict.fromkeys(message.question_id for message in messages))
