"""WebSockets at the API gateway: a client connects, says whose answers it waits for, and leaves.

The session's id is a secret. It comes in the first message, ``{"token": "<session id>"}``, and not
in the address, which gateways and browsers note.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from praca.entrypoints.aws.runtime import Functions, functions
from praca.helpdesk.questions.errors import QuestionTokenInvalidError, QuestionTokenMissingError
from praca.kit.clock import utc_now
from praca.kit.errors import DomainError
from praca.platform.problems import problem_document

__all__ = ["handler"]

_log = structlog.get_logger("praca.questions")


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Take notice of a connection, a message, or the end of a connection."""
    del context
    shared = functions()
    about = event["requestContext"]
    connection_id = str(about["connectionId"])
    match about["routeKey"]:
        case "$connect":
            pass  # it listens for nothing yet
        case "$disconnect":
            shared.run(shared.desk.connections.remove(connection_id))
        case _:
            shared.run(_listen(shared, connection_id, event.get("body") or ""))
    return {"statusCode": 200}


async def _listen(shared: Functions, connection_id: str, body: str) -> None:
    """Let a connection listen for the session that its message names; say what is wrong with it."""
    try:
        session_id = _session_id(body)
        async with shared.desk.open() as (store, _, _):
            session = await store.find_session(session_id)
        if session is None or session.user_id is not None:
            raise QuestionTokenInvalidError
        await shared.desk.connections.add(session_id, connection_id, utc_now())
        answer: dict[str, Any] = {"listening": True}
    except DomainError as error:
        _log.info("question.listener_refused", code=error.code)
        answer = problem_document(error, instance="/")
    await shared.desk.connections.send(connection_id, json.dumps(answer).encode())


def _session_id(body: str) -> UUID:
    try:
        token = json.loads(body)["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise QuestionTokenMissingError from error
    try:
        return UUID(token)
    except (ValueError, AttributeError, TypeError) as error:
        raise QuestionTokenInvalidError from error
