"""All SQL of the tickets. A change is one statement that names the state and version it leaves."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, text

from praca.helpdesk.desk.models import ticket_messages
from praca.helpdesk.desk.tickets.records import Author, Ticket, TicketMessage, TicketStatus
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "add_messages",
    "add_ticket",
    "change",
    "count_messages",
    "find",
    "find_unnoticed",
    "last_open",
    "list_messages",
    "list_tickets",
    "lock_person",
    "mark_noticed",
]

_COLUMNS: Final = (
    "id, user_id, subject, status, version, opened_at, updated_at,"
    " (SELECT count(*) FROM helpdesk.ticket_messages m WHERE m.ticket_id = t.id) AS messages"
)
# Who waits for the city comes first, and of them who waits longest.
_ORDER: Final = (
    "CASE status WHEN 'aberto' THEN 0 WHEN 'respondido' THEN 1 ELSE 2 END,"
    " CASE WHEN status = 'aberto' THEN updated_at END, updated_at DESC, id"
)


def _ticket(row: Row[Any]) -> Ticket:
    values = dict(row._mapping)  # noqa: SLF001  # its public name
    return Ticket(**values | {"status": TicketStatus(values["status"])})


async def lock_person(session: WriteSession, user_id: int) -> None:
    """Let nobody else open a ticket of the person until the transaction ends."""
    key = "SELECT pg_advisory_xact_lock(hashtextextended('helpdesk.tickets', :user_id))"
    await session.execute(text(key), {"user_id": user_id})


async def last_open(session: ReadSession, user_id: int) -> tuple[int | None, int]:
    """Return the person's newest ticket that is not closed, and how many there are."""
    row = (
        await session.execute(
            text(
                "SELECT max(id), count(*) FROM helpdesk.tickets"
                " WHERE user_id = :user_id AND status <> 'fechado'"
            ),
            {"user_id": user_id},
        )
    ).one()
    return row[0], row[1]


async def add_ticket(session: WriteSession, user_id: int | None, subject: str) -> int:
    """Store a ticket; return its number."""
    added = await session.scalar(
        text(
            "INSERT INTO helpdesk.tickets (user_id, subject) VALUES (:user_id, :subject)"
            " RETURNING id"
        ),
        {"user_id": user_id, "subject": subject},
    )
    return int(added or 0)


async def add_messages(
    session: WriteSession, ticket_id: int, said: Sequence[tuple[Author, str]]
) -> list[int]:
    """Store messages in their order; return their ids."""
    if not said:
        return []
    values = [
        {"ticket_id": ticket_id, "author": author.value, "text": what} for author, what in said
    ]
    statement = insert(ticket_messages).returning(
        ticket_messages.c.id, sort_by_parameter_order=True
    )
    return list((await session.execute(statement, values)).scalars())


async def count_messages(session: ReadSession, ticket_id: int) -> int:
    """Return how many messages a ticket has."""
    found = await session.scalar(
        select(func.count()).where(ticket_messages.c.ticket_id == ticket_id)
    )
    return found or 0


async def change(
    session: WriteSession, ticket_id: int, status: TicketStatus, *, version: int | None = None
) -> bool:
    """Put a ticket that is not closed into a state; false if it is closed, gone or changed.

    Of two who change the same version, the second waits for the first's row and finds it changed.

    Args:
        session: to write with.
        ticket_id: which.
        status: the state it comes to.
        version: what it must be still; none: whatever it is.
    """
    changed = await session.scalar(
        text(
            "UPDATE helpdesk.tickets SET status = :status, version = version + 1,"
            " updated_at = now() WHERE id = :id AND status <> 'fechado'"
            " AND version = coalesce(CAST(:version AS bigint), version) RETURNING true"
        ),
        {"id": ticket_id, "status": status.value, "version": version},
    )
    return bool(changed)


async def find(
    session: ReadSession, ticket_id: int, *, user_id: int | None = None
) -> Ticket | None:
    """Return a ticket; of one person only, if ``user_id`` says so."""
    own = "" if user_id is None else " AND user_id = :user_id"
    query = text(f"SELECT {_COLUMNS} FROM helpdesk.tickets t WHERE id = :id{own}")
    row = (await session.execute(query, {"id": ticket_id, "user_id": user_id})).first()
    return None if row is None else _ticket(row)


async def list_tickets(
    session: ReadSession,
    *,
    status: TicketStatus | None = None,
    user_id: int | None = None,
    offset: int,
    limit: int,
) -> tuple[list[Ticket], int]:
    """Return one page of tickets, and how many there are in all."""
    conditions = ["true"]
    if status is not None:
        conditions.append("status = :status")
    if user_id is not None:
        conditions.append("user_id = :user_id")
    where = " AND ".join(conditions)
    params = {"status": status and status.value, "user_id": user_id}
    total = await session.scalar(
        text(f"SELECT count(*) FROM helpdesk.tickets WHERE {where}"), params
    )
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM helpdesk.tickets t WHERE {where}"
            f" ORDER BY {_ORDER} LIMIT :limit OFFSET :offset"
        ),
        params | {"limit": limit, "offset": offset},
    )
    return [_ticket(row) for row in rows], total or 0


async def list_messages(session: ReadSession, ticket_id: int) -> list[TicketMessage]:
    """Return all messages of a ticket, the oldest first."""
    query = text(
        "SELECT id, author, text, written_at FROM helpdesk.ticket_messages"
        " WHERE ticket_id = :ticket_id ORDER BY id"
    )
    rows = await session.execute(query, {"ticket_id": ticket_id})
    return [TicketMessage(row.id, Author(row.author), row.text, row.written_at) for row in rows]


async def find_unnoticed(session: ReadSession, message_id: int) -> tuple[int, int] | None:
    """Return ticket and citizen of a message that he was not told of."""
    query = text(
        "SELECT t.id, t.user_id FROM helpdesk.ticket_messages m"
        " JOIN helpdesk.tickets t ON t.id = m.ticket_id"
        " WHERE m.id = :id AND m.notified_at IS NULL AND t.user_id IS NOT NULL"
    )
    row = (await session.execute(query, {"id": message_id})).first()
    return None if row is None else (row[0], row[1])


async def mark_noticed(session: WriteSession, message_id: int) -> None:
    """Note that the citizen was told of a message."""
    statement = "UPDATE helpdesk.ticket_messages SET notified_at = now() WHERE id = :id"
    await session.execute(text(statement), {"id": message_id})
