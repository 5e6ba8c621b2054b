"""One message after the other: what it means, what it changes, and what is said."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from praca.helpdesk.chatbot import cancelling, repository, saving, texts
from praca.helpdesk.chatbot.dialogue import DONE, Dialogue
from praca.helpdesk.chatbot.errors import ConversationBusyError, TooManyChatQuestionsError
from praca.helpdesk.chatbot.intents import open_intents
from praca.helpdesk.chatbot.repository import StoredState
from praca.helpdesk.chatbot.state import Flow, Line, State, context_of, state_of
from praca.helpdesk.chatbot.turns import (
    CancelCard,
    Effect,
    KeepDocument,
    Turn,
    Wallet,
    unclear,
)
from praca.helpdesk.chatbot.wording import cleaned, command_of, masked, yes_or_no
from praca.helpdesk.desk import note_unanswered, open_ticket
from praca.helpdesk.records import Answer, Responder
from praca.identity import Subject
from praca.identity.limits import FailureKeys, Limiter
from praca.platform.database import WriteSession
from praca.platform.encryption import DataKey, SealedDataError
from praca.platform.resources import Resources
from praca.wallet import (
    CardCancelledError,
    CardNotEmptyError,
    CardNotFoundError,
    Cards,
    DataKeys,
    DocumentLimitError,
    DocumentPlace,
    DocumentService,
)

__all__ = ["Chatbot", "Reply"]

_TRIES: Final = 8
_WINDOW: Final = timedelta(minutes=1)
_MOST_LINES: Final = 40
_LONGEST_LINE: Final = 500
_CITIZEN: Final = "cidadao"
_MACHINE: Final = "assistente"
_SUBJECT: Final = "Conversa com o assistente virtual"
_BARE_OPTIONS: Final = frozenset("12345")
_AFTER_A_NUMBER: Final = frozenset(
    {
        (Flow.ASK, "question"),
        (Flow.SAVE_DOCUMENT, saving.TYPE),
        (Flow.CANCEL_CARD, cancelling.CONFIRM),
    }
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, and whether the conversation has ended."""

    text: str
    is_over: bool = False


class Chatbot:
    """The conversations of one process.

    A message is read without a lock, for the help desk may take seconds to answer a question. What
    it changes, and where the conversation is then, are one transaction, which begins by locking
    the conversation and looking whether it is still the one that was read. If it is not, the
    message is read anew: of two confirmations that come at once, one finds nothing to confirm.

    Args:
        resources: the process's.
        cards: the wallet's cards.
        documents: the wallet's documents.
    """

    def __init__(self, resources: Resources, cards: Cards, documents: DocumentService) -> None:
        self.cards = cards
        self.documents = documents
        self._city = resources.databases.city
        self._keys = DataKeys(self._city, resources.encryption)
        self._forget_after = timedelta(minutes=resources.settings.helpdesk.chatbot_forget_minutes)
        self._longest = resources.settings.helpdesk.question_max_chars
        self._most_questions = resources.settings.helpdesk.chatbot_questions_per_minute
        self._accounts = resources.databases.identity
        self._counters = FailureKeys(resources.settings.signing_key)
        self._limiter = Limiter(_WINDOW)
        self._dialogue = Dialogue(open_intents())
        # Messages of one person that reach the same process wait here, and read but once.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def start(self, subject: Subject) -> Reply:
        """Show the menu and forget what was said before."""
        async with self._city.write() as session:
            await repository.delete(session, subject.id)
        return Reply(texts.MENU)

    async def reply(self, subject: Subject, message: str, responder: Responder) -> Reply:
        """Answer a message of the caller's.

        Raises:
            ConversationBusyError: other messages of his were always quicker.
            DocumentConflictError: the account was erased.
            EncryptionUnavailableError: what was said cannot be opened or sealed now.
            TooManyChatQuestionsError: of his within a minute; the conversation is where it was.
        """
        if len(message) > self._longest:
            return Reply(texts.too_long(self._longest))
        text = cleaned(message)
        async with self._turns.setdefault(subject.id, asyncio.Lock()):
            key = await self._keys.require(subject.id)
            for _ in range(_TRIES):
                done = await self._try(key, subject, text, responder)
                if done is not None:
                    return done
        raise ConversationBusyError

    async def _try(
        self, key: DataKey, subject: Subject, message: str, responder: Responder
    ) -> Reply | None:
        """Read and answer the message; None if the conversation went on meanwhile."""
        stored = await repository.find(self._city, subject.id, forget_after=self._forget_after)
        turn, is_new = await self._hear(key, subject, stored, message)
        if not is_new:
            return Reply(turn.text)
        if turn.question is not None:
            await self._count_question(subject)
            turn = _answered(turn, await responder.answer(turn.question))
        place = None
        if isinstance(turn.effect, KeepDocument):
            place = await self.documents.prepare(subject)
        async with self._city.write() as session:
            version = 0 if stored is None else stored.version
            if not await repository.claim(session, subject.id, version):
                return None
            turn = await self._do(session, subject, turn, place, _spoken(turn, message))
            await self._store(session, subject.id, key, version, turn, message)
        return Reply(turn.text, is_over=turn.is_over)

    async def _count_question(self, subject: Subject) -> None:
        """Count a question before it is answered, which may cost a language model's time.

        Counted with the accounts, as all such limits are, for all processes together.

        Raises:
            TooManyChatQuestionsError: it is one too many.
        """
        limits = {self._counters.of_conversation(subject.id): self._most_questions}
        async with self._accounts.write() as session:
            wait_s = await self._limiter.wait_s(session, limits)
            if wait_s is None and not await self._limiter.count(session, limits):
                wait_s = int(_WINDOW.total_seconds())
        if wait_s is not None:
            raise TooManyChatQuestionsError(wait_s)

    async def _hear(
        self, key: DataKey, subject: Subject, stored: StoredState | None, message: str
    ) -> tuple[Turn, bool]:
        """Return what the message leads to, and whether it is new or came once more."""
        state, forgot = _opened(key, subject.id, stored)
        heard = hashlib.sha256(message.encode()).hexdigest()
        again = Turn(state.asked, state)
        if _is_sent_again(state, heard, message):
            return again, False
        wallet = Wallet(self.cards, self.documents, subject)
        turn = await self._dialogue.hear(state, message, wallet, forgot=forgot)
        if turn.is_unclear and heard == state.heard and not state.unclear:
            return again, False  # it was clear when it came first, and is no answer to that
        return replace(turn, state=replace(turn.state, heard=heard)), True

    async def _do(
        self,
        session: WriteSession,
        subject: Subject,
        turn: Turn,
        place: DocumentPlace | None,
        lines: Sequence[Line],
    ) -> Turn:
        """Change what was confirmed; what the wallet refuses is said kindly."""
        if turn.question is not None and turn.is_unclear:
            await note_unanswered(
                session,
                question=turn.question,
                source="chatbot",
                question_id=None,
                user_id=subject.id,
            )
        if turn.effect is None:
            return turn
        try:
            text = await self._change(session, subject, turn.effect, place, lines)
        except CardNotEmptyError as error:
            return replace(turn, text=texts.card_got_money(int(error.extra["balance"])))
        except (CardCancelledError, CardNotFoundError):
            return replace(turn, text=texts.CARD_GONE)
        except DocumentLimitError as error:
            return replace(turn, text=texts.not_enough_room(error.detail))
        return replace(turn, text=text, state=replace(turn.state, step=DONE))

    async def _change(
        self,
        session: WriteSession,
        subject: Subject,
        effect: Effect,
        place: DocumentPlace | None,
        lines: Sequence[Line],
    ) -> str:
        if isinstance(effect, CancelCard):
            await self.cards.cancel(session, effect.number, subject)
            return texts.card_cancelled(effect.number)
        if isinstance(effect, KeepDocument) and place is not None:
            kept = await self.documents.keep(session, subject, place, effect.fields)
            return texts.document_kept(kept)
        ticket = await open_ticket(
            session, user_id=subject.id, subject=_subject_of(lines), transcript=lines
        )
        return texts.ticket_opened(ticket)

    async def _store(
        self,
        session: WriteSession,
        user_id: int,
        key: DataKey,
        version: int,
        turn: Turn,
        message: str,
    ) -> None:
        if turn.is_over:
            await repository.delete(session, user_id)
            return
        state = replace(turn.state, asked=turn.text, lines=_spoken(turn, message))
        # A conversation begins anywhere, so that none is taken for one that was forgotten.
        new = (version or secrets.randbits(48)) + 1
        context = context_of(key, user_id, state)
        await repository.store(session, user_id, new, state.flow, state.step, context)


