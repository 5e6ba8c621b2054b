"""Whose session is whose, on the city's database."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from praca.helpdesk.questions.ports import QuestionSession
from praca.kit.clock import utc_now
from praca.platform.audit import AuditEntry, noting
from praca.platform.database import Database

__all__ = ["AskingSessions"]

_SESSION: Final = "SELECT id, name, user_id, created_at FROM helpdesk.sessions WHERE id = %(id)s"
_FIND: Final = "SELECT id FROM helpdesk.sessions WHERE user_id = %(user)s"
_OPEN: Final = """
INSERT INTO helpdesk.sessions (id, name, user_id, created_at)
VALUES (%(id)s, %(name)s, %(user)s, %(at)s)
ON CONFLICT (user_id) WHERE user_id IS NOT NULL DO NOTHING RETURNING id
"""
_COPY: Final = """
INSERT INTO helpdesk.sessions (id, name, created_at) VALUES (%(id)s, %(name)s, %(at)s)
ON CONFLICT DO NOTHING RETURNING id
"""


class AskingSessions:
    """Sessions of accounts, and copies of anonymous ones, which the accounts' database opens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, session_id: UUID) -> QuestionSession | None:
        """Return the session, if anything was asked in it."""
        row = await self._database.fetch_one(_SESSION, {"id": session_id})
        return None if row is None else QuestionSession(*row)

    async def of_account(self, user_id: int, name: str) -> UUID:
        """Return the account's session; its first question opens it."""
        found = await self._database.fetch_one(_FIND, {"user": user_id})
        if found is None:
            session_id = uuid4()
            entry = AuditEntry(
                "helpdesk.question_session_opened", "question_session", None, user_id
            )
            statement, audited = noting(_OPEN, entry)
            values = {"id": session_id, "name": name, "user": user_id, "at": utc_now()}
            await self._database.fetch_one(statement, {**values, **audited})
            # Of two at once one has opened it; both find it now.
            found = await self._database.fetch_one(_FIND, {"user": user_id})
        if found is None:
            raise LookupError("the session was removed as soon as it was opened")
        return UUID(str(found[0]))

    async def copy(self, session_id: UUID, name: str, opened_at: datetime) -> None:
        """Keep an anonymous session here, too: the two databases share no transaction."""
        values = {"id": session_id, "name": name, "at": opened_at}
        await self._database.fetch_one(_COPY, values)
