"""What the HTTP edge shares: problem documents, middleware, sessions by type."""

from praca.platform.web.dependencies import (
    City,
    CityRead,
    CityWrite,
    IdentityRead,
    IdentityWrite,
    resources_of,
)
from praca.platform.web.middleware import RequestMiddleware
from praca.platform.web.problems import PROBLEM_SCHEMA, install_error_handlers, problem_responses

__all__ = [
    "PROBLEM_SCHEMA",
    "City",
    "CityRead",
    "CityWrite",
    "IdentityRead",
    "IdentityWrite",
    "RequestMiddleware",
    "install_error_handlers",
    "problem_responses",
    "resources_of",
]
