"""What an endpoint may ask for by type: a session, the settings."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from praca.platform.database.engine import Database, ReadSession, WriteSession

if TYPE_CHECKING:
    from praca.platform.journal import Journal
    from praca.platform.resources import Resources

__all__ = [
    "City",
    "CityRead",
    "CityWrite",
    "IdentityRead",
    "IdentityWrite",
    "journal_of",
    "resources_of",
]


def resources_of(connection: HTTPConnection) -> "Resources":
    """Return what ``create_app`` built for this application."""
    return cast("Resources", connection.app.state.resources)


def journal_of(connection: HTTPConnection) -> "Journal":
    """Return where this application's process notes requests and predictions."""
    return cast("Journal", connection.app.state.journal)


async def _city(request: Request) -> Database:
    return resources_of(request).databases.city


async def _city_read(request: Request) -> AsyncIterator[ReadSession]:
    async with resources_of(request).databases.city.read() as session:
        yield session


async def _city_write(request: Request) -> AsyncIterator[WriteSession]:
    async with resources_of(request).databases.city.write() as session:
        yield session


async def _identity_read(request: Request) -> AsyncIterator[ReadSession]:
    async with resources_of(request).databases.identity.read() as session:
        yield session


async def _identity_write(request: Request) -> AsyncIterator[WriteSession]:
    async with resources_of(request).databases.identity.write() as session:
        yield session


City = Annotated[Database, Depends(_city)]
"""The city's database itself, for what one statement reads (``fetch_one``, ``fetch_json``)."""

# The function scope ends a session before the answer is sent: a commit that fails is an error the
# client sees, and no connection is held while a slow client reads.
CityRead = Annotated[ReadSession, Depends(_city_read, scope="function")]
CityWrite = Annotated[WriteSession, Depends(_city_write, scope="function")]
IdentityRead = Annotated[ReadSession, Depends(_identity_read, scope="function")]
IdentityWrite = Annotated[WriteSession, Depends(_identity_write, scope="function")]
