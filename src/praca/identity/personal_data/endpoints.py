"""One's own data over HTTP: a copy, and its erasure."""

from typing import Annotated, cast

import orjson
from fastapi import Body, Depends, Path, Query, Request, Response
from fastapi.openapi.models import Example
from pydantic import BaseModel, Field

from praca.identity.auth import CurrentSubject, Identity
from praca.identity.errors import (
    AccountNotFoundError,
    BalanceLeftError,
    ForbiddenError,
    InvalidCredentialsError,
    LastAdminError,
    TooManySignInsError,
)
from praca.identity.personal_data.service import PersonalData
from praca.platform.web import problem_responses
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(tags=["users"])

_BIGGEST_ID = 2**63 - 1
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="meus-dados.json"',
}
_EXAMPLE = {
    "gerado_em": "2026-11-22T10:30:00-03:00",
    "conta": {"id": 7, "username": "maria", "cpf": "52998224725", "sessoes": [], "auditoria": []},
    "empregos": {"candidato": None, "candidaturas": [], "revisoes": []},
    "plataforma": {"tarefas": [], "auditoria": []},
}


async def _personal_data(request: Request) -> PersonalData:
    return cast("PersonalData", request.app.state.personal_data)


OwnData = Annotated[PersonalData, Depends(_personal_data)]
"""What ``create_app`` put together of all rooms."""

Forfeit = Annotated[
    bool,
    Query(
        alias="renunciar_saldo",
        description="The money that is left on the cards is given up; without it, an account with "
        "money is not erased.",
    ),
]


class ErasureProof(BaseModel):
    """The caller's password, for clients that ask for it once more."""

    password: str = Field(max_length=256, pattern=r"^[^\x00]*$")


_PROOF: dict[str, Example] = {
    "password": {"summary": "The password once more", "value": {"password": "Ipê-amarelo-27"}}
}


@router.get(
    "/users/me/export",
    summary="Get a copy of one's own data",
    description="Everything that is kept about the caller, a member for each room (LGPD, art. 18). "
    "Data about other people are never in it.",
    response_class=Response,
    responses={
        200: {
            "description": "The copy, as a file to keep.",
            "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
            "headers": {
                "Content-Disposition": {
                    "description": "Name of the file.",
                    "schema": {"type": "string"},
                }
            },
        }
    },
)
async def export_own_data(subject: CurrentSubject, own_data: OwnData) -> Response:
    """Get a copy of one's own data."""
    document = await own_data.export(subject.id)
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    return Response(content, media_type="application/json", headers=_HEADERS)


@router.delete(
    "/users/me",
    status_code=204,
    summary="Erase one's own account",
    description="The account is closed at once and cannot be had back. The password is asked for "
    "by clients that want to be sure who is there; if it comes, it must be right.",
    responses=problem_responses(
        BalanceLeftError, InvalidCredentialsError, LastAdminError, TooManySignInsError
    ),
)
async def erase_own_account(
    subject: CurrentSubject,
    identity: Identity,
    own_data: OwnData,
    forfeit_balance: Forfeit = False,  # a parameter of the query
    proof: Annotated[ErasureProof | None, Body(openapi_examples=_PROOF)] = None,
) -> None:
    """Erase one's own account, with all that is kept about the caller."""
    if proof is not None:
        await identity.sessions.prove(subject.username, proof.password)
    await own_data.erase(actor=subject, account_id=subject.id, forfeit_balance=forfeit_balance)


@router.delete(
    "/users/{user_id}",
    status_code=204,
    summary="Erase an account",
    description="One's own, or as admin anybody's, with all that is kept about its owner.",
    responses=problem_responses(
        AccountNotFoundError, BalanceLeftError, ForbiddenError, LastAdminError
    ),
)
async def erase_account(
    user_id: Annotated[
        int, Path(ge=1, le=_BIGGEST_ID, description="Id of the account.", examples=[7])
    ],
    subject: CurrentSubject,
    own_data: OwnData,
    forfeit_balance: Forfeit = False,  # a parameter of the query
) -> None:
    """Erase an account."""
    await own_data.erase(actor=subject, account_id=user_id, forfeit_balance=forfeit_balance)
