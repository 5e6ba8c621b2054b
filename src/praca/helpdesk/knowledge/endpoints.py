"""Articles over HTTP: everybody reads those that hold, operators and admins write them."""

import asyncio
import re
from collections.abc import Iterator
from hashlib import blake2b
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, BinaryIO, Final, cast
from uuid import uuid4

from fastapi import Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter
from starlette.background import BackgroundTask

from praca.helpdesk.knowledge import repository, service
from praca.helpdesk.knowledge.auth import Editor, check_editor, is_editor
from praca.helpdesk.knowledge.city import CityKnowledge
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.errors import (
    ArticleChangedError,
    ArticleKeyTakenError,
    ArticleNotFoundError,
    ArticlesFileEmptyError,
    ArticleVersionNotFoundError,
)
from praca.helpdesk.knowledge.importing import IMPORT_ARTICLES, IMPORTS
from praca.helpdesk.knowledge.lines import write_line
from praca.helpdesk.knowledge.repository import Stored
from praca.helpdesk.knowledge.schemas import (
    ARTICLE,
    LARGEST_ID,
    VERSION,
    ArticleRead,
    ArticlesQuery,
    ArticleVersionLine,
    ArticleVersionRead,
    ArticleWrite,
    ImportStarted,
)
from praca.identity.auth import OptionalSubject
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.kit.clock import today_in_brasilia
from praca.kit.paging import Page
from praca.platform.audit import AuditEntry, record
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.web import (
    CityRead,
    CityWrite,
    problem_responses,
    query_of,
    query_parameters,
    resources_of,
)
from praca.platform.web.routing import RoomRouter
from praca.platform.web.sending import PAGE_HEADERS, Body, is_known, send, send_page

__all__ = ["router"]

router = RoomRouter(prefix="/knowledge", tags=["knowledge"])

_NDJSON: Final = "application/x-ndjson"
_LINE: Final = write_line(ArticleDraft(key="feira-livre", title="Feiras livres")).decode()
_ETAG: Final = {
    "ETag": {"description": "The version, in quotation marks.", "schema": {"type": "string"}}
}
_SAME: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The answer that `If-None-Match` names is still the right one."}
}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            # Whatever it is called: curl says that a file is a form.
            "application/octet-stream": {
                "schema": {"type": "string", "minLength": 1},
                "example": _LINE,
            },
        },
    }
}
_OPTIONAL_TOKEN: Final[dict[str, Any]] = {"security": [{}]}
_SPOOLED: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024

ArticleId = Annotated[int, Path(description="Id of the article.", examples=[7])]
VersionNumber = Annotated[int, Path(description="Number of the version.", examples=[3])]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The `ETag` that was read: if the article has another version by now, 412. "
        "Without it, the last one who writes wins.",
        examples=['"3"'],
    ),
]
Offset = Annotated[int, Query(ge=0, le=LARGEST_ID, description="Versions to leave out.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Versions per page.")]

_articles_query = query_of(ArticlesQuery)
_article_list = TypeAdapter(list[ArticleRead])
_version_list = TypeAdapter(list[ArticleVersionLine])


@router.get(
    "/articles",
    summary="List or search the articles",
    description="Those that hold today, by title; with `q` those that have all its words, the "
    "ones with more of them in the title first.",
    openapi_extra=query_parameters(ArticlesQuery) | _OPTIONAL_TOKEN,
    response_model=list[ArticleRead],
    responses={
        200: {"content": {"application/json": {"example": [ARTICLE]}}, "headers": PAGE_HEADERS},
        **_SAME,
        **problem_responses(NotAuthenticatedError, ForbiddenError),
    },
)
async def list_articles(request: Request, session: CityRead, subject: OptionalSubject) -> Response:
    query = await _articles_query(request)
    if query.all:
        check_editor(subject)
    # Read first: whatever changes between the two readings is seen under an older tag, which is
    # asked about again.
    revision = await CityKnowledge(resources_of(request).databases.city).revision()
    etag = f'"{blake2b(f"{revision} {query!r}".encode(), digest_size=12).hexdigest()}"'
    if is_known(request, etag):
        return send(request, Body(b"", etag))
    which = service.filter_of(query.q, query.category, None if query.all else today_in_brasilia())
    page = Page(query.offset, query.limit)
    found, total = await repository.list_articles(
        session, which, offset=page.offset, limit=page.limit
    )
    body = _article_list.dump_json([ArticleRead.of(one) for one in found])
    asked = {"q": query.q, "category": query.category, "all": "true" if query.all else None}
    return send_page(request, Body(body, etag, total), page, asked)


