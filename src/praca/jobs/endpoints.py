"""The job centre's data over HTTP; the application mounts ``routers`` under ``/api/v1``."""

from typing import Final

from praca.jobs import candidates, prospects, vacancies

__all__ = ["routers"]

routers: Final = (candidates.router, vacancies.router, prospects.router)
