"""What the other parts of the help desk do when they cannot answer."""

import hashlib
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from praca.helpdesk.desk.masking import masked
from praca.helpdesk.desk.models import unanswered
from praca.helpdesk.desk.unanswered.records import Source
from praca.kit.text import fold, squeeze
from praca.platform.database import WriteSession

__all__ = ["key_of", "note_unanswered"]

_LONGEST: Final = 2_000
_AROUND: Final = " .,;:!?¿¡\"'()"


def key_of(question: str) -> bytes:
    """Return what is equal for questions that differ in case, accents, blanks and marks only."""
    return hashlib.sha256(squeeze(fold(question)).strip(_AROUND).encode()).digest()


async def note_unanswered(
    session: WriteSession,
    *,
    question: str,
    source: str,
    question_id: UUID | None,
    user_id: int | None,
) -> None:
    """Put a question that was not answered into the operators' queue.

    One statement that waits for nobody but a twin of the same ``question_id``, which is noted once
    however often it is delivered. Blank questions are no questions.

    Args:
        session: in whose transaction.
        question: as it was asked; numbers of persons are hidden before it is kept.
        source: a :class:`Source`: ``pergunta``, ``chatbot`` or ``resposta``.
        question_id: of the asynchronous question, whose asker is to get what an operator answers.
        user_id: the account that asked, for its export and erasure; operators never see it.

    Raises:
        ValueError: there is no such source.
    """
    text = squeeze(masked(question, _LONGEST))
    if not text:
        return
    values = {
        "key": key_of(text),
        "question": text,
        "source": Source(source).value,
        "question_id": question_id,
        "user_id": user_id,
    }
    await session.execute(insert(unanswered).values(values).on_conflict_do_nothing())
