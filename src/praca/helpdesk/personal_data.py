"""What the help desk keeps about an account: for its owner's copy of it, and its erasure."""

from datetime import timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import text

from praca.helpdesk.chatbot import forget_conversation
from praca.helpdesk.chatbot import repository as conversations
from praca.helpdesk.chatbot.state import state_of
from praca.platform.database import WriteSession
from praca.platform.encryption import SealedDataError
from praca.platform.resources import Resources
from praca.wallet import DataKeys

__all__ = ["HELPDESK_TABLES", "HelpdeskHolder"]

HELPDESK_TABLES: Final = (
    "helpdesk.chatbot_states",
    "helpdesk.feedback",
    "helpdesk.messages",
    "helpdesk.questions",
    "helpdesk.sessions",
    "helpdesk.ticket_messages",
    "helpdesk.tickets",
    "helpdesk.unanswered",
    "helpdesk.unanswered_closings",
)
"""Tables that lose personal data when an account is erased."""

_EVER: Final = timedelta(days=36_500)

# Each renders a list, the oldest first.
_EXPORTS: Final = {
    "perguntas": """
SELECT jsonb_agg(jsonb_build_object('pergunta', q.question, 'situacao', q.status,
    'resposta', q.answer, 'detalhes', q.details, 'perguntada_em', q.created_at,
    'atualizada_em', q.updated_at) ORDER BY q.created_at, q.id)
FROM helpdesk.questions q JOIN helpdesk.sessions s ON s.id = q.session_id
WHERE s.user_id = :account_id
""",
    "sessoes": """
SELECT jsonb_agg(jsonb_build_object('nome', name, 'aberta_em', created_at) ORDER BY created_at)
FROM helpdesk.sessions WHERE user_id = :account_id
""",
    "avaliacoes": """
SELECT jsonb_agg(jsonb_build_object('ajudou', helpful, 'comentario', comment,
    'artigos', article_keys, 'em', updated_at) ORDER BY id)
FROM helpdesk.feedback WHERE user_id = :account_id
""",
    "sem_resposta": """
SELECT jsonb_agg(jsonb_build_object('pergunta', question, 'onde', source, 'em', asked_at)
    ORDER BY id)
FROM helpdesk.unanswered WHERE user_id = :account_id
""",
    "atendimentos": """
SELECT jsonb_agg(jsonb_build_object('numero', t.id, 'assunto', t.subject, 'situacao', t.status,
    'aberto_em', t.opened_at, 'mensagens', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('autor', m.author, 'texto', m.text,
            'em', m.written_at) ORDER BY m.id), '[]')
        FROM helpdesk.ticket_messages m WHERE m.ticket_id = t.id)) ORDER BY t.id)
FROM helpdesk.tickets t WHERE t.user_id = :account_id
""",
}
_SESSIONS: Final = "SELECT id FROM helpdesk.sessions WHERE user_id = :account_id"
_QUESTIONS: Final = (
    f"SELECT q.id FROM helpdesk.questions q WHERE q.session_id = ANY(ARRAY({_SESSIONS}))"
)
# In the order in which others lock them: who asks holds the session, who answers the message and
# then the question. Whoever is writing an answer is waited for, and leaves a message about its
# notice; whoever writes one later finds that his message is gone.
_LOCK_SESSIONS: Final = f"{_SESSIONS} FOR UPDATE"
_ERASE_MESSAGES: Final = (
    "DELETE FROM helpdesk.messages WHERE session_id = ANY(:sessions) RETURNING id"
)
# What an operator's answer left meanwhile may be in a worker's hands, who waits for the question:
# he is not waited for. The next sweep finds such messages, which lead to no session.
_ERASE_LOST_MESSAGES: Final = """
DELETE FROM helpdesk.messages WHERE id IN (
    SELECT m.id FROM helpdesk.messages m
    WHERE NOT EXISTS (SELECT FROM helpdesk.sessions s WHERE s.id = m.session_id)
    FOR UPDATE SKIP LOCKED)
"""
_ERASE_QUESTIONS: Final = (
    f"DELETE FROM helpdesk.feedback WHERE user_id = :account_id OR question_id IN ({_QUESTIONS})",
    "DELETE FROM helpdesk.sessions WHERE user_id = :account_id",
    "DELETE FROM helpdesk.tickets WHERE user_id = :account_id",
)
_ERASE_UNANSWERED: Final = (
    "DELETE FROM helpdesk.unanswered WHERE user_id = :account_id"
    f" OR question_id IN ({_QUESTIONS}) RETURNING closed_in"
)
# What an operator answered to nobody else may quote the person.
_ERASE_CLOSINGS: Final = (
    "DELETE FROM helpdesk.unanswered_closings c WHERE c.id = ANY(:closings) AND NOT EXISTS"
    " (SELECT FROM helpdesk.unanswered u WHERE u.closed_in = c.id)"
)


class HelpdeskHolder:
    """What an account asked, said and was told at the help desk.

    What it asked without signing in is nobody's: the id of such a session is known to who asked
    alone, and all of it is forgotten with its time.
    """

    name = "atendimento"

    def __init__(self, resources: Resources) -> None:
        self._city = resources.databases.city
        self._keys = DataKeys(self._city, resources.encryption)

    async def export(self, account_id: int) -> JsonValue:
        """Return questions and answers, opinions, tickets, and the conversation under way."""
        found: dict[str, JsonValue] = {}
        async with self._city.read() as session:
            for name, query in _EXPORTS.items():
                found[name] = await session.scalar(text(query), {"account_id": account_id}) or []
        return {**found, "conversa": await self._conversation(account_id)}

    async def _conversation(self, account_id: int) -> JsonValue:
        stored = await conversations.find(self._city, account_id, forget_after=_EVER)
        key = None if stored is None else await self._keys.find(account_id)
        if stored is None or key is None:
            return None
        try:
            state = state_of(key, account_id, stored.flow, stored.step, stored.context)
        except (SealedDataError, ValueError, KeyError):
            return None  # nobody can read it, nor will the chatbot
        lines: list[JsonValue] = [{"autor": who, "texto": said} for who, said in state.lines]
        return {"etapa": state.step, "informado": state.data, "mensagens": lines}

    async def erase(self, account_id: int) -> None:
        """Remove all of it, in one transaction.

        The queue of questions copes: a worker that has one in hand finds nothing to write.
        """
        async with self._city.write() as session:
            owner = {"account_id": account_id}
            sessions = list(await session.scalars(text(_LOCK_SESSIONS), owner))
            while (await session.scalars(text(_ERASE_MESSAGES), {"sessions": sessions})).all():
                pass  # until no answer that was being written has left one more
            await self._erase_unanswered(session, account_id)
            for statement in _ERASE_QUESTIONS:
                await session.execute(text(statement), owner)
            await session.execute(text(_ERASE_LOST_MESSAGES))
            await forget_conversation(session, account_id)

    async def _erase_unanswered(self, session: WriteSession, account_id: int) -> None:
        gone = await session.scalars(text(_ERASE_UNANSWERED), {"account_id": account_id})
        closings = sorted({closing for closing in gone if closing is not None})
        await session.execute(text(_ERASE_CLOSINGS), {"closings": closings})
