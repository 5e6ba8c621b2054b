"""Citizens over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from praca.identity.auth import AccountListSubject, CurrentSubject, Identity
from praca.identity.errors import (
    ContactTakenError,
    CpfChangeError,
    ForbiddenError,
    PersonExistsError,
    PersonNotFoundError,
    TooManySignUpsError,
    WeakPasswordError,
)
from praca.identity.people.schemas import PEOPLE_EXAMPLE, PersonCreate, PersonRead, PersonUpdate
from praca.identity.people.service import People
from praca.platform.web import problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_BIGGEST_ID = 2**63 - 1


async def _service(request: Request, identity: Identity) -> People:
    return People(identity, resources_of(request))


Citizens = Annotated[People, Depends(_service)]
UserId = Annotated[
    int,
    Path(alias="user_id", ge=1, le=_BIGGEST_ID, description="Id of the account.", examples=[7]),
]

router = RoomRouter(prefix="/users", tags=["users"])


@router.post(
    "/register",
    status_code=201,
    summary="Register as a citizen",
    responses=problem_responses(PersonExistsError, WeakPasswordError, TooManySignUpsError),
)
async def register_person(body: PersonCreate, people: Citizens) -> PersonRead:
    """Create a citizen's account; he signs in with his CPF or e-mail, and has a transport card."""
    return PersonRead.of(await people.register(body.person(), body.password))


@router.get("", include_in_schema=False)
@router.get(
    "/",
    summary="List accounts with their personal data",
    responses={
        200: {
            "content": {"application/json": {"example": PEOPLE_EXAMPLE}},
            "headers": {
                "X-Total-Count": {
                    "description": "Number of all accounts.",
                    "schema": {"type": "integer"},
                }
            },
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_people(
    people: Citizens,
    subject: AccountListSubject,
    response: Response,
    skip: Annotated[int, Query(ge=0, le=_BIGGEST_ID, description="Accounts to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Accounts to show.")] = 10,
) -> list[PersonRead]:
    """List accounts by id; for operators and admins. The reading is noted in the audit."""
    accounts, total = await people.list_people(subject, offset=skip, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [PersonRead.of(account) for account in accounts]


@router.get("/me", summary="Show one's own personal data", responses=problem_responses())
async def show_own_person(people: Citizens, subject: CurrentSubject) -> PersonRead:
    """Show what the caller's account holds about him."""
    return PersonRead.of(await people.show(subject, subject.id))


@router.get(
    "/{user_id}",
    summary="Show an account with its personal data",
    responses=problem_responses(ForbiddenError, PersonNotFoundError),
)
async def show_person(user_id: UserId, people: Citizens, subject: CurrentSubject) -> PersonRead:
    """Show one's own account, or to operators and admins anybody's; that is noted in the audit."""
    return PersonRead.of(await people.show(subject, user_id))


@router.put(
    "/{user_id}",
    summary="Change personal data",
    responses=problem_responses(
        ForbiddenError,
        CpfChangeError,
        PersonNotFoundError,
        ContactTakenError,
        TooManySignUpsError,
    ),
)
async def update_person(
    user_id: UserId, body: PersonUpdate, people: Citizens, subject: CurrentSubject
) -> PersonRead:
    """Replace one's own data, or as admin anybody's; all fields are needed.

    A CPF that is missing may be added; another one is an admin's to enter. The old e-mail address
    is told of a new one.
    """
    return PersonRead.of(await people.update(subject, user_id, body.person()))