def _opened(key: DataKey, user_id: int, stored: StoredState | None) -> tuple[State, bool]:
    """Return the conversation, and whether one was forgotten in which something was under way."""
    if stored is None:
        return State(), False
    if stored.is_old:
        return State(), stored.flow is not None
    try:
        return state_of(key, user_id, stored.flow, stored.step, stored.context), False
    except (SealedDataError, ValueError, KeyError):
        return State(), stored.flow is not None


def _is_sent_again(state: State, heard: str, message: str) -> bool:
    """Tell whether the number that led to a question came twice, and so is no answer to it."""
    return (
        heard == state.heard
        and message in _BARE_OPTIONS
        and (state.flow, state.step) in _AFTER_A_NUMBER
    )


def _answered(turn: Turn, answer: Answer) -> Turn:
    """Say the answer; whoever gets none twice in a row is offered a person."""
    if answer.is_answered:
        return replace(turn, text=answer.text, state=turn.state.at_menu())
    tried = unclear(turn.state, answer.text)
    if tried.state.flow is Flow.HAND_OVER:
        tried = replace(tried, text=f"{answer.text}\n{texts.OFFER_HUMAN}")
    return replace(tried, question=turn.question)


def _spoken(turn: Turn, message: str) -> tuple[Line, ...]:
    """Return the conversation with this turn, as a person may read it: no numbers."""
    said = turn.said or masked(message)[:_LONGEST_LINE]
    told = turn.told or masked(turn.text)[:_LONGEST_LINE]
    new = [(who, text) for who, text in ((_CITIZEN, said), (_MACHINE, told)) if text]
    return (*turn.state.lines, *new)[-_MOST_LINES:]


def _subject_of(lines: Sequence[Line]) -> str:
    """Return the last sentence in which the person said what he wants."""
    said = (text for who, text in reversed(lines) if who == _CITIZEN)
    return next((text for text in said if _tells_something(text)), _SUBJECT)


def _tells_something(text: str) -> bool:
    """Tell whether a line is a sentence: no command, no consent, no number that is not shown."""
    if text == saving.NOT_TOLD or command_of(text) or yes_or_no(text) is not None:
        return False
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    return len(words) > 2  # noqa: PLR2004
