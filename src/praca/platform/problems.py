"""Errors on the wire: ``application/problem+json`` (RFC 9457) from one table.

Nothing here knows the database, so that functions without one answer errors the same way.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import compile_path

from praca.kit.errors import DomainError, ErrorKind, FieldError
from praca.platform.errors import InvalidRequestError
from praca.platform.noting import logged_path

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
_MEDIA_TYPE = "application/problem+json"
_UNREADABLE = FieldError(("body",), "O corpo da requisição não pôde ser lido.", "body_unreadable")

STATUS_OF_KIND: Mapping[ErrorKind, HTTPStatus] = {
    ErrorKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorKind.CONFLICT: HTTPStatus.CONFLICT,
    ErrorKind.GONE: HTTPStatus.GONE,
    ErrorKind.PRECONDITION: HTTPStatus.PRECONDITION_FAILED,
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
    "title": "Problem",
    "description": "An error (RFC 9457). Some carry further members, such as `task_id`.",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "description": "`urn:praca:error:` and the code."},
        "title": {"type": "string", "description": "Short English summary of the code."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What went wrong, in Portuguese."},
        "code": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*$",
            "description": "Stable name of the error.",
        },
        "instance": {"type": "string", "description": "Path of the request."},
        "errors": {
            "type": "array",
            "description": "Refused fields: where, why in Portuguese, and the rule's name.",
            "minItems": 1,
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
"""Schema of every error answer; the document of the API refers to it as ``Problem``."""

_PORTUGUESE = {
    "missing": "Campo obrigatório.",
    "string_type": "Deve ser um texto.",
    "string_too_short": "Texto curto demais (mínimo de {min_length}).",
    "string_too_long": "Texto longo demais (máximo de {max_length}).",
    "string_pattern_mismatch": "Formato inválido.",
    "string_unicode": "O texto tem caracteres que não são permitidos.",
    "int_type": "Deve ser um número inteiro.",
    "int_parsing": "Deve ser um número inteiro.",
    "int_parsing_size": "Número grande demais.",
    "int_from_float": "Deve ser um número inteiro.",
    "float_type": "Deve ser um número.",
    "float_parsing": "Deve ser um número.",
    "finite_number": "Deve ser um número finito.",
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
    "form_invalid": "O formulário não pôde ser lido.",
    "dict_type": "Deve ser um objeto.",
    "model_type": "Deve ser um objeto.",
    "model_attributes_type": "Deve ser um objeto.",
    "list_type": "Deve ser uma lista.",
    "extra_forbidden": "Campo desconhecido.",
    "value_error": "{error}",
}
_PORTUGUESE_STATUS = {
    HTTPStatus.FORBIDDEN: "A conexão foi recusada.",
    HTTPStatus.NOT_FOUND: "Recurso não encontrado.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Método não permitido para este endereço.",
    HTTPStatus.SERVICE_UNAVAILABLE: "O servidor está sendo reiniciado. Tente de novo em instantes.",
}
_INTERNAL = "internal_error"
EDGE_CODES: Mapping[str, HTTPStatus] = {
    **{f"http_{status.value}": status for status in _PORTUGUESE_STATUS},
    _INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Codes of what goes wrong outside of any operation, and so has no class of its own."""


def problem_document(error: DomainError, *, instance: str) -> dict[str, Any]:
    """Return ``error`` as it is sent."""
    document: dict[str, Any] = {
        "type": f"urn:praca:error:{error.code}",
        "title": error.title,
        "status": STATUS_OF_KIND[error.kind].value,
        "detail": error.detail,
        "code": error.code,
        "instance": instance,
        **error.extra,
    }
    if error.errors:
        document["errors"] = [
            {"loc": list(item.loc), "msg": item.msg, "type": item.type} for item in error.errors
        ]
    return document


