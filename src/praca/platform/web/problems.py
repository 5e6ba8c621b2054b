"""Errors on the wire: ``application/problem+json`` (RFC 9457) from one table."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "PROBLEM_SCHEMA",
    "STATUS_OF_KIND",
    "install_error_handlers",
    "problem_response",
    "problem_responses",
]

_log = structlog.get_logger("praca.http")

STATUS_OF_KIND: Mapping[ErrorKind, HTTPStatus] = {
    ErrorKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorKind.CONFLICT: HTTPStatus.CONFLICT,
    ErrorKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorKind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorKind.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorKind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorKind.LIMIT: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong, in Portuguese."},
        "code": {"type": "string", "description": "Stable name of the error."},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        },
    },
}

_PORTUGUESE = {
    "missing": "Campo obrigatório.",
    "string_type": "Deve ser um texto.",
    "string_too_short": "Texto curto demais (mínimo de {min_length}).",
    "string_too_long": "Texto longo demais (máximo de {max_length}).",
    "string_pattern_mismatch": "Formato inválido.",
    "int_type": "Deve ser um número inteiro.",
    "int_parsing": "Deve ser um número inteiro.",
    "int_parsing_size": "Número grande demais.",
    "int_from_float": "Deve ser um número inteiro.",
    "float_type": "Deve ser um número.",
    "float_parsing": "Deve ser um número.",
    "bool_parsing": "Deve ser verdadeiro ou falso.",
    "bool_type": "Deve ser verdadeiro ou falso.",
    "greater_than_equal": "Deve ser maior ou igual a {ge}.",
    "less_than_equal": "Deve ser menor ou igual a {le}.",
    "greater_than": "Deve ser maior que {gt}.",
    "less_than": "Deve ser menor que {lt}.",
    "enum": "Deve ser um destes valores: {expected}.",
    "literal_error": "Deve ser um destes valores: {expected}.",
    "uuid_parsing": "Deve ser um UUID.",
    "uuid_type": "Deve ser um UUID.",
    "json_invalid": "O corpo não é JSON válido.",
    "dict_type": "Deve ser um objeto.",
    "model_type": "Deve ser um objeto.",
    "model_attributes_type": "Deve ser um objeto.",
    "list_type": "Deve ser uma lista.",
    "extra_forbidden": "Campo desconhecido.",
    "value_error": "{error}",
}
_PORTUGUESE_STATUS = {
    400: "A requisição não pôde ser lida.",
    401: "Não autenticado.",
    403: "Você não tem permissão para isto.",
    404: "Recurso não encontrado.",
    405: "Método não permitido para este endereço.",
    413: "O corpo da requisição é grande demais.",
    415: "Tipo de conteúdo não aceito.",
}


def problem_response(
    request: Request,
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[Mapping[str, Any]] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document; ``detail`` is what clients of the old systems read."""
    document: dict[str, Any] = {
        "type": f"urn:praca:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.url.path,
        **(extra or {}),
    }
    if errors:
        document["errors"] = list(errors)
    return Response(
        orjson.dumps(document),
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def problem_responses(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses`` of an operation that may raise ``errors``."""
    table: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        status = int(STATUS_OF_KIND[error.kind])
        entry = table.setdefault(
            status,
            {
                "description": error.title,
                "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA, "examples": {}}},
            },
        )
        entry["content"]["application/problem+json"]["examples"][error.code] = {
            "summary": error.title,
            "value": {
                "type": f"urn:praca:error:{error.code}",
                "title": error.title,
                "status": status,
                "detail": "Descrição do problema em português.",
                "code": error.code,
            },
        }
    return table


def install_error_handlers(app: FastAPI) -> None:
    """Translate every error of the house, of FastAPI and of PostgreSQL into a problem document."""
    app.add_exception_handler(DomainError, _domain)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(psycopg.OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeoutError, _unavailable)
    app.add_exception_handler(Exception, _unexpected)


def _domain(request: Request, error: DomainError) -> Response:
    return problem_response(
        request,
        status=STATUS_OF_KIND[error.kind],
        code=error.code,
        title=error.title,
        detail=error.detail,
        errors=[
            {"loc": list(item.loc), "msg": item.msg, "type": item.type} for item in error.errors
        ],
        extra=error.extra,
        headers=error.headers,
    )


def _validation(request: Request, error: RequestValidationError) -> Response:
    fields = [
        {"loc": list(item["loc"]), "msg": _portuguese(item), "type": item["type"]}
        for item in error.errors()
    ]
    where = ".".join(str(part) for part in fields[0]["loc"][1:]) if fields else ""
    return problem_response(
        request,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code="validation_error",
        title="Invalid request",
        detail=f"Dados inválidos: {where or 'corpo da requisição'}.",
        errors=fields,
    )


def _portuguese(item: Mapping[str, Any]) -> str:
    template = _PORTUGUESE.get(item["type"], "Valor inválido.")
    context = item.get("ctx") or {}
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "Valor inválido."


def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    return problem_response(
        request,
        status=status,
        code=f"http_{status.value}",
        title=status.phrase,
        detail=_PORTUGUESE_STATUS.get(status.value, status.phrase),
        headers=error.headers,
    )


def _unavailable(request: Request, error: Exception) -> Response:
    _log.error("http.database_unavailable", error=type(error).__name__)
    return problem_response(
        request,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        code="database_unavailable",
        title="Database unavailable",
        detail="O serviço está temporariamente indisponível. Tente de novo em instantes.",
        headers={"Retry-After": "2"},
    )


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("http.unexpected_error", path=request.url.path, exc_info=error)
    return problem_response(
        request,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal_error",
        title="Internal error",
        detail="Ocorreu um erro interno. Tente de novo; se persistir, avise a equipe.",
    )
