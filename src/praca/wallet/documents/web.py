"""What the endpoints of documents and of their shares have in common."""

from typing import Annotated, Any, Final, cast
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request, Response

from praca.wallet.documents.room import DocumentRoom
from praca.wallet.documents.service import DocumentFile, DocumentService
from praca.wallet.documents.sharing import ShareService

__all__ = [
    "FILE_ANSWER",
    "THUMBNAIL_ANSWER",
    "DocumentId",
    "Documents",
    "Shares",
    "Skip",
    "file_answer",
    "list_answer",
    "private",
]

_BIGGEST_ID: Final = 2**63 - 1
_MOST_SKIPPED: Final = 2**31 - 1


def _room(request: Request) -> DocumentRoom:
    return cast("DocumentRoom", request.app.state.documents)


async def _documents(request: Request) -> DocumentService:
    return _room(request).documents


async def _shares(request: Request) -> ShareService:
    return _room(request).shares


Documents = Annotated[DocumentService, Depends(_documents)]
Shares = Annotated[ShareService, Depends(_shares)]
DocumentId = Annotated[
    int, Path(ge=1, le=_BIGGEST_ID, description="Id of the document.", examples=[12])
]
Skip = Annotated[int, Query(ge=0, le=_MOST_SKIPPED, description="How many to skip.")]


async def private(response: Response) -> None:
    """Let nobody on the way keep the answer."""
    response.headers["Cache-Control"] = "no-store"


def _binary(*media_types: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"}
    content = {kind: {"schema": schema, "example": "(bytes)"} for kind in media_types}
    return {200: {"description": "The file.", "content": content}}


FILE_ANSWER: Final = _binary("application/pdf", "image/jpeg", "image/png")
THUMBNAIL_ANSWER: Final = _binary("image/jpeg")


def list_answer(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of an answer that is a list of such."""
    return {200: {"content": {"application/json": {"example": [example]}}}}


def file_answer(file: DocumentFile, *, as_attachment: bool = True) -> Response:
    """Return the file as it is saved, not shown: no browser runs anything of it here."""
    kind = "attachment" if as_attachment else "inline"
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name, safe='')}",
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Robots-Tag": "noindex",
        },
    )