def problem_responses(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses`` of an operation that may raise ``errors``."""
    table: dict[int | str, dict[str, Any]] = {}
    for kind in errors:
        error = kind.example()
        status = STATUS_OF_KIND[error.kind]
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        entry = table.setdefault(
            status.value,
            {"description": status.phrase, "content": {_MEDIA_TYPE: content}},
        )
        entry["content"][_MEDIA_TYPE]["examples"][error.code] = {
            "summary": error.title,
            "value": problem_document(error, instance="/api/v1/…"),
        }
        for name, value in error.headers.items():
            header = {"schema": {"type": "string"}, "example": value}
            entry.setdefault("headers", {})[name] = header
    return table


def install_error_handlers(app: FastAPI) -> None:
    """Translate every error of the house and of FastAPI into a problem document."""
    app.add_exception_handler(DomainError, domain_problem)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _validation)  # type: ignore[arg-type]
    app.add_exception_handler(WebSocketRequestValidationError, _validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, unexpected_problem)


def domain_problem(request: HTTPConnection, error: DomainError) -> Response:
    """Return the problem document of one of our own errors."""
    document = problem_document(error, instance=request.url.path)
    return _answer(document, headers=error.headers)


def _validation(
    request: HTTPConnection, error: RequestValidationError | WebSocketRequestValidationError
) -> Response:
    return domain_problem(request, invalid_request(error))


def invalid_request(
    error: RequestValidationError | WebSocketRequestValidationError,
) -> InvalidRequestError:
    """Return what FastAPI found wrong with a request as an error of the house."""
    return InvalidRequestError([_field(item) for item in error.errors()])


def _field(item: Mapping[str, Any]) -> FieldError:
    loc = tuple(item["loc"])
    if item["type"] == "json_invalid":  # where in the text it broke is no name of a field
        loc = loc[:1]
    return FieldError(loc, _portuguese(item), item["type"])


def _portuguese(item: Mapping[str, Any]) -> str:
    template = _PORTUGUESE.get(item["type"], "Valor inválido.")
    context = item.get("ctx") or {}
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "Valor inválido."


def _http(request: HTTPConnection, error: HTTPException) -> Response:
    if isinstance(error.__cause__, DomainError):
        # FastAPI wraps whatever stops it from reading the body, our own limit included.
        return domain_problem(request, error.__cause__)
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.BAD_REQUEST:
        # Only an unreadable body ends here: bytes that are no text, JSON nested too deeply.
        return domain_problem(request, InvalidRequestError([_UNREADABLE]))
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    return status_problem(request, status, headers=headers)


def status_problem(
    request: HTTPConnection, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the problem document of what has a status alone, and no error of its own."""
    document = {
        "type": f"urn:praca:error:http_{status.value}",
        "title": status.phrase,
        "status": status.value,
        "detail": _PORTUGUESE_STATUS.get(status, status.phrase),
        "code": f"http_{status.value}",
        "instance": request.url.path,
    }
    return _answer(document, headers=headers)


def _allowed_methods(request: HTTPConnection) -> list[str]:
    """Return every method of the address; each of its routes knows its own only."""
    methods: dict[str, set[str]] = {}
    for context in iter_route_contexts(request.app.routes):
        found = getattr(context.original_route, "methods", None)
        if found and context.path and compile_path(context.path)[0].match(request.url.path):
            methods.setdefault(context.path, set()).update(found)
    # Of several addresses that fit, the first is meant, as where requests are answered.
    return sorted(next(iter(methods.values()), ()))


def unexpected_problem(request: HTTPConnection, error: Exception) -> Response:
    """Log what nobody expected, and return an answer that tells nothing of it."""
    _log.error("http.unexpected_error", path=logged_path(request.scope), exc_info=error)
    document = {
        "type": f"urn:praca:error:{_INTERNAL}",
        "title": "Internal error",
        "status": EDGE_CODES[_INTERNAL].value,
        "detail": "Ocorreu um erro interno. Tente de novo; se persistir, avise a equipe.",
        "code": _INTERNAL,
        "instance": request.url.path,
    }
    return _answer(document)


def _answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    try:
        content = orjson.dumps(document)
    except TypeError:
        # A field's name may hold half of a character; what is shown of it is a question mark.
        text = json.dumps(document, ensure_ascii=False)
        content = text.encode("utf-8", "replace")
    return Response(
        content,
        status_code=document["status"],
        media_type=_MEDIA_TYPE,
        headers=dict(headers or {}),
    )
