"""Shares over HTTP: their owners make and revoke them, whoever has a link opens it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from praca.identity.auth import CurrentSubject
from praca.platform.encryption import EncryptionUnavailableError
from praca.platform.web import problem_responses, resources_of
from praca.platform.web.routing import RoomRouter
from praca.wallet.documents.errors import (
    DocumentFileNotFoundError,
    DocumentNotFoundError,
    ShareGoneError,
    ShareGuessingError,
    ShareLimitError,
    ShareNotFoundError,
)
from praca.wallet.documents.share_schemas import (
    SHARE,
    SHARE_ID,
    TOKEN,
    ShareCreate,
    ShareCreated,
    SharedDocument,
    ShareRead,
)
from praca.wallet.documents.web import (
    FILE_ANSWER,
    DocumentId,
    Shares,
    Skip,
    file_answer,
    list_answer,
    private,
)

__all__ = ["router"]

ShareId = Annotated[UUID, Path(description="Id of the share.", examples=[SHARE_ID])]
Limit = Annotated[int, Query(ge=1, le=100, description="How many to show.")]
# In the query string and nowhere else: what we log, and what an error repeats, is the path.
Token = Annotated[
    str,
    Query(
        min_length=20,
        max_length=100,
        pattern="^[A-Za-z0-9_-]+$",
        description="The link's token.",
        examples=[TOKEN],
    ),
]

router = RoomRouter(tags=["documents"], dependencies=[Depends(private)])


@router.post(
    "/documents/{document_id}/shares",
    status_code=201,
    summary="Share chosen fields of a document",
    description="Makes a link, and the same as a QR code, for whoever is given it: no account is "
    "needed to open it. It is shown this once.",
    responses=problem_responses(DocumentNotFoundError, DocumentFileNotFoundError, ShareLimitError),
)
async def share_document(
    document_id: DocumentId,
    body: ShareCreate,
    request: Request,
    shares: Shares,
    subject: CurrentSubject,
) -> ShareCreated:
    link = await shares.create(subject, document_id, body.asked())
    return ShareCreated.of(link, resources_of(request).settings.http.address)


@router.get(
    "/documents/{document_id}/shares",
    summary="The shares of a document and who opened them",
    description="The newest first, with every view: when, from which network, by which program.",
    responses=list_answer(SHARE) | problem_responses(DocumentNotFoundError),
)
async def list_shares(
    document_id: DocumentId,
    shares: Shares,
    subject: CurrentSubject,
    skip: Skip = 0,
    limit: Limit = 100,
) -> list[ShareRead]:
    found = await shares.list_shares(subject, document_id, skip=skip, limit=limit)
    return [ShareRead.of(share) for share in found]


@router.delete(
    "/documents/{document_id}/shares/{share_id}",
    status_code=204,
    summary="Revoke a share",
    description="Its link shows nothing from then on. Revoking it again changes nothing.",
    responses=problem_responses(ShareNotFoundError),
)
async def revoke_share(
    document_id: DocumentId, share_id: ShareId, shares: Shares, subject: CurrentSubject
) -> None:
    await shares.revoke(subject, document_id, share_id)


@router.get(
    "/shared-documents",
    summary="Open a shared document",
    description="For anybody with the link. Shows the fields that the owner chose, as they are "
    "now. A link for a single use is used up by this; its file's address then opens for ten "
    "minutes. One that expired, or was revoked or used, gives 410 with the reason in `motivo`.",
    responses=problem_responses(
        ShareNotFoundError, ShareGoneError, ShareGuessingError, EncryptionUnavailableError
    ),
)
async def open_share(
    request: Request, response: Response, shares: Shares, token: Token
) -> SharedDocument:
    response.headers["X-Robots-Tag"] = "noindex"
    agent = request.headers.get("user-agent", "")
    return SharedDocument.of(await shares.open(token, agent))


@router.get(
    "/shared-documents/file",
    summary="The file of a shared document",
    description="If the owner chose to share it. Use the address that the shared document names.",
    response_class=Response,
    responses=FILE_ANSWER
    | problem_responses(
        ShareNotFoundError,
        DocumentFileNotFoundError,
        ShareGoneError,
        ShareGuessingError,
        EncryptionUnavailableError,
    ),
)
async def open_shared_file(request: Request, shares: Shares, token: Token) -> Response:
    agent = request.headers.get("user-agent", "")
    return file_answer(await shares.open_file(token, agent))
