"""Endpoints that link accounts to candidates."""

from typing import Annotated

from fastapi import Path, Request
from pydantic import BaseModel, ConfigDict, Field

from praca.identity.auth import identity_of
from praca.identity.errors import AccountNotFoundError, ForbiddenError
from praca.identity.subjects import Subject
from praca.jobs.accounts import (
    AccountLinkNotFoundError,
    AccountLinkOwnError,
    AccountLinkTakenError,
    link_account,
    unlink_account,
)
from praca.jobs.auth import StaffMember
from praca.jobs.errors import CandidateNotFoundError
from praca.platform.audit import AuditEntry, record
from praca.platform.web import CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_LARGEST = 2**63 - 1
Code = Annotated[
    int,
    Path(alias="codigo_profissional", ge=1, le=_LARGEST, description="Code.", examples=[31000]),
]


class AccountLink(BaseModel):
    """Which account is the candidate's."""

    model_config = ConfigDict(json_schema_extra={"example": {"username": "ana"}})

    username: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00]+$", description="User name; not a CPF."
    )


class AccountLinkRead(BaseModel):
    """A candidate and the account that is linked; none after an unlinking."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"codigo_profissional": 31000, "username": "ana"}}
    )

    codigo_profissional: int
    username: str | None


router = RoomRouter(
    prefix="/candidatos", tags=["candidatos"], responses=problem_responses(ForbiddenError)
)


@router.put(
    "/{codigo_profissional}/conta",
    summary="Link an account to a candidate",
    description="From then on the account may ask why its candidate has a score, and for a review "
    "by a person. The staff vouches that account and candidate are the same person; nobody vouches "
    "for himself.",
    responses=problem_responses(
        AccountNotFoundError, CandidateNotFoundError, AccountLinkTakenError, AccountLinkOwnError
    ),
)
async def link_candidate_account(
    codigo: Code, body: AccountLink, request: Request, session: CityWrite, subject: StaffMember
) -> AccountLinkRead:
    account = await _account(request, body.username)
    if not await link_account(session, account_id=account.id, codigo=codigo, linked_by=subject.id):
        raise CandidateNotFoundError(str(codigo))
    entry = AuditEntry("jobs.account_linked", "candidate", f"{codigo}/{account.id}", subject.id)
    await record(session, entry)
    return AccountLinkRead(codigo_profissional=codigo, username=account.username)


async def _account(request: Request, username: str) -> Subject:
    """Find an account in a session of its own, closed before the city's takes a connection.

    Both may come from one pool: who held one while he waits for another could wait for ever.
    """
    async with resources_of(request).databases.identity.read() as session:
        return await identity_of(request).require_by_username(session, username)


@router.delete(
    "/{codigo_profissional}/conta",
    summary="Unlink a candidate's account",
    description="The account sees nothing more of the candidate; its reviews stay open.",
    responses=problem_responses(AccountLinkNotFoundError, AccountLinkOwnError),
)
async def unlink_candidate_account(
    codigo: Code, session: CityWrite, subject: StaffMember
) -> AccountLinkRead:
    await unlink_account(session, codigo, subject.id)
    await record(session, AuditEntry("jobs.account_unlinked", "candidate", str(codigo), subject.id))
    return AccountLinkRead(codigo_profissional=codigo, username=None)
