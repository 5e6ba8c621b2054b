"""Who may start and follow the gathering of the catalogue."""

from typing import Annotated, Final

from fastapi import Depends, Request

from praca.identity import Role, Subject
from praca.identity.auth import CurrentSubject
from praca.identity.errors import ForbiddenError
from praca.platform.settings import ScrapeAccess
from praca.platform.web import resources_of

__all__ = ["Scraping"]

_STAFF: Final = frozenset({Role.BIBLIOTECARIO, Role.OPERADOR, Role.ADMIN})


async def _scraping(request: Request, subject: CurrentSubject) -> Subject:
    access = resources_of(request).settings.library.scrape_access
    if access is not ScrapeAccess.SIGNED_IN and subject.role not in _STAFF:
        raise ForbiddenError
    return subject


Scraping = Annotated[Subject, Depends(_scraping)]
"""A librarian, operator or admin; any account where ``PRACA_SCRAPE_ACCESS=signed_in``."""
