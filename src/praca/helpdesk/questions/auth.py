"""Whose session a token is, and who may look into one."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from praca.helpdesk.questions.errors import (
    QuestionSessionNotFoundError,
    QuestionTokenFormatError,
    QuestionTokenInvalidError,
    QuestionTokenMissingError,
)
from praca.helpdesk.questions.following import Following
from praca.helpdesk.questions.room import Questions
from praca.identity.auth import identity_of
from praca.identity.errors import InvalidTokenError
from praca.platform.web import note_user

__all__ = [
    "Asker",
    "AskerDependency",
    "FollowingDependency",
    "QuestionsDependency",
    "Readable",
    "following_of",
    "questions_of",
    "readable_session",
    "session_id_of",
    "token_of_header",
    "user_of_header",
    "user_of_token",
]

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a session, and the account it belongs to, if to any."""

    session_id: UUID
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Readable:
    """A session that the caller may follow.

    Attributes:
        may_go_on: tells whether he still may: tokens end, and so do accounts. None: whoever knows
            the id may, for good.
    """

    session_id: UUID
    may_go_on: Callable[[], Awaitable[bool]] | None = None


def questions_of(connection: HTTPConnection) -> Questions:
    """Return what ``create_app`` built for this application."""
    return cast("Questions", connection.app.state.questions)


def following_of(connection: HTTPConnection) -> Following:
    """Return what ``create_app`` built for this application."""
    return cast("Following", connection.app.state.following)


def session_id_of(text: str) -> UUID | None:
    """Return the session's id, None if the text is none."""
    return UUID(text) if _UUID.fullmatch(text) else None


async def _asker(request: Request) -> Asker:
    """Return who asks, by his token.

    Raises:
        QuestionTokenMissingError: there is none.
        QuestionTokenFormatError: it is no bearer token.
        QuestionTokenInvalidError: it is nobody's.
    """
    header = request.headers.get("authorization")
    if header is None:
        raise QuestionTokenMissingError
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        raise QuestionTokenFormatError
    questions = questions_of(request)
    session_id = session_id_of(token)
    if session_id is not None:
        await _keep(request, session_id)
        return Asker(session_id, None)
    try:
        subject = await identity_of(request).subject_of(token)
    except InvalidTokenError as error:
        raise QuestionTokenInvalidError from error
    note_user(request, subject.id)
    own = await questions.sessions.of_account(subject.id, subject.username)
    return Asker(own, subject.id)


async def _keep(connection: HTTPConnection, session_id: UUID) -> None:
    """Copy an anonymous session to the city's database at its first question.

    Raises:
        QuestionTokenInvalidError: there is no such session, or it is an account's, whose token
            is another.
    """
    questions = questions_of(connection)
    known = await questions.sessions.find(session_id)
    if known is not None:
        if known.user_id is not None:
            raise QuestionTokenInvalidError
        return
    opened = await identity_of(connection).sessions.find_question_session(session_id)
    if opened is None:
        raise QuestionTokenInvalidError
    await questions.sessions.copy(session_id, *opened)


async def user_of_token(connection: HTTPConnection, token: str) -> int | None:
    """Return the account of an access token; None if it is nobody's."""
    user_id = await _user_of(connection, token)
    if user_id is not None:
        note_user(connection, user_id)
    return user_id


async def _user_of(connection: HTTPConnection, token: str) -> int | None:
    try:
        return (await identity_of(connection).subject_of(token)).id
    except InvalidTokenError:
        return None


def token_of_header(connection: HTTPConnection) -> str | None:
    """Return the token that came in the header, if it may be an account's.

    The old clients send the id of an anonymous session here, too, or anything.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or session_id_of(token) is not None:
        return None
    return token


async def user_of_header(connection: HTTPConnection) -> int | None:
    """Return the account whose token came in the header; None: no token, or it does not count."""
    token = token_of_header(connection)
    return None if token is None else await user_of_token(connection, token)


async def readable_session(
    connection: HTTPConnection, text: str, *, token: str | None = None
) -> Readable:
    """Return a session that the caller may follow.

    Args:
        connection: of the caller.
        text: the id as the path has it.
        token: the caller's, if it came otherwise than in the header.

    Raises:
        QuestionSessionNotFoundError: there is none, or it is another account's.
    """
    session_id = session_id_of(text)
    if session_id is None:
        raise QuestionSessionNotFoundError
    known = await questions_of(connection).sessions.find(session_id)
    if known is None:
        if await identity_of(connection).sessions.find_question_session(session_id) is None:
            raise QuestionSessionNotFoundError
        return Readable(session_id)
    if known.user_id is None:
        return Readable(session_id)
    token = token or token_of_header(connection)
    if token is None or await user_of_token(connection, token) != known.user_id:
        raise QuestionSessionNotFoundError
    return Readable(session_id, partial(_is_still, connection, token, known.user_id))


async def _is_still(connection: HTTPConnection, token: str, user_id: int) -> bool:
    return await _user_of(connection, token) == user_id


async def _questions(request: Request) -> Questions:
    return questions_of(request)


async def _following(request: Request) -> Following:
    return following_of(request)


AskerDependency = Annotated[Asker, Depends(_asker)]
QuestionsDependency = Annotated[Questions, Depends(_questions)]
FollowingDependency = Annotated[Following, Depends(_following)]
