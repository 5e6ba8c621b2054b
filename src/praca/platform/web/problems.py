"""Errors on the wire where there is a database: those of ``platform.problems``, and its own."""

import psycopg
import structlog
from fastapi import FastAPI, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import HTTPConnection

from praca.platform import problems
from praca.platform.errors import DatabaseUnavailableError
from praca.platform.problems import (
    EDGE_CODES,
    PROBLEM_SCHEMA,
    STATUS_OF_KIND,
    domain_problem,
    invalid_request,
    problem_document,
    problem_responses,
    status_problem,
    unexpected_problem,
)

__all__ = [
    "EDGE_CODES",
    "PROBLEM_SCHEMA",
    "STATUS_OF_KIND",
    "domain_problem",
    "install_error_handlers",
    "invalid_request",
    "problem_document",
    "problem_responses",
    "status_problem",
    "unexpected_problem",
]

_log = structlog.get_logger("praca.http")


def install_error_handlers(app: FastAPI) -> None:
    """Translate every error of the house, of FastAPI and of PostgreSQL into a problem document."""
    problems.install_error_handlers(app)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(psycopg.OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeoutError, _unavailable)


def _unavailable(request: HTTPConnection, error: Exception) -> Response:
    _log.error("http.database_unavailable", error=type(error).__name__)
    return domain_problem(request, DatabaseUnavailableError())
