"""The job centre's data over HTTP; the application mounts ``router`` under ``/api/v1``."""

from fastapi import APIRouter

from praca.jobs import candidates, prospects, vacancies

__all__ = ["router"]

router = APIRouter()
router.include_router(candidates.router)
router.include_router(vacancies.router)
router.include_router(prospects.router)
