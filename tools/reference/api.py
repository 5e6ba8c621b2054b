"""The operations of the API by counter, from its OpenAPI document and the table of who may call."""

import os
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest import mock

from tests.integration.api.test_who_may_call_what import TABLE, Audience

from praca.entrypoints.api.app import create_app
from praca.platform.settings import Settings
from tools.reference.text import table

__all__ = ["OWN", "api", "document"]

_ADDRESS: Final = "http://127.0.0.1:8000/docs"
_WHO: Final = {
    Audience.EVERYBODY: "everybody",
    Audience.WITH_OR_WITHOUT_TOKEN: "everybody; a token that is sent must count",
    Audience.SIGNED_IN: "any account; of personal things, one's own",
    Audience.JOBS_STAFF: "recruiters, operators, admins",
    Audience.REVIEWERS: "recruiters, operators, admins",
    Audience.TRAINERS: "recruiters, operators, admins",
    Audience.LIBRARIANS: "librarians, operators, admins",
    Audience.OPERATORS: "operators, admins",
    Audience.ADMINS: "admins",
    Audience.RECOVERING: "who has the token of a recovery",
}

OWN: Final = {
    "GET /api/v1/inferencias/explain": "the account that is linked to the candidate",
    "GET /api/v1/users/{user_id}": "everybody of his own account",
    "PUT /api/v1/users/{user_id}": "everybody of his own account, but for the CPF",
    "PUT /api/v1/usuarios/{usuario_id}": "everybody of his own account, but for the role",
}
"""Who may call besides, about himself: the table's callers ask about others."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document as the defaults of all settings make it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRACA_")}
    # Nothing is asked of a database: the document is made of the routes alone.
    with TemporaryDirectory() as folder:
        nowhere = {
            "PRACA_DATA_DIR": folder,
            "PRACA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
        }
        with mock.patch.dict(os.environ, kept | nowhere, clear=True):
            return create_app(Settings.load()).openapi()


def api() -> str:
    """Return a section for each tag, with its operations in the order of the document."""
    made = document()
    return "\n\n".join(_section(tag, made) for tag in made["tags"])


def _section(tag: dict[str, str], made: dict[str, Any]) -> str:
    rows = [
        (_linked(tag["name"], method, path, operation), operation["summary"], _who(method, path))
        for path, operations in made["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == [tag["name"]]
    ]
    head = ("Operation", "What it does", "Who may call")
    return "\n\n".join([f"## {tag['name']}", tag["description"], table(head, rows)])


def _linked(tag: str, method: str, path: str, operation: dict[str, Any]) -> str:
    return f"[`{method.upper()} {path}`]({_ADDRESS}#/{tag}/{operation['operationId']})"


def _who(method: str, path: str) -> str:
    call = f"{method.upper()} {path}"
    return "; ".join([_WHO[TABLE[call]], *([OWN[call]] if call in OWN else [])])
