"""What is old is forgotten, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.integration.helpdesk_desk.conftest import OpenTicket, Rows

from praca.helpdesk.desk import note_unanswered, retention
from praca.helpdesk.desk.retention import forget_desk
from praca.helpdesk.desk.unanswered import repository
from praca.helpdesk.desk.unanswered.records import Closing, Outcome
from praca.kit.clock import utc_now
from praca.platform.resources import Resources

Forget = Callable[[int], Any]


@pytest.fixture
def forget(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Forget:
    monkeypatch.setattr(retention, "_BATCH", 2)

    async def after(days: int) -> dict[str, int]:
        return await forget_desk(
            resources.databases.city,
            resources.settings.helpdesk,
            now=lambda: utc_now() + timedelta(days=days),
        )

    return after


async def counts(rows: Rows) -> dict[str, int]:
    tables = ("feedback", "unanswered", "unanswered_closings", "tickets", "ticket_messages")
    return {table: (await rows(f"SELECT count(*) FROM helpdesk.{table}"))[0][0] for table in tables}


async def test_each_goes_with_its_time(
    resources: Resources, rows: Rows, forget: Forget, new_ticket: OpenTicket
) -> None:
    async with resources.databases.city.write() as session:
        for turn in range(5):
            await session.execute(
                text(
                    "INSERT INTO helpdesk.feedback (question_id, article_keys, helpful)"
                    " VALUES (:id, '{}', true)"
                ),
                {"id": uuid4()},
            )
            await note_unanswered(
                session,
                question=f"Onde fica a lua {turn % 2}?",
                source="chatbot",
                question_id=None,
                user_id=None,
            )
        ((first,),) = (await session.execute(text("SELECT min(id) FROM helpdesk.unanswered"))).all()
        closed = await repository.close(session, first, Closing(Outcome.ANSWERED, "No céu."))
        assert closed == first
    for _ in range(3):
        await new_ticket(None)
    all_of_it = await counts(rows)
    assert all_of_it == {
        "feedback": 5,
        "unanswered": 5,
        "unanswered_closings": 1,
        "tickets": 3,
        "ticket_messages": 3,
    }
    await forget(89)
    assert await counts(rows) == all_of_it
    gone = await forget(91)
    assert gone == {"feedback": 0, "unanswered": 5, "unanswered_closings": 1, "tickets": 0}
    await forget(364)
    left = await counts(rows)
    assert (left["feedback"], left["tickets"]) == (5, 3)
    gone = await forget(366)
    assert (gone["feedback"], gone["tickets"]) == (5, 3)
    assert set((await counts(rows)).values()) == {0}
