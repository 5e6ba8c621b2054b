"""Schemathesis over the whole document, as four kinds of callers.

What it finds becomes a plain test in ``test_bad_requests.py``. To look further by hand, give it
more examples and another seed: ``FUZZ_EXAMPLES=500 FUZZ_SEED=7 uv run pytest`` with this file.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi
from sqlalchemy import text
from tests.integration.api.test_who_may_call_what import ROLES, TABLE, Audience
from tests.integration.library.books import add_books

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import IdentityService, Role
from praca.jobs.sample import SampleCity, write_sample_files
from praca.library.bookshop import make_books
from praca.library.bookshop.books import ShopBook
from praca.library.records import ScrapedBook
from praca.library.storing import save_books
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext

PASSWORD = "Segredo-forte-9"
CALLERS = ("anonymous", "usuario", "recrutador", "admin")
"""Who calls; the less one may do, the earlier."""
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
SEED = int(os.environ.get("FUZZ_SEED", "2026"))
# A stream of a task that nobody works on never ends; the walk of callers covers its refusals.
# And who erases himself is nobody's caller any more.
LEFT_OUT = {"task_events", "erase_own_account"}
# Their schemas cannot say which values are good: passwords and names have rules, tokens, file
# keys and cursors must have been handed out, unknown members of a record may be too long, and a
# period may end before it begins. Feedback is about a question or an article, and links are
# addresses.
CHOOSY = {
    "sign_up", "create_account", "update_account",
    "import_candidatos", "import_vagas", "import_prospects",
    "create_candidate", "create_vacancy",
    "finish_social_sign_in", "register_by_social_identity", "link_social_identity",
    "list_candidates", "list_vacancies", "list_prospects", "list_groups",
    "register_person", "update_person", "request_recovery_code", "verify_recovery_code",
    "reset_password",
    "pay_br_code", "answer_question",
    "create_document", "upload_document", "store_document_file",
    "open_share", "open_shared_file",
    "summarize_requests", "list_route_figures", "count_statuses", "show_request_timeline",
    "list_requests", "show_prediction_timeline", "count_prediction_outputs",
    "search_books", "list_by_price",
    "create_article", "update_article", "remove_article", "import_articles",
    "give_feedback", "write_article_for_unanswered",
    "ask_question",  # a session may ask so many at a time, and blanks are no question
}  # fmt: skip


def shortened(app: FastAPI, role: str) -> list[str]:
    """Return the operations of which ``role`` tries a few examples, not each border case.

    The cases differ little by who asks: who may do least among those who are let in tries them
    all. For whoever is not let in, all of them would meet one refusal.
    """
    names = []
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            audience = TABLE[f"{method.upper()} {path}"]
            let_in = {str(one) for one in ROLES[audience]}
            if not let_in or audience in {Audience.EVERYBODY, Audience.WITH_OR_WITHOUT_TOKEN}:
                let_in.add("anonymous")
            if role != next(one for one in CALLERS if one in let_in):
                names.append(operation["operationId"])
    return sorted(names)


def configuration(app: FastAPI, role: str, headers: dict[str, str]) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": headers,
            "continue-on-failure": True,
            "generation": {
                "deterministic": "FUZZ_SEED" not in os.environ,
                "max-examples": EXAMPLES,
                "no-shrink": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {
                # Ids found in answers would lead to the accounts that are calling.
                "coverage": {"extra-data-sources": {"responses": False}},
                "fuzzing": {"extra-data-sources": {"responses": False}},
                "examples": {"extra-data-sources": {"responses": False}},
                "stateful": {"enabled": False},
            },
            "operations": [
                {
                    "include-operation-id": sorted(CHOOSY),
                    "checks": {"positive_data_acceptance": {"enabled": False}},
                },
                {
                    # Unavailable is what a model is that has another name or was never trained.
                    "include-operation-id": "predict_book",
                    "checks": {
                        "not_a_server_error": {"expected-statuses": ["2xx", "4xx", 503]},
                        "positive_data_acceptance": {"expected-statuses": ["2xx", 503]},
                    },
                },
                {
                    "include-operation-id": "add_candidate",  # it may be on the list already
                    "checks": {
                        "positive_data_acceptance": {
                            "expected-statuses": ["2xx", 400, 401, 403, 409]
                        }
                    },
                },
                {
                    # As in the old system: a model that is not there is 503, and a price may come
                    # as text.
                    "include-operation-id": "predict_book",
                    "checks": {
                        "not_a_server_error": {"enabled": False},
                        "negative_data_rejection": {"enabled": False},
                    },
                },
                {
                    # Where a code may stand, too, another method means the code's operation.
                    "include-path-regex": (
                        "^/api/v1/(books|candidatos|documents|prospects|transport-card|users|usuarios)"
                        "/[a-z-]+$"
                    ),
                    "checks": {
                        "unsupported_method": {"enabled": False},
                        "allow_header_conformance": {"enabled": False},
                    },
                },
                {
                    "include-operation-id": shortened(app, role),
                    "phases": {"coverage": {"enabled": False}},
                },
                {"include-operation-id": sorted(LEFT_OUT), "enabled": False},
            ],
        }
    )


def sign_in(client: Any, role: str) -> dict[str, str]:
    form = {"username": f"chamador-{role}", "password": PASSWORD}
    token = client.post("/api/v1/auth/login", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def prepare(settings: Settings, dsn: str, folder: Path) -> dict[str, int]:
    """Fill the tables, train a model, and make an account of each role."""
    resources = open_resources(settings, dsn, TASK_KINDS)
    try:
        files = write_sample_files(SampleCity(candidates=60, vacancies=40), folder)
        for kind, path in zip(("candidatos", "vagas", "prospects"), files, strict=True):
            with path.open("rb") as source:
                resources.objects.upload(f"raw/{kind}.json", source)
            await run(resources, f"jobs.import_{kind}", {"key": f"raw/{kind}.json"})
        await run(resources, "jobs.train_match", {})
        async with resources.databases.city.write() as session:
            # So small a city has too few hires for the other model to learn from.
            await session.execute(
                text("UPDATE jobs.prospects SET situacao_candidato = 'Aprovado' WHERE id % 3 = 0")
            )
        await run(resources, "jobs.train_hiring", {})
        async with resources.databases.city.write() as session:
            await save_books(session, [scraped(book) for book in make_books(300, 2026)])
        await run(resources, "library.train", {})
        return await accounts(settings, resources)
    finally:
        await resources.close()


def scraped(book: ShopBook) -> ScrapedBook:
    """Return what the scraper would read of a book of the sample shop."""
    return ScrapedBook(
        upc=book.upc,
        url=f"http://127.0.0.1/{book.path}",
        titulo=book.titulo,
        preco_centavos=book.preco_centavos,
        moeda=book.moeda,
        rating=book.rating,
        disponibilidade=book.estoque > 0,
        estoque=book.estoque,
        categoria=book.categoria,
        imagem=f"http://127.0.0.1/{book.image_path}",
        descricao=book.descricao,
    )


async def run(resources: Resources, name: str, args: dict[str, Any]) -> None:
    kind = next(kind for kind in TASK_KINDS if kind.name == name)
    await kind.run(TaskContext(uuid4(), resources), args)


async def accounts(settings: Settings, resources: Resources) -> dict[str, int]:
    service = IdentityService(settings, resources.databases)
    made = {}
    async with resources.databases.identity.write() as session:
        for role in Role:
            account = await service.create_account(
                session, username=f"chamador-{role}", password=PASSWORD, role=role
            )
            made[role.value] = account.id
    return made


@pytest.fixture
def app(
    settings: Settings, city_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FastAPI]:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_DATABASE_URL", city_dsn)
    monkeypatch.setenv("PRACA_ACCESS_TOKEN_MINUTES", "600")
    monkeypatch.setenv("PRACA_TRAIN_WAIT_S", "0")  # nobody works on the training
    monkeypatch.setenv("PRACA_ML_FOLDS", "3")
    monkeypatch.setenv("PRACA_ML_TREES", "10")
    monkeypatch.setenv("PRACA_GATE_MAX_ECE", "1")  # of so few rows any model is off by chance
    # Otherwise all that is seen of the sign-ins is 429.
    monkeypatch.setenv("PRACA_SIGN_IN_FAILURES_PER_ADDRESS", "1000000")
    monkeypatch.setenv("PRACA_SIGN_UPS_PER_ADDRESS", "1000000")
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        # Far from the ids that a generator tries, so that no caller loses its own account.
        connection.execute("ALTER SEQUENCE identity.accounts_id_seq RESTART WITH 8123456789")
    chosen = Settings.load()
    add_books(city_dsn, 30)
    asyncio.run(prepare(chosen, city_dsn, tmp_path))
    yield create_app(chosen)
    asgi.shutdown_lifespans()


def fuzz(app: FastAPI, role: str, headers: dict[str, str]) -> tuple[list[str], Counter[str]]:
    """Return what went wrong, and how often each operation was called."""
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=configuration(app, role, headers)
    )
    failures: list[str] = []
    calls: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            failures.append(f"{event.label}: {event.info.format()}")
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            calls[event.recorder.label] += len(event.recorder.interactions)
            failures += list(told(event.recorder))
    return sorted(set(failures)), calls


def told(recorder: Any) -> Iterator[str]:
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                yield (
                    f"{recorder.label} [{check.name}] {failure.title}: {failure.message}"
                    f"\n    {check.failure_info.code_sample}"
                )


def test_nothing_surprises_any_caller(app: FastAPI) -> None:
    wrong: list[str] = []
    calls: Counter[str] = Counter()
    with asgi.get_client(cast("Any", app)) as client:
        callers: dict[str, dict[str, str]] = {"anonymous": {}} | {
            role: sign_in(client, role) for role in CALLERS if role != "anonymous"
        }
        for role, headers in callers.items():
            failures, made = fuzz(app, role, headers)
            wrong += [f"{role}: {failure}" for failure in failures]
            calls += made
            if headers:  # else its later calls were all refused
                me = client.get("/api/v1/usuarios/logado", headers=headers)
                assert me.json()["perfil"] == role
    assert not wrong, "\n".join(wrong)
    assert sum(calls.values()) > 1000
    operations = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert operations - set(calls) == {
        "GET /api/v1/tasks/{task_id}/events",  # it never ends
        "DELETE /api/v1/users/me",
    }