@router.post(
    "/articles",
    status_code=201,
    summary="Write an article",
    description="An article that was removed may be written anew under its key; its versions go "
    "on being counted.",
    response_model=ArticleRead,
    responses={
        201: {"headers": _ETAG},
        **problem_responses(ForbiddenError, ArticleKeyTakenError),
    },
)
async def create_article(body: ArticleWrite, session: CityWrite, subject: Editor) -> Response:
    stored = await service.create_article(session, body.draft(), subject.id)
    return _one(stored, HTTPStatus.CREATED)


@router.get(
    "/articles/{article_id}",
    summary="Show an article",
    description="One that does not hold today is shown to operators and admins alone.",
    openapi_extra=_OPTIONAL_TOKEN,
    response_model=ArticleRead,
    responses={200: {"headers": _ETAG}, **_SAME, **problem_responses(ArticleNotFoundError)},
)
async def show_article(
    request: Request, article_id: ArticleId, session: CityRead, subject: OptionalSubject
) -> Response:
    day = None if is_editor(subject) else today_in_brasilia()
    stored = await service.require_article(session, article_id, day=day)
    body = ArticleRead.of(stored).model_dump_json().encode()
    return send(request, Body(body, f'"{stored.version}"'))


@router.put(
    "/articles/{article_id}",
    summary="Change an article",
    description="The body is all of the article: what is left out becomes empty. What changes "
    "nothing makes no new version.",
    response_model=ArticleRead,
    responses={
        200: {"headers": _ETAG},
        **problem_responses(
            ForbiddenError, ArticleNotFoundError, ArticleKeyTakenError, ArticleChangedError
        ),
    },
)
async def update_article(
    article_id: ArticleId,
    body: ArticleWrite,
    session: CityWrite,
    subject: Editor,
    if_match: IfMatch = None,
) -> Response:
    stored = await service.change_article(
        session, article_id, body.draft, subject.id, expected=_expected(if_match)
    )
    return _one(stored, HTTPStatus.OK)


@router.delete(
    "/articles/{article_id}",
    status_code=204,
    summary="Remove an article",
    description="It is in no list and no answer any more; its versions stay, and can be read.",
    responses=problem_responses(ForbiddenError, ArticleNotFoundError, ArticleChangedError),
)
async def remove_article(
    article_id: ArticleId, session: CityWrite, subject: Editor, if_match: IfMatch = None
) -> None:
    await service.remove_article(session, article_id, subject.id, expected=_expected(if_match))


