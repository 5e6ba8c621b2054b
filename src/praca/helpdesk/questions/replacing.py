"""An operator's answer takes the place of the machine's."""

from typing import Final
from uuid import UUID

import orjson

from praca.helpdesk.questions.adapters.postgres import MESSAGES_CHANNEL
from praca.helpdesk.questions.details import details_of
from praca.helpdesk.questions.errors import QuestionNotFoundError
from praca.helpdesk.questions.ports import Topic
from praca.helpdesk.records import Answer, Engine
from praca.platform.audit import AuditEntry, record
from praca.platform.database import WriteSession, driver_connection
from praca.platform.telemetry import traceparent

__all__ = ["replace_answer"]

# Later than the answer before, whatever the clocks say: clients go on from where they were.
_REPLACE: Final = """
UPDATE helpdesk.questions SET status = 'respondida', answer = %(text)s, error = NULL,
    details = %(details)s::jsonb, notified_at = NULL,
    updated_at = greatest(now(), updated_at + interval '1 microsecond')
WHERE id = %(id)s RETURNING session_id
"""
_PUBLISH: Final = """
INSERT INTO helpdesk.messages (topic, question_id, session_id, traceparent)
VALUES (%s, %s, %s, %s)
"""


async def replace_answer(
    session: WriteSession, question_id: UUID, text: str, operator_id: int
) -> None:
    """Answer a question in a person's words, within the session's transaction.

    Whatever the question had, an answer, a failure or nothing yet, gives way to it, and who asked
    gets a notice. A machine that is still answering changes nothing any more.

    Args:
        session: in whose transaction.
        question_id: which question.
        text: the answer, in Portuguese.
        operator_id: whose words these are, for the audit; who asked is not told.

    Raises:
        QuestionNotFoundError: there is none, or none any more.
    """
    answer = Answer(text, is_answered=True, confidence=1.0, engine=Engine.HUMAN)
    details = orjson.dumps(details_of(answer)).decode()
    connection = await driver_connection(session)
    values = {"id": question_id, "text": text, "details": details}
    row = await (await connection.execute(_REPLACE, values)).fetchone()
    if row is None:
        raise QuestionNotFoundError
    message = [Topic.NOTIFY.value, question_id, row[0], traceparent()]
    await connection.execute(_PUBLISH, message)
    await connection.execute("SELECT pg_notify(%s, '')", [MESSAGES_CHANNEL])
    entry = AuditEntry("helpdesk.answer_replaced", "question", str(question_id), operator_id)
    await record(session, entry)
