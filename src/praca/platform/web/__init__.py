"""What the HTTP edge shares: problem documents, middleware, sessions by type."""

from praca.platform.noting import note_user
from praca.platform.web.bodies import json_object, media_type
from praca.platform.web.dependencies import (
    City,
    CityRead,
    CityWrite,
    IdentityRead,
    IdentityWrite,
    journal_of,
    resources_of,
)
from praca.platform.web.draining import Draining
from praca.platform.web.middleware import (
    BodyLimitMiddleware,
    RequestMiddleware,
    UnexpectedErrorMiddleware,
)
from praca.platform.web.problems import (
    EDGE_CODES,
    PROBLEM_SCHEMA,
    STATUS_OF_KIND,
    install_error_handlers,
    invalid_request,
    problem_responses,
)
from praca.platform.web.query import query_of, query_parameters
from praca.platform.web.sockets import close_code, close_reason
from praca.platform.web.streams import OpenStreams

__all__ = [
    "EDGE_CODES",
    "PROBLEM_SCHEMA",
    "STATUS_OF_KIND",
    "BodyLimitMiddleware",
    "City",
    "CityRead",
    "CityWrite",
    "Draining",
    "IdentityRead",
    "IdentityWrite",
    "OpenStreams",
    "RequestMiddleware",
    "UnexpectedErrorMiddleware",
    "close_code",
    "close_reason",
    "install_error_handlers",
    "invalid_request",
    "journal_of",
    "json_object",
    "media_type",
    "note_user",
    "problem_responses",
    "query_of",
    "query_parameters",
    "resources_of",
]
