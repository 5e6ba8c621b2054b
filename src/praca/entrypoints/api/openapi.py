"""The OpenAPI document: what FastAPI finds out by itself, completed where it cannot know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from praca.identity.errors import InvalidTokenError, NotAuthenticatedError
from praca.kit.errors import DomainError
from praca.platform.errors import (
    DatabaseUnavailableError,
    InvalidRequestError,
    RequestTooLargeError,
)
from praca.platform.web import PROBLEM_SCHEMA, problem_responses

__all__ = ["PracaApi", "operation_id"]

_LARGEST_INTEGER = 2**63 - 1
_TAGS = [
    {"name": "health", "description": "Is it alive, is it ready."},
    {"name": "usuarios", "description": "Accounts, as systems 1 and 4 know them."},
    {"name": "auth", "description": "Sign-in, refresh tokens, sign-out."},
    {"name": "forgot-password", "description": "A forgotten password: code, token, new one."},
    {"name": "users", "description": "Citizens' accounts, as system 3 knows them."},
    {"name": "candidatos", "description": "People who look for work."},
    {"name": "vagas", "description": "Vacancies."},
    {"name": "prospects", "description": "Applications: who is on which vacancy's list."},
    {"name": "inferencias", "description": "How well people and vacancies fit."},
    {"name": "revisoes", "description": "Reviews of automated scores by people."},
    {"name": "hiring", "description": "The old model server: train, and predict a hire."},
    {"name": "transport-card", "description": "Transport cards and their money."},
    {"name": "pix", "description": "Recharges by Pix: charges, their states, the provider."},
    {"name": "models", "description": "Published models: which there are, which answers."},
    {"name": "documents", "description": "People's documents: encrypted, shared by their owners."},
    {"name": "books", "description": "The catalogue of books, as system 4 knows it."},
    {"name": "stats", "description": "Statistics of the catalogue."},
    {"name": "raspagem", "description": "Gathering the catalogue from a bookshop."},
    {"name": "ml", "description": "Models trained on the catalogue."},
    {"name": "knowledge", "description": "Articles about the city's services."},
    {"name": "answers", "description": "Answers at once, quoted from the articles."},
    {"name": "questions", "description": "Questions answered in the background: system 5."},
    {"name": "helpdesk", "description": "Feedback, unanswered questions, tickets."},
    {"name": "chatbot", "description": "The conversation, as system 3 knows it."},
    {"name": "admin", "description": "Emptying tables, deleting accounts; for admins alone."},
    {"name": "monitoring", "description": "Requests and predictions, for operators."},
    {"name": "tasks", "description": "Background work: see it, follow it, cancel it."},
]
# `health` looks at nothing; `ready` tells in its own words that the database is not there.
_NEVER_UNAVAILABLE = {"health", "ready"}


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation: the name of its function, which clients generate from."""
    return route.name


class PracaApi(FastAPI):
    """FastAPI whose document shows the errors that are really sent."""

    def openapi(self) -> dict[str, Any]:
        """Return the document; it is made once."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                routes=self.routes,
                tags=_TAGS,
            )
            self.openapi_schema = _completed(document)
        return self.openapi_schema


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    for schema in schemas.values():
        for value in [schema.get("example"), *schema.get("examples", ())]:
            _restore_nulls(value, schema, schemas)
    _restore_bounds(document)
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
            for content in _answers(operation):
                named = content.get("examples", {}).values()
                for value in [content.get("example"), *(example["value"] for example in named)]:
                    _restore_nulls(value, content["schema"], schemas)
    return document


def _answers(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the contents of every answer of the operation."""
    return [
        content
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
    ]


def _restore_bounds(node: Any) -> None:
    """Put back what FastAPI rounds: a limit of 64 bits is no floating-point number."""
    members = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for member in members:
        _restore_bounds(member)
    if isinstance(node, dict):
        for name in ("minimum", "maximum"):
            if isinstance(node.get(name), float) and node[name].is_integer():
                node[name] = min(int(node[name]), _LARGEST_INTEGER)


def _restore_nulls(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put back what FastAPI leaves out of examples: members that are null."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            value.setdefault(name)
        for name, member in schema.get("properties", {}).items():
            _restore_nulls(value.get(name), member, schemas)
    elif isinstance(value, list):
        for item in value:
            _restore_nulls(item, schema.get("items", {}), schemas)


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    # FastAPI's own idea of a 422 goes; one that the operation declared stays.
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]
    for status, answer in problem_responses(*_errors_of(operation)).items():
        own = responses.setdefault(str(status), answer)
        if own is not answer:
            _add_examples(own, answer)
    operation["responses"] = dict(sorted(responses.items()))


def _errors_of(operation: dict[str, Any]) -> list[type[DomainError]]:
    """Return what may go wrong before, or around, the operation itself."""
    errors: list[type[DomainError]] = []
    if "security" in operation:
        if {} not in operation["security"]:
            errors.append(NotAuthenticatedError)
        errors.append(InvalidTokenError)
    if "requestBody" in operation:
        errors.append(RequestTooLargeError)
    if "requestBody" in operation or "parameters" in operation:
        errors.append(InvalidRequestError)
    if operation["operationId"] not in _NEVER_UNAVAILABLE:
        errors.append(DatabaseUnavailableError)
    return errors


def _add_examples(answer: dict[str, Any], more: dict[str, Any]) -> None:
    for media_type, content in more["content"].items():
        own = answer.setdefault("content", {}).setdefault(media_type, content)
        own.setdefault("examples", {}).update(content["examples"])
    answer.setdefault("headers", {}).update(more.get("headers", {}))
