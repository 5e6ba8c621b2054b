"""Emptying tables and deleting accounts, as system 4 knows them; for admins alone."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from praca.identity.auth import AdminSubject
from praca.identity.errors import (
    BalanceLeftError,
    ForbiddenError,
    LastAdminError,
    OwnAccountError,
    UserNotFoundError,
)
from praca.identity.personal_data import PersonalData
from praca.identity.personal_data.clearing import AccountClearing
from praca.identity.personal_data.endpoints import Forfeit
from praca.library.clearing import clear_books
from praca.platform.errors import ConfirmationRequiredError, TaskAlreadyRunningError
from praca.platform.tasks.clearing import clear_finished_tasks
from praca.platform.web import CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(
    prefix="/admin",
    tags=["admin"],
    responses=problem_responses(ConfirmationRequiredError, ForbiddenError),
)

_BIGGEST_ID = 2**63 - 1
_TASK_ID = "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"

Confirmed = Annotated[
    int | None,
    Query(
        alias="confirmar",
        ge=0,
        le=_BIGGEST_ID,
        description="How many rows are to go, exactly (for one account: its id). Without it "
        "nothing is changed, and the 409 says what to send.",
    ),
]


class Cleared(BaseModel):
    """What went."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Tabela de livros limpa: 1000 livro(s) deletado(s); os ids recomeçam"
                " em 1.",
                "total": 1000,
            }
        }
    )

    message: str
    total: int = Field(description="How many rows went.")


class ClearingStarted(BaseModel):
    """What is going."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Limpeza da tabela de usuários iniciada: 42 usuário(s). Acompanhe em"
                f" /api/v1/tasks/{_TASK_ID}.",
                "total": 42,
                "id_tarefa": _TASK_ID,
            }
        }
    )

    message: str
    total: int = Field(description="How many accounts go.")
    id_tarefa: UUID = Field(description="The task that erases them, for `GET /tasks/{task_id}`.")


class Deleted(BaseModel):
    """Who went."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"message": "Usuário 'maria' foi deletado com sucesso."}}
    )

    message: str


async def _clearing(request: Request) -> AccountClearing:
    personal_data = cast("PersonalData", request.app.state.personal_data)
    return AccountClearing(personal_data, resources_of(request).databases.identity)


Clearing = Annotated[AccountClearing, Depends(_clearing)]


@router.delete(
    "/limpa-tabela-livros",
    summary="Delete all books",
    description="With their history and what the scraper knows of the shop, so that the next crawl "
    "fills the catalogue again; ids begin at 1. Not while a crawl is queued or running.",
    responses=problem_responses(ConfirmationRequiredError, TaskAlreadyRunningError),
)
async def clear_books_table(
    request: Request, session: CityWrite, subject: AdminSubject, confirmed: Confirmed = None
) -> Cleared:
    tasks = resources_of(request).tasks
    count = await clear_books(session, tasks, actor_id=subject.id, confirmed=confirmed)
    message = f"Tabela de livros limpa: {count} livro(s) deletado(s); os ids recomeçam em 1."
    return Cleared(message=message, total=count)


@router.delete(
    "/limpa-tabela-tarefas",
    summary="Delete the tasks that have ended",
    description="Those that are queued or running stay: they are cancelled, not deleted.",
)
async def clear_tasks_table(
    request: Request, session: CityWrite, subject: AdminSubject, confirmed: Confirmed = None
) -> Cleared:
    tasks = resources_of(request).tasks
    count = await clear_finished_tasks(session, tasks, actor_id=subject.id, confirmed=confirmed)
    message = f"Tabela de tarefas limpa: {count} tarefa(s) encerrada(s) deletada(s)."
    return Cleared(message=message, total=count)


@router.delete(
    "/limpa-tabela-usuarios",
    summary="Erase all accounts but those of admins",
    description="Begins a task that erases one account after the other, with all that is kept "
    "about their owners. Who has money on a card keeps his account, unless `renunciar_saldo` gives "
    "the money up.",
    responses=problem_responses(ConfirmationRequiredError, TaskAlreadyRunningError),
)
async def clear_accounts_table(
    request: Request,
    session: CityWrite,
    subject: AdminSubject,
    clearing: Clearing,
    confirmed: Confirmed = None,
    forfeit_balance: Forfeit = False,  # a parameter of the query
) -> ClearingStarted:
    count, task_id = await clearing.request_all(
        session,
        resources_of(request).tasks,
        actor=subject,
        confirmed=confirmed,
        forfeit_balance=forfeit_balance,
    )
    message = (
        f"Limpeza da tabela de usuários iniciada: {count} usuário(s). Acompanhe em"
        f" /api/v1/tasks/{task_id}."
    )
    return ClearingStarted(message=message, total=count, id_tarefa=task_id)


@router.delete(
    "/limpa-usuario/{usuario_id}",
    summary="Erase somebody's account",
    description="With all that is kept about its owner; never one's own. `confirmar` is the id "
    "once more.",
    responses=problem_responses(
        BalanceLeftError,
        ConfirmationRequiredError,
        LastAdminError,
        OwnAccountError,
        UserNotFoundError,
    ),
)
async def erase_users_account(
    usuario_id: Annotated[
        int, Path(ge=1, le=_BIGGEST_ID, description="Id of the account.", examples=[7])
    ],
    subject: AdminSubject,
    clearing: Clearing,
    confirmed: Confirmed = None,
    forfeit_balance: Forfeit = False,  # a parameter of the query
) -> Deleted:
    username = await clearing.erase_one(
        actor=subject,
        account_id=usuario_id,
        confirmed=confirmed,
        forfeit_balance=forfeit_balance,
    )
    return Deleted(message=f"Usuário '{username}' foi deletado com sucesso.")
