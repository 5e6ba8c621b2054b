"""Documents over HTTP: each person's own."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from praca.identity import Subject
from praca.identity.auth import CurrentSubject
from praca.platform.encryption import EncryptionUnavailableError
from praca.platform.web import invalid_request, problem_responses
from praca.platform.web.routing import RoomRouter
from praca.wallet.documents.errors import (
    DocumentConflictError,
    DocumentFileNotFoundError,
    DocumentFileRefusedError,
    DocumentFileTooLargeError,
    DocumentLimitError,
    DocumentNotFoundError,
)
from praca.wallet.documents.forms import read_form
from praca.wallet.documents.objects import FILE, THUMBNAIL
from praca.wallet.documents.schemas import (
    DOCUMENT,
    FILE_BODY,
    UPLOAD_BODY,
    DocumentCreate,
    DocumentRead,
    DocumentUpdate,
)
from praca.wallet.documents.service import DocumentService
from praca.wallet.documents.web import (
    FILE_ANSWER,
    THUMBNAIL_ANSWER,
    DocumentId,
    Documents,
    Skip,
    file_answer,
    list_answer,
    private,
)

__all__ = ["router"]

_FILE_ERRORS: Final = (DocumentFileTooLargeError, DocumentFileRefusedError, DocumentConflictError)
Limit = Annotated[int, Query(ge=1, le=1000, description="How many to show.")]

router = RoomRouter(prefix="/documents", tags=["documents"], dependencies=[Depends(private)])


@router.post(
    "",
    status_code=201,
    summary="Keep a document",
    description="Its number, and whatever names a person or an authority, are encrypted with a "
    "key of its owner's.",
    responses=problem_responses(
        DocumentLimitError, DocumentConflictError, EncryptionUnavailableError
    ),
)
async def create_document(
    body: DocumentCreate, service: Documents, subject: CurrentSubject
) -> DocumentRead:
    return DocumentRead.of(await service.create(subject, body.model_dump()))


@router.post(
    "/upload",
    status_code=201,
    summary="Keep a document with its file",
    description="A multipart form: the document's members as fields, and the file. What the file "
    "is, is told by its content. Of a picture only the picture is kept, turned upright: no place, "
    "time or device.",
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(DocumentLimitError, *_FILE_ERRORS, EncryptionUnavailableError),
)
async def upload_document(
    request: Request, service: Documents, subject: CurrentSubject
) -> DocumentRead:
    form = await read_form(request)
    # An empty field of a form is one that was not filled in.
    fields = _document_of({name: value for name, value in form.fields.items() if value})
    created = await service.create_with_file(subject, fields.model_dump(), form.name, form.content)
    return DocumentRead.of(created)


@router.get(
    "",
    summary="One's own documents, ten at a time",
    description="The oldest first; `X-Total-Count` counts all. Nobody sees other people's.",
    responses=list_answer(DOCUMENT) | problem_responses(EncryptionUnavailableError),
)
async def list_documents(
    response: Response,
    service: Documents,
    subject: CurrentSubject,
    skip: Skip = 0,
    limit: Limit = 10,
) -> list[DocumentRead]:
    return await _page(response, service, subject, skip, limit)


@router.get(
    "/my-documents",
    summary="One's own documents",
    description="The oldest first; `X-Total-Count` counts all.",
    responses=list_answer(DOCUMENT) | problem_responses(EncryptionUnavailableError),
)
async def list_own_documents(
    response: Response,
    service: Documents,
    subject: CurrentSubject,
    skip: Skip = 0,
    limit: Limit = 100,
) -> list[DocumentRead]:
    return await _page(response, service, subject, skip, limit)


@router.get(
    "/{document_id}",
    summary="One document",
    description="Somebody else's looks like none.",
    responses=problem_responses(DocumentNotFoundError, EncryptionUnavailableError),
)
async def read_document(
    document_id: DocumentId, service: Documents, subject: CurrentSubject
) -> DocumentRead:
    return DocumentRead.of(await service.read(subject, document_id))


@router.put(
    "/{document_id}",
    summary="Change a document",
    description="Members that are not sent stay, and so do the old wallet's four where they are "
    "`null`. Open shares show the document as it is now.",
    responses=problem_responses(DocumentNotFoundError, EncryptionUnavailableError),
)
async def update_document(
    document_id: DocumentId, body: DocumentUpdate, service: Documents, subject: CurrentSubject
) -> DocumentRead:
    return DocumentRead.of(await service.change(subject, document_id, body.changes()))


@router.delete(
    "/{document_id}",
    status_code=204,
    summary="Delete a document",
    description="With its file. Its shares open no more, and say why.",
    responses=problem_responses(DocumentNotFoundError),
)
async def delete_document(
    document_id: DocumentId, service: Documents, subject: CurrentSubject
) -> None:
    await service.delete(subject, document_id)


@router.put(
    "/{document_id}/file",
    summary="Store the file of a document",
    description="In place of the one it had, if any. A PDF is kept byte for byte, so that its "
    "signatures stay good, and refused if it holds scripts or other files.",
    openapi_extra=FILE_BODY,
    responses=problem_responses(DocumentNotFoundError, *_FILE_ERRORS, EncryptionUnavailableError),
)
async def store_document_file(
    document_id: DocumentId, request: Request, service: Documents, subject: CurrentSubject
) -> DocumentRead:
    await service.read(subject, document_id)  # before a large body is taken in
    form = await read_form(request)
    return DocumentRead.of(await service.store_file(subject, document_id, form.name, form.content))


@router.get(
    "/{document_id}/file",
    summary="The file of a document",
    description="As it was stored, to be saved.",
    response_class=Response,
    responses=FILE_ANSWER
    | problem_responses(
        DocumentNotFoundError, DocumentFileNotFoundError, EncryptionUnavailableError
    ),
)
async def read_document_file(
    document_id: DocumentId, service: Documents, subject: CurrentSubject
) -> Response:
    return file_answer(await service.read_file(subject, document_id, FILE))


@router.get(
    "/{document_id}/thumbnail",
    summary="A small picture of a document's file",
    description="At most 320 pixels a side; of a PDF, its first page.",
    response_class=Response,
    responses=THUMBNAIL_ANSWER
    | problem_responses(
        DocumentNotFoundError, DocumentFileNotFoundError, EncryptionUnavailableError
    ),
)
async def read_document_thumbnail(
    document_id: DocumentId, service: Documents, subject: CurrentSubject
) -> Response:
    file = await service.read_file(subject, document_id, THUMBNAIL)
    return file_answer(file, as_attachment=False)


async def _page(
    response: Response, service: DocumentService, subject: Subject, skip: int, limit: int
) -> list[DocumentRead]:
    found, total = await service.list_own(subject, skip=skip, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [DocumentRead.of(document) for document in found]


def _document_of(fields: dict[str, str]) -> DocumentCreate:
    try:
        return DocumentCreate.model_validate(fields)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise invalid_request(RequestValidationError(found)) from None
