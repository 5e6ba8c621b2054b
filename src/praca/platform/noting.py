"""What the journal and the log say of a request: where it went, and who asked."""

import re
from typing import Final

from starlette.requests import HTTPConnection
from starlette.routing import Mount
from starlette.types import Scope

from praca.platform.logging import without_cpf

__all__ = ["NO_ROUTE", "logged_path", "note_user", "noted_user", "route_template"]

NO_ROUTE: Final = "(sem rota)"
"""Stands for every path that leads nowhere: it may say anything, a CPF included."""

_USER: Final = "praca.user_id"
_SESSION: Final = "{session_id}"
"""Who knows the id of such a session reads what it asked: it is no less secret than a token."""
_ID_LIKE: Final = re.compile(r"[0-9A-Fa-f-]{32,}")


def note_user(connection: HTTPConnection, account_id: int) -> None:
    """Note whose token came with the request, for the layers around it."""
    connection.scope[_USER] = account_id


def noted_user(scope: Scope) -> int | None:
    """Return the account that asked, once its token was looked at."""
    account_id: int | None = scope.get(_USER)
    return account_id


def logged_path(scope: Scope) -> str:
    """Return the path a request was for, as the log may keep it: without what is secret in it.

    Where the path holds the id of a session, the template stands for it. Nobody knows what a path
    that leads nowhere holds; whatever looks like an id is a star there.
    """
    template = route_template(scope)
    if _SESSION in template:
        return template
    path = without_cpf(scope["path"])
    return _ID_LIKE.sub("*", path) if template == NO_ROUTE else path


def route_template(scope: Scope) -> str:
    """Return the template of the path a request was for, its prefix included.

    Known when the request has been routed. What was answered before, because of its origin or
    its size, has none, like a path that leads nowhere.
    """
    # Where a router is included twice, as most of ours are, only FastAPI's context knows by which
    # prefix the request came; routes of the application itself have none.
    context = scope.get("fastapi", {}).get("effective_route_context")
    for holder in (getattr(context, "starlette_route", None), context, scope.get("route")):
        template = getattr(holder, "path_format", None)
        if template:
            return str(template)
    return _mounted(scope) if "endpoint" in scope else NO_ROUTE


def _mounted(scope: Scope) -> str:
    """Return the template of an application within ours, which leaves no route behind."""
    for route in scope["app"].routes:
        if isinstance(route, Mount) and route.app is scope["endpoint"]:
            return route.path_format
    return NO_ROUTE
