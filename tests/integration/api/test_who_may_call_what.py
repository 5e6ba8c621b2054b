"""Every operation against every kind of caller, with the job centre closed and open.

An operation that is not in the table fails the walk: whoever adds one says here who may call it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import Enum
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import WebSocketRoute

from praca.identity import Role
from praca.identity.tokens import AccessTokens
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

_PERSON = {
    "full_name": "Outra Pessoa",
    "email": "outra@example.com",
    "birth_date": "1980-01-31",
    "cpf": "52998224725",
    "phone": "2133334444",
}
_ID = "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"


class Audience(Enum):
    EVERYBODY = "even with a token that does not count"
    WITH_OR_WITHOUT_TOKEN = "but a token that is sent must count"
    SIGNED_IN = "any account"
    JOBS_STAFF = "who works in the job centre"
    REVIEWERS = "who works in the job centre, signed in even where its data is public"
    TRAINERS = "who works in the job centre, even where its data are open"
    LIBRARIANS = "who works in the library"
    OPERATORS = "operators and admins"
    ADMINS = "admins, as the request is about somebody else's account"
    RECOVERING = "nobody's token for other things"


ROLES = {
    Audience.EVERYBODY: set(Role),
    Audience.WITH_OR_WITHOUT_TOKEN: set(Role),
    Audience.SIGNED_IN: set(Role),
    Audience.JOBS_STAFF: {Role.RECRUTADOR, Role.OPERADOR, Role.ADMIN},
    Audience.REVIEWERS: {Role.RECRUTADOR, Role.OPERADOR, Role.ADMIN},
    Audience.TRAINERS: {Role.RECRUTADOR, Role.OPERADOR, Role.ADMIN},
    Audience.LIBRARIANS: {Role.BIBLIOTECARIO, Role.OPERADOR, Role.ADMIN},
    Audience.OPERATORS: {Role.OPERADOR, Role.ADMIN},
    Audience.ADMINS: {Role.ADMIN},
    Audience.RECOVERING: set(),
}

# {account} is an account that none of the callers has.
TABLE = {
    "GET /": Audience.EVERYBODY,
    "GET /docs": Audience.EVERYBODY,
    "GET /docs/files": Audience.EVERYBODY,
    "GET /openapi.json": Audience.EVERYBODY,
    "GET /health": Audience.EVERYBODY,
    "GET /metrics": Audience.EVERYBODY,  # by a token of the settings alone; to others it is 404
    "POST /login": Audience.EVERYBODY,
    "POST /predict": Audience.SIGNED_IN,
    "GET /train": Audience.TRAINERS,
    "GET /api/v1": Audience.EVERYBODY,
    "GET /api/v1/health": Audience.EVERYBODY,
    "GET /api/v1/ready": Audience.EVERYBODY,
    "POST /api/v1/login": Audience.EVERYBODY,
    "POST /api/v1/predict": Audience.SIGNED_IN,
    "GET /api/v1/train": Audience.TRAINERS,
    "POST /api/v1/answers": Audience.EVERYBODY,
    "POST /api/v1/auth/login": Audience.EVERYBODY,
    "POST /api/v1/auth/logout": Audience.EVERYBODY,
    "POST /api/v1/auth/refresh": Audience.EVERYBODY,
    "GET /api/v1/auth/{provider}/login": Audience.EVERYBODY,
    "GET /api/v1/auth/{provider}/callback": Audience.EVERYBODY,
    "POST /api/v1/auth/social/register": Audience.EVERYBODY,
    "POST /api/v1/auth/social/link": Audience.SIGNED_IN,
    "GET /api/v1/auth/social": Audience.SIGNED_IN,
    "DELETE /api/v1/auth/social/{provider}": Audience.SIGNED_IN,
    "POST /api/v1/usuarios": Audience.EVERYBODY,
    "POST /api/v1/usuarios/": Audience.EVERYBODY,
    "POST /api/v1/usuarios/login": Audience.EVERYBODY,
    "POST /api/v1/usuarios/signup": Audience.WITH_OR_WITHOUT_TOKEN,
    "GET /api/v1/usuarios/list": Audience.OPERATORS,
    "GET /api/v1/usuarios/logado": Audience.SIGNED_IN,
    "GET /api/v1/usuarios/me": Audience.SIGNED_IN,
    "PUT /api/v1/usuarios/{usuario_id}": Audience.ADMINS,
    "POST /api/v1/users/register": Audience.EVERYBODY,
    "GET /api/v1/users": Audience.OPERATORS,
    "GET /api/v1/users/": Audience.OPERATORS,
    "GET /api/v1/users/me": Audience.SIGNED_IN,
    # And, which no caller here is, the person himself.
    "GET /api/v1/users/{user_id}": Audience.OPERATORS,
    "PUT /api/v1/users/{user_id}": Audience.ADMINS,
    "POST /api/v1/forgot-password/forgot-password": Audience.EVERYBODY,
    "POST /api/v1/forgot-password/verify-code": Audience.EVERYBODY,
    "POST /api/v1/forgot-password/reset-password": Audience.RECOVERING,
    "GET /api/v1/users/me/export": Audience.SIGNED_IN,
    "DELETE /api/v1/users/me": Audience.SIGNED_IN,
    "DELETE /api/v1/users/{user_id}": Audience.ADMINS,
    "POST /api/v1/candidatos/create": Audience.JOBS_STAFF,
    "GET /api/v1/candidatos/list": Audience.JOBS_STAFF,
    "GET /api/v1/candidatos/details/{codigo_profissional}": Audience.JOBS_STAFF,
    "POST /api/v1/candidatos/update-tables": Audience.JOBS_STAFF,
    "POST /api/v1/candidatos/export-applicants": Audience.JOBS_STAFF,
    "PUT /api/v1/candidatos/{codigo_profissional}/conta": Audience.REVIEWERS,
    "DELETE /api/v1/candidatos/{codigo_profissional}/conta": Audience.REVIEWERS,
    "DELETE /api/v1/candidatos/{codigo_profissional}": Audience.OPERATORS,
    "POST /api/v1/vagas/create": Audience.JOBS_STAFF,
    "GET /api/v1/vagas/list": Audience.EVERYBODY,
    "GET /api/v1/vagas/details/{codigo_vaga}": Audience.EVERYBODY,
    "GET /api/v1/vagas/{codigo_vaga}/candidatos": Audience.JOBS_STAFF,
    "POST /api/v1/vagas/update-tables": Audience.JOBS_STAFF,
    "POST /api/v1/vagas/export-vagas": Audience.JOBS_STAFF,
    "POST /api/v1/prospects/add-candidate": Audience.JOBS_STAFF,
    "PUT /api/v1/prospects/update-candidate": Audience.JOBS_STAFF,
    "GET /api/v1/prospects/list": Audience.JOBS_STAFF,
    "GET /api/v1/prospects/grouped-list": Audience.JOBS_STAFF,
    "GET /api/v1/prospects/{codigo_vaga}": Audience.JOBS_STAFF,
    "POST /api/v1/prospects/update-tables": Audience.JOBS_STAFF,
    "POST /api/v1/prospects/export-prospects": Audience.JOBS_STAFF,
    "GET /api/v1/inferencias/driftReport": Audience.JOBS_STAFF,
    # And, which no caller here is, the account that is linked to the candidate.
    "GET /api/v1/inferencias/explain": Audience.JOBS_STAFF,
    "POST /api/v1/inferencias/driftReport": Audience.JOBS_STAFF,
    "POST /api/v1/inferencias/matchModel/predict": Audience.EVERYBODY,
    "POST /api/v1/inferencias/recommendationModel/predict": Audience.EVERYBODY,
    "POST /api/v1/revisoes": Audience.SIGNED_IN,
    "GET /api/v1/revisoes": Audience.REVIEWERS,
    "GET /api/v1/revisoes/minhas": Audience.SIGNED_IN,
    "GET /api/v1/revisoes/{revisao_id}": Audience.SIGNED_IN,
    "POST /api/v1/revisoes/{revisao_id}/assumir": Audience.REVIEWERS,
    "POST /api/v1/revisoes/{revisao_id}/decidir": Audience.REVIEWERS,
    "POST /api/v1/revisoes/{revisao_id}/cancelar": Audience.SIGNED_IN,
    # Of cards, only one's own; the callers' requests are about none.
    "POST /api/v1/transport-card": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/": Audience.SIGNED_IN,
    "GET /api/v1/transport-card/my-cards": Audience.SIGNED_IN,
    "GET /api/v1/transport-card/{card_number}/balance": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/recharge": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/debit": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/transfer": Audience.SIGNED_IN,
    "GET /api/v1/transport-card/{card_number}/history": Audience.SIGNED_IN,
    "GET /api/v1/transport-card/{card_number}/statement": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/block": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/unblock": Audience.SIGNED_IN,
    "DELETE /api/v1/transport-card/{card_number}": Audience.SIGNED_IN,
    "POST /api/v1/transport-card/{card_number}/pix": Audience.SIGNED_IN,
    "GET /api/v1/pix-charges": Audience.SIGNED_IN,
    "GET /api/v1/pix-charges/{charge_id}": Audience.SIGNED_IN,
    "GET /api/v1/pix-charges/{charge_id}/qr.svg": Audience.SIGNED_IN,
    "DELETE /api/v1/pix-charges/{charge_id}": Audience.SIGNED_IN,
    "POST /api/v1/pix/webhook": Audience.EVERYBODY,  # the signature says who calls
    "POST /api/v1/pix-simulator/pay": Audience.SIGNED_IN,
    "GET /api/v1/models": Audience.OPERATORS,
    "GET /api/v1/models/{name}": Audience.OPERATORS,
    "GET /api/v1/models/{name}/versions/{version}/fairness": Audience.OPERATORS,
    "POST /api/v1/models/{name}/promote": Audience.OPERATORS,
    "POST /api/v1/models/{name}/rollback": Audience.OPERATORS,
    "GET /api/v1/models/{name}/shadow": Audience.OPERATORS,
    "PUT /api/v1/models/{name}/shadow": Audience.OPERATORS,
    "DELETE /api/v1/admin/limpa-tabela-livros": Audience.ADMINS,
    "DELETE /api/v1/admin/limpa-tabela-tarefas": Audience.ADMINS,
    "DELETE /api/v1/admin/limpa-tabela-usuarios": Audience.ADMINS,
    "DELETE /api/v1/admin/limpa-usuario/{usuario_id}": Audience.ADMINS,
    "POST /api/v1/documents": Audience.SIGNED_IN,
    "GET /api/v1/documents": Audience.SIGNED_IN,
    "GET /api/v1/documents/my-documents": Audience.SIGNED_IN,
    "POST /api/v1/documents/upload": Audience.SIGNED_IN,
    "GET /api/v1/documents/{document_id}": Audience.SIGNED_IN,
    "PUT /api/v1/documents/{document_id}": Audience.SIGNED_IN,
    "DELETE /api/v1/documents/{document_id}": Audience.SIGNED_IN,
    "PUT /api/v1/documents/{document_id}/file": Audience.SIGNED_IN,
    "GET /api/v1/documents/{document_id}/file": Audience.SIGNED_IN,
    "GET /api/v1/documents/{document_id}/thumbnail": Audience.SIGNED_IN,
    "POST /api/v1/documents/{document_id}/shares": Audience.SIGNED_IN,
    "GET /api/v1/documents/{document_id}/shares": Audience.SIGNED_IN,
    "DELETE /api/v1/documents/{document_id}/shares/{share_id}": Audience.SIGNED_IN,
    "GET /api/v1/shared-documents": Audience.EVERYBODY,
    "GET /api/v1/shared-documents/file": Audience.EVERYBODY,
    "POST /api/v1/chatbot/start": Audience.SIGNED_IN,
    "POST /api/v1/chatbot/chat": Audience.SIGNED_IN,
    "GET /api/v1/books": Audience.EVERYBODY,
    "GET /api/v1/books/search": Audience.EVERYBODY,
    "GET /api/v1/books/top-rated": Audience.EVERYBODY,
    "GET /api/v1/books/price-range": Audience.EVERYBODY,
    "GET /api/v1/books/{book_id}": Audience.EVERYBODY,
    "GET /api/v1/books/{book_id}/price-history": Audience.EVERYBODY,
    "GET /api/v1/books/{book_id}/similar": Audience.EVERYBODY,
    "GET /api/v1/categories": Audience.EVERYBODY,
    "GET /api/v1/stats/overview": Audience.EVERYBODY,
    "GET /api/v1/stats/categories": Audience.EVERYBODY,
    # Or the id of a session without an account; of an account's session, only its own token.
    "POST /api/v1/questions": Audience.SIGNED_IN,
    "GET /api/v1/questions/{session_id}": Audience.EVERYBODY,
    "GET /api/v1/questions/{session_id}/events": Audience.EVERYBODY,
    "GET /api/v1/monitoring/requests": Audience.OPERATORS,
    "GET /api/v1/monitoring/requests/summary": Audience.OPERATORS,
    "GET /api/v1/monitoring/requests/routes": Audience.OPERATORS,
    "GET /api/v1/monitoring/requests/statuses": Audience.OPERATORS,
    "GET /api/v1/monitoring/requests/timeline": Audience.OPERATORS,
    "GET /api/v1/monitoring/predictions/timeline": Audience.OPERATORS,
    "GET /api/v1/monitoring/predictions/outputs": Audience.OPERATORS,
    "POST /api/v1/raspagem/trigger": Audience.LIBRARIANS,
    "GET /api/v1/raspagem/status/{id_tarefa}": Audience.LIBRARIANS,
    "GET /api/v1/raspagem": Audience.LIBRARIANS,
    "GET /api/v1/raspagem/quarentena": Audience.LIBRARIANS,
    "GET /api/v1/ml/features": Audience.EVERYBODY,
    "GET /api/v1/ml/training-data": Audience.EVERYBODY,
    "POST /api/v1/ml/train": Audience.LIBRARIANS,
    "POST /api/v1/ml/predictions": Audience.EVERYBODY,
    "GET /api/v1/ml/cache-status": Audience.EVERYBODY,
    "GET /api/v1/knowledge/articles": Audience.WITH_OR_WITHOUT_TOKEN,
    "POST /api/v1/knowledge/articles": Audience.OPERATORS,
    "GET /api/v1/knowledge/articles/{article_id}": Audience.WITH_OR_WITHOUT_TOKEN,
    "PUT /api/v1/knowledge/articles/{article_id}": Audience.OPERATORS,
    "DELETE /api/v1/knowledge/articles/{article_id}": Audience.OPERATORS,
    "GET /api/v1/knowledge/articles/{article_id}/versions": Audience.OPERATORS,
    "GET /api/v1/knowledge/articles/{article_id}/versions/{version}": Audience.OPERATORS,
    "POST /api/v1/knowledge/import": Audience.OPERATORS,
    "GET /api/v1/knowledge/export": Audience.OPERATORS,
    "POST /api/v1/helpdesk/feedback": Audience.WITH_OR_WITHOUT_TOKEN,
    "GET /api/v1/helpdesk/feedback": Audience.OPERATORS,
    "GET /api/v1/helpdesk/feedback/articles": Audience.OPERATORS,
    "GET /api/v1/helpdesk/figures": Audience.OPERATORS,
    "GET /api/v1/helpdesk/unanswered": Audience.OPERATORS,
    "POST /api/v1/helpdesk/unanswered/{unanswered_id}/answer": Audience.OPERATORS,
    "POST /api/v1/helpdesk/unanswered/{unanswered_id}/article": Audience.OPERATORS,
    "POST /api/v1/helpdesk/unanswered/{unanswered_id}/dismiss": Audience.OPERATORS,
    "GET /api/v1/helpdesk/tickets": Audience.OPERATORS,
    "GET /api/v1/helpdesk/tickets/{ticket_id}": Audience.OPERATORS,
    "POST /api/v1/helpdesk/tickets/{ticket_id}/reply": Audience.OPERATORS,
    "POST /api/v1/helpdesk/tickets/{ticket_id}/close": Audience.OPERATORS,
    # Of tickets, only one's own.
    "GET /api/v1/helpdesk/my-tickets": Audience.SIGNED_IN,
    "GET /api/v1/helpdesk/my-tickets/{ticket_id}": Audience.SIGNED_IN,
    "POST /api/v1/helpdesk/my-tickets/{ticket_id}/reply": Audience.SIGNED_IN,
    "GET /api/v1/tasks": Audience.SIGNED_IN,
    "GET /api/v1/tasks/{task_id}": Audience.SIGNED_IN,
    "GET /api/v1/tasks/{task_id}/events": Audience.SIGNED_IN,
    "POST /api/v1/tasks/{task_id}/cancel": Audience.SIGNED_IN,
}
# Old clients know no prefix: whoever may call the one may call the other.
AT_THE_ROOT = (
    "/auth/",
    "/chatbot/",
    "/documents",
    "/forgot-password/",
    "/pix",
    "/shared-documents",
    "/transport-card",
    "/users",
)
PREFIX = "/api/v1"
TABLE |= {
    f"{method} {path.removeprefix(PREFIX)}": audience
    for (method, _, path), audience in [
        (operation.partition(" "), audience) for operation, audience in TABLE.items()
    ]
    if path.removeprefix(PREFIX).startswith(AT_THE_ROOT)
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/usuarios/signup": {"perfil": "usuario", "username": "x", "password": "curta"},
    "PUT /api/v1/usuarios/{usuario_id}": {"username": "renomeada"},
    "PUT /api/v1/users/{user_id}": _PERSON,
    "POST /api/v1/forgot-password/reset-password": {"new_password": "Segredo-forte-9"},
    # So that no caller loses its account on the way.
    "DELETE /api/v1/users/me": {"password": None},
    "POST /api/v1/candidatos/create": {"infos_basicas": {"nome": "Ana"}},
    "POST /api/v1/vagas/create": {"infos_basicas": {}},
    "POST /api/v1/inferencias/matchModel/predict": {},
    "POST /api/v1/inferencias/recommendationModel/predict": {},
    **{
        f"POST /api/v1/{kind}/update-tables": {"file_key": "nenhum"}
        for kind in ("candidatos", "vagas", "prospects")
    },
}


@pytest.fixture(params=["staff", "public"])
def access(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(settings: Settings, access: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_JOBS_ACCESS", access)
    monkeypatch.setenv("PRACA_TRAIN_WAIT_S", "0")  # nobody works on the training
    return Settings.load()


def operations(client: httpx.AsyncClient) -> set[str]:
    app = client.app  # type: ignore[attr-defined]
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        # Sockets have no methods, and tests of their own.
        if not isinstance(context.original_route, WebSocketRoute)
        for method in (getattr(context.original_route, "methods", None) or {"GET"})  # files
        if method != "HEAD"
    }


def expected(audience: Audience, caller: str) -> str:
    if audience is Audience.RECOVERING:
        return "401"
    if caller in set(Role):
        return "allowed" if caller in ROLES[audience] else "403"
    free = {Audience.EVERYBODY}
    if caller == "anonymous":
        free.add(Audience.WITH_OR_WITHOUT_TOKEN)
    return "allowed" if audience in free else "401"


def seen(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    if answer.status_code in {401, 403}:
        assert answer.headers["Content-Type"] == "application/problem+json"
        return str(answer.status_code)
    assert answer.status_code != 500, answer.text
    return "allowed"


async def callers(settings: Settings, make_account: MakeAccount) -> dict[str, dict[str, str]]:
    found = {role.value: await make_account(f"chamador-{role}", role=role.value) for role in Role}
    expired = AccessTokens(settings.signing_key, lifetime=timedelta(seconds=-1))
    headers = {name: account["headers"] for name, account in found.items()}
    token = expired.issue(found["admin"]["id"], 0)
    return headers | {
        "anonymous": {},
        "invalid": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
        "expired": {"Authorization": f"Bearer {token}"},
    }


async def test_every_operation_admits_whom_the_table_says(
    client: httpx.AsyncClient, settings: Settings, make_account: MakeAccount, access: str
) -> None:
    assert operations(client) == set(TABLE)
    other = await make_account("outra-pessoa")
    parts = {
        "usuario_id": other["id"],
        "user_id": other["id"],
        "codigo_vaga": 1,
        "codigo_profissional": 1,
        "name": "match",
        "version": 1,
        "book_id": 1,
        "article_id": 1,
        "card_number": "4073629518460275",
        "document_id": 1,
        "provider": "google",
        "ticket_id": 1,
        "unanswered_id": 1,
        "session_id": _ID,
        **dict.fromkeys(("task_id", "revisao_id", "charge_id", "share_id", "id_tarefa"), _ID),
    }
    wrong = []
    for name, headers in (await callers(settings, make_account)).items():
        for operation, declared in TABLE.items():
            audience = declared
            if access == "public" and declared is Audience.JOBS_STAFF:
                audience = Audience.WITH_OR_WITHOUT_TOKEN
            method, _, path = operation.partition(" ")
            url = path.format(**parts)
            body = BODIES.get(operation) or BODIES.get(f"{method} {PREFIX}{path}")
            answer = await client.request(method, url, json=body, headers=headers)
            if seen(answer) != expected(audience, name):
                wrong.append(f"{name}: {operation} gave {answer.status_code}")
    assert wrong == []
