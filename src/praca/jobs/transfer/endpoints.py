"""Import and export over HTTP: each call starts a background task and names it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query, Request
from pydantic import BaseModel, ConfigDict

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff
from praca.jobs.transfer.errors import FileKeyMissingError, FileKeyOutsideError
from praca.jobs.transfer.report import ImportMode, TransferKind
from praca.jobs.transfer.tasks import export_kind, import_kind
from praca.kit.errors import FieldError
from praca.platform.audit import AuditEntry, record
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.objects import InvalidObjectKeyError, checked_key
from praca.platform.web import CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]


class TaskStarted(BaseModel):
    """The task that was started; follow it at `/api/v1/tasks/{task_id}`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Tarefa de atualização iniciada em background.",
                "task_id": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
            }
        }
    )

    message: str
    task_id: UUID


router = RoomRouter()

_EXPORTS = {
    TransferKind.CANDIDATOS: ("export-applicants", "exportação de candidatos"),
    TransferKind.VAGAS: ("export-vagas", "exportação de vagas"),
    TransferKind.PROSPECTS: ("export-prospects", "exportação de prospects"),
}
# The body is read by hand, because its error is 400 and not 422.
_KEY_BODY = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "required": ["file_key"],
                    "properties": {"file_key": {"type": "string", "minLength": 1}},
                },
                "examples": {
                    "vagas": {"summary": "Reads raw/vagas.json", "value": {"file_key": "vagas"}}
                },
            }
        }
    }
}


_FOLDERS = ("raw/", "exports/")


def _object_key(body: dict[str, Any]) -> str:
    """Return the key named by ``file_key``: a bare name means ``raw/{name}.json``.

    Raises:
        FileKeyMissingError: it is absent, empty or not a text.
        FileKeyOutsideError: it is in a folder that imports do not read.
        InvalidObjectKeyError: no store can hold such a key.
    """
    key = body.get("file_key")
    if not isinstance(key, str) or not key.strip():
        raise FileKeyMissingError
    key = key.strip()
    if "/" not in key:
        key = f"raw/{key}" if key.endswith((".json", ".gz")) else f"raw/{key}.json"
    try:
        checked_key(key)
    except InvalidObjectKeyError as error:
        error.errors = (FieldError(("body", "file_key"), error.detail),)
        raise
    if not key.startswith(_FOLDERS):
        raise FileKeyOutsideError
    return key


async def _start(
    request: Request, session: CityWrite, subject: JobsStaff, task: str, args: dict[str, Any]
) -> UUID:
    owner = None if subject is None else subject.id
    task_id = await resources_of(request).tasks.enqueue(session, task, args, owner_id=owner)
    await record(session, AuditEntry("jobs.transfer_started", "task", str(task_id), owner))
    return task_id


def _import_endpoint(kind: TransferKind) -> Callable[..., Awaitable[TaskStarted]]:
    async def start_import(
        request: Request,
        session: CityWrite,
        subject: JobsStaff,
        body: Annotated[dict[str, Any], Body()],
        mode: Annotated[
            ImportMode, Query(description="What happens to records that the file does not hold.")
        ] = ImportMode.UPSERT,
    ) -> TaskStarted:
        args = {"key": _object_key(body), "mode": mode.value}
        task_id = await _start(request, session, subject, import_kind(kind), args)
        return TaskStarted(message="Tarefa de atualização iniciada em background.", task_id=task_id)

    return start_import


def _export_endpoint(kind: TransferKind, label: str) -> Callable[..., Awaitable[TaskStarted]]:
    async def start_export(
        request: Request,
        session: CityWrite,
        subject: JobsStaff,
        overwrite: Annotated[
            bool, Query(description="Also replace the file that imports read.")
        ] = False,
    ) -> TaskStarted:
        args = {"overwrite": overwrite}
        task_id = await _start(request, session, subject, export_kind(kind), args)
        return TaskStarted(message=f"Tarefa de {label} iniciada em background.", task_id=task_id)

    return start_export


for _kind, (_path, _label) in _EXPORTS.items():
    router.add_api_route(
        f"/{_kind.value}/update-tables",
        _import_endpoint(_kind),
        methods=["POST"],
        tags=[_kind.value],
        name=f"import_{_kind.value}",
        summary=f"Import {_kind.value} from a file",
        openapi_extra=_KEY_BODY,
        description="Reads the file from the object store in the background: new codes are added, "
        "known ones updated; `mode=replace` also removes what the file does not hold. A bad "
        "record is reported and skipped; a broken file changes nothing.",
        responses=problem_responses(
            FileKeyMissingError,
            FileKeyOutsideError,
            InvalidObjectKeyError,
            TaskAlreadyRunningError,
            ForbiddenError,
        ),
    )
    router.add_api_route(
        f"/{_kind.value}/{_path}",
        _export_endpoint(_kind, _label),
        methods=["POST"],
        tags=[_kind.value],
        name=f"export_{_kind.value}",
        summary=f"Export {_kind.value} to a file",
        description="Writes the file layout that imports read under `exports/`, with a copy "
        "named by the time.",
        responses=problem_responses(TaskAlreadyRunningError, ForbiddenError),
    )