@router.get(
    "/articles/{article_id}/versions",
    summary="List an article's versions",
    description="What was done to it, when and by which account; the newest first. Those of an "
    "article that was removed are shown, too.",
    response_model=list[ArticleVersionLine],
    responses={
        200: {"content": {"application/json": {"example": [VERSION]}}, "headers": PAGE_HEADERS},
        **problem_responses(ForbiddenError, ArticleNotFoundError),
    },
)
async def list_article_versions(
    request: Request,
    article_id: ArticleId,
    session: CityRead,
    _subject: Editor,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Response:
    found, total = await service.list_versions(session, article_id, offset=offset, limit=limit)
    body = _version_list.dump_json([ArticleVersionLine.of(one) for one in found])
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    return send_page(request, Body(body, etag, total), Page(offset, limit))


@router.get(
    "/articles/{article_id}/versions/{version}",
    summary="Show a version of an article",
    description="All that it held then. To go back to it, write its content again.",
    responses=problem_responses(ForbiddenError, ArticleVersionNotFoundError),
)
async def show_article_version(
    article_id: ArticleId, version: VersionNumber, session: CityRead, _subject: Editor
) -> ArticleVersionRead:
    return ArticleVersionRead.of(await service.require_version(session, article_id, version))


@router.post(
    "/import",
    status_code=202,
    summary="Import articles from a file",
    description="The body is the file: one JSON object per line, in our own layout or in that of "
    "a municipal catalogue of services (`titulo`, `descricao`, `etapas`, …). Articles are stored "
    "by their keys, in the background and all at once; those that are in the knowledge base "
    "already as they are in the file make no new version, and none is removed. The task's result "
    "counts them, and says of each refused line what is wrong with it.",
    openapi_extra=_BODY,
    responses=problem_responses(ForbiddenError, TaskAlreadyRunningError, ArticlesFileEmptyError),
)
async def import_articles(request: Request, session: CityWrite, subject: Editor) -> ImportStarted:
    objects, tasks = resources_of(request).objects, resources_of(request).tasks
    task_id = uuid4()
    key = f"{IMPORTS}/{task_id}.jsonl"
    with SpooledTemporaryFile(max_size=_SPOOLED) as held:
        await _receive(request, held)
        await asyncio.to_thread(objects.upload, key, cast("BinaryIO", held))
    try:
        await tasks.enqueue(
            session, IMPORT_ARTICLES.name, {"key": key}, owner_id=subject.id, run_id=task_id
        )
    except TaskAlreadyRunningError:
        await asyncio.to_thread(objects.delete, key)
        raise
    started = AuditEntry("helpdesk.articles_import_started", "task", str(task_id), subject.id)
    await record(session, started)
    return ImportStarted(message="Importação de artigos iniciada.", task_id=task_id)


@router.get(
    "/export",
    summary="Export all articles to a file",
    description="One JSON object per line, each in the layout that its article came in, with all "
    "members that it came with: what is imported is exported again as it was. Articles that were "
    "removed are left out.",
    response_class=StreamingResponse,
    responses={
        200: {"content": {_NDJSON: {"schema": {"type": "string"}, "example": _LINE}}},
        **problem_responses(ForbiddenError),
    },
)
async def export_articles(session: CityRead, _subject: Editor) -> StreamingResponse:
    held = SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115  # closed once it is sent
    # Written first and sent then: no transaction waits for a slow client.
    async for stored in repository.read_all(session):
        held.write(write_line(stored.draft))
    return StreamingResponse(
        _chunks(held),
        media_type=_NDJSON,
        headers={"Content-Disposition": 'attachment; filename="artigos.jsonl"'},
        background=BackgroundTask(held.close),
    )


def _one(stored: Stored, status: HTTPStatus) -> Response:
    return Response(
        ArticleRead.of(stored).model_dump_json(),
        status_code=status,
        media_type="application/json",
        headers={"ETag": f'"{stored.version}"'},
    )


def _expected(if_match: str | None) -> int | None:
    """Return the version that the header names: 0, which no article has, if it names none."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'"([0-9]{1,10})"', if_match.strip())
    return int(found[1]) if found else 0


async def _receive(request: Request, held: IO[bytes]) -> None:
    """Write the body to ``held``, piece by piece.

    Raises:
        ArticlesFileEmptyError: it is blank.
    """
    is_blank = True
    async for chunk in request.stream():
        is_blank = is_blank and not chunk.strip()
        held.write(chunk)
    if is_blank:
        raise ArticlesFileEmptyError
    held.seek(0)


def _chunks(held: IO[bytes]) -> Iterator[bytes]:
    held.seek(0)
    while chunk := held.read(_CHUNK):
        yield chunk
