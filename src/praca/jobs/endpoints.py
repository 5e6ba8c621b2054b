"""The job centre's data over HTTP; the application mounts ``routers`` under ``/api/v1``."""

from typing import Final

from praca.jobs import account_endpoints, candidates, prospects, vacancies
from praca.jobs.erasure import endpoints as erasure
from praca.jobs.reviews import endpoints as reviews

__all__ = ["routers"]

routers: Final = (
    candidates.router,
    vacancies.router,
    prospects.router,
    account_endpoints.router,
    erasure.router,
    reviews.router,
)
