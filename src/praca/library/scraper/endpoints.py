"""Gathering the catalogue over HTTP: start it, follow it, see what it could not read."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request

from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.library.scraper import service
from praca.library.scraper.auth import Scraping
from praca.library.scraper.errors import ScrapeRunningError
from praca.library.scraper.schemas import (
    QUARANTINED,
    TASK_ID,
    LastCrawl,
    PageCounts,
    QuarantinedPage,
    ScrapeOverview,
    ScrapeStarted,
    ScrapeStatus,
)
from praca.platform.errors import TaskNotFoundError
from praca.platform.web import CityRead, CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(
    prefix="/raspagem",
    tags=["raspagem"],
    responses=problem_responses(NotAuthenticatedError, ForbiddenError),
)
TaskId = Annotated[UUID, Path(alias="id_tarefa", description="Id of the task.", examples=[TASK_ID])]


@router.post(
    "/trigger",
    status_code=202,
    summary="Gather the catalogue",
    description="Starts a crawl of the shop that `PRACA_BOOKSHOP_URL` names, as a background task. "
    "Of books that are known already only what has changed is stored.",
    responses=problem_responses(ScrapeRunningError),
)
async def trigger_scrape(request: Request, session: CityWrite, subject: Scraping) -> ScrapeStarted:
    task_id = await service.start(session, resources_of(request), subject.id)
    return ScrapeStarted(id_tarefa=task_id)


@router.get(
    "/status/{id_tarefa}",
    summary="Follow a crawl",
    description="Where the task of a crawl stands: `PENDENTE`, `EXECUTANDO`, `CONCLUIDA`, `ERRO` "
    "or `CANCELADA`. To cancel it, see `POST /tasks/{task_id}/cancel`.",
    responses=problem_responses(TaskNotFoundError),
)
async def scrape_status(
    request: Request, task_id: TaskId, session: CityRead, _subject: Scraping
) -> ScrapeStatus:
    found = await service.status(session, resources_of(request), task_id)
    return ScrapeStatus.model_validate(_members(found))


@router.get(
    "",
    summary="State of the gathering",
    description="The shop, its pages by what has become of them, and the last crawl.",
)
async def scrape_overview(
    request: Request, session: CityRead, _subject: Scraping
) -> ScrapeOverview:
    found = await service.overview(session, resources_of(request))
    return ScrapeOverview(
        loja=found.shop_url,
        agendamento=found.schedule,
        livros=found.books,
        paginas=PageCounts(
            descobertas=found.pages.get("discovered", 0),
            em_andamento=found.pages.get("in_flight", 0),
            concluidas=found.pages.get("done", 0),
            falhas=found.pages.get("failed", 0),
            quarentena=found.pages.get("quarantined", 0),
        ),
        ultima=LastCrawl.model_validate(_members(found.last)) if found.last else None,
    )


@router.get(
    "/quarentena",
    summary="Pages that could not be read",
    description="Pages whose layout is not the known one, newest first, a thousand at most. "
    "What the catalogue had of them stays as it was.",
    responses={200: {"content": {"application/json": {"example": [QUARANTINED]}}}},
)
async def quarantined_pages(session: CityRead, _subject: Scraping) -> list[QuarantinedPage]:
    return [
        QuarantinedPage(url=page.url, campo=page.field, motivo=page.reason, em=page.at)
        for page in await service.list_quarantined(session)
    ]


def _members(found: service.Status) -> dict[str, Any]:
    progress = found.progress
    return {
        "id_tarefa": found.task_id,
        "estado": found.state,
        "resultado": found.result,
        "progresso": {
            "concluidas": progress.done,
            "total": progress.total,
            "mensagem": progress.message,
        },
        "iniciada_em": found.started_at,
        "terminada_em": found.finished_at,
    }
