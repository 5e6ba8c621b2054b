"""The application: everything is built here, nothing at import."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.cors import CORSMiddleware

from praca.entrypoints.api import admin, docs_page, health, metrics, models, monitoring, tasks
from praca.entrypoints.api.openapi import PracaApi, operation_id
from praca.entrypoints.kinds import TASK_KINDS
from praca.entrypoints.metrics import keeping_figures
from praca.entrypoints.personal_data import open_personal_data
from praca.helpdesk.answering import open_responder
from praca.helpdesk.chatbot import Chatbot
from praca.helpdesk.endpoints import chatbot
from praca.helpdesk.endpoints import routers as helpdesk
from praca.helpdesk.knowledge import CityKnowledge
from praca.helpdesk.questions.following import Following
from praca.helpdesk.questions.notices import open_hub
from praca.helpdesk.questions.room import open_questions
from praca.identity.endpoints import auth_router as auth
from praca.identity.endpoints import old_router as old_sign_in
from praca.identity.endpoints import router as identity
from praca.identity.people.endpoints import router as people
from praca.identity.personal_data.endpoints import router as personal_data
from praca.identity.recovery.endpoints import router as recovery
from praca.identity.service import IdentityService
from praca.identity.social import SocialService
from praca.identity.social.endpoints import router as social
from praca.jobs.endpoints import routers as jobs
from praca.jobs.hiring import open_serving
from praca.jobs.hiring.endpoints import router as hiring
from praca.jobs.matching import Matcher
from praca.jobs.matching.drift.endpoints import router as drift
from praca.jobs.matching.endpoints import router as matching
from praca.jobs.transfer.endpoints import router as transfer
from praca.library import Catalogue
from praca.library.endpoints import router as books
from praca.library.ml import FeatureRows, open_book_models
from praca.library.ml.endpoints import router as ml
from praca.library.scraper.endpoints import router as scraper
from praca.platform.journal import Journal
from praca.platform.logging import configure_logging
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings, SettingsError
from praca.platform.telemetry import traced
from praca.platform.web import (
    BodyLimitMiddleware,
    Draining,
    OpenStreams,
    RequestMiddleware,
    UnexpectedErrorMiddleware,
    install_error_handlers,
)
from praca.platform.web.routing import PREFIX
from praca.wallet import Cards, Statements
from praca.wallet.documents.room import open_documents
from praca.wallet.endpoints import routers as wallet
from praca.wallet.pix.service import open_pix

__all__ = ["create_app", "serve_from_environment"]

_EXPOSED = (
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "X-Praca-Model",
    "X-Request-Id",
    "X-Total-Count",
)
_FRAMEWORKS_OWN: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Off, whatever the environment says: it would send paths and the messages of errors."""
_DESCRIPTION = """One account, and around it the counters of a city: the job centre first.

Errors are `application/problem+json` (RFC 9457); their `detail` is a Portuguese sentence.
"""


def create_app(settings: Settings, resources: Resources | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: where to find everything.
        resources: those of the caller (tests); by default opened here and closed on shutdown.

    Raises:
        SettingsError: no database is given.
    """
    if resources is None:
        url = settings.database.database_url
        if url is None:
            raise SettingsError("PRACA_DATABASE_URL: `praca api` and `praca up` set it")
        resources = open_resources(settings, url.get_secret_value(), TASK_KINDS)
    app = PracaApi(
        title="Praça",
        version="1",
        description=_DESCRIPTION,
        lifespan=_lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        generate_unique_id_function=operation_id,
        telemetry=_FRAMEWORKS_OWN,
    )
    app.state.resources = resources
    app.state.streams = OpenStreams()
    app.state.draining = Draining()
    app.state.journal = Journal(settings, resources.databases.city)
    app.state.identity = IdentityService(settings, resources.databases)
    app.state.social = SocialService(resources, app.state.identity)
    app.state.personal_data = open_personal_data(resources)
    app.state.matcher = Matcher(resources)
    app.state.hiring = open_serving(resources)
    app.state.cards = Cards(settings, resources.databases.city)
    app.state.identity.listeners.append(app.state.cards.issue_first)
    app.state.statements = Statements(resources.databases.city)
    app.state.pix = open_pix(resources, app.state.cards)
    app.state.documents = open_documents(resources)
    app.state.chatbot = Chatbot(resources, app.state.cards, app.state.documents.documents)
    app.state.book_models = open_book_models(resources)
    app.state.book_features = FeatureRows(resources.databases.city)
    app.state.catalogue = Catalogue(
        resources.databases.city, fresh_s=settings.library.catalogue_fresh_s
    )
    app.state.responder = open_responder(settings, CityKnowledge(resources.databases.city))
    app.state.questions = open_questions(resources)
    app.state.notices = open_hub(resources)
    app.state.following = Following(resources.databases.city, app.state.notices)
    install_error_handlers(app)
    _mount(app)
    _wrap(app, settings)
    return app


def _mount(app: FastAPI) -> None:
    # One by one, the busiest first: FastAPI looks through routers within routers once per level.
    services = (tasks.router, models.router, health.router, monitoring.router, admin.router)
    library = (books, ml, scraper)
    old_model_server = (old_sign_in, hiring)
    # What names one's own data comes before what takes an account's id in the same place.
    old_wallet = (*wallet, chatbot, auth, personal_data, people, recovery, social)
    without_prefix = (*old_wallet, *old_model_server)
    for router in without_prefix:  # their clients know none
        app.include_router(router, include_in_schema=False)
    with_prefix = (*library, *helpdesk, *jobs, matching, transfer, identity, drift, *services)
    for router in (*with_prefix, *without_prefix):
        app.include_router(router, prefix=PREFIX)
    docs_page.install(app)
    metrics.install(app)

    async def running() -> dict[str, str]:
        return {"message": "API is running"}

    for path in ("/", PREFIX):
        app.add_api_route(path, running, include_in_schema=False)

    async def healthy() -> dict[str, str]:
        return {"status": "ok"}

    # The old wallet's, which says less than the one with the prefix.
    app.add_api_route("/health", healthy, include_in_schema=False)


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put the layers around the application, the innermost first."""
    app.add_middleware(UnexpectedErrorMiddleware)
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=settings.http.max_body_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.http.cors_origins),
        allow_methods=["*"],
        allow_headers=["*"],
        # Tokens travel in a header, so no origin ever needs to send cookies.
        allow_credentials=False,
        expose_headers=_EXPOSED,
    )
    app.add_middleware(
        RequestMiddleware,
        is_production=settings.is_production,
        journal=app.state.journal,
        streams=app.state.streams,
        origins=settings.http.cors_origins,
        draining=app.state.draining,
    )


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # In the process that serves, after it has been started: spans are sent by a thread of it.
    resources: Resources = app.state.resources
    async with (
        traced(resources.settings, "praca-api"),
        keeping_figures(resources, shared_as="api") as figures,
    ):
        metrics.use(app, figures)
        async with _running(app):
            yield


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    models_in_use = (app.state.matcher, app.state.hiring, app.state.book_models)
    watchers = [asyncio.create_task(model.watch()) for model in models_in_use]
    app.state.journal.start()
    await app.state.responder.start()
    try:
        if app.state.draining.is_managed:
            yield
        else:
            with app.state.streams.ended_by_signals():
                yield
    finally:
        await app.state.responder.stop()
        await app.state.notices.close()
        await app.state.journal.stop()
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        await app.state.resources.close()


def serve_from_environment() -> FastAPI:
    """Build the application from the environment: the factory each API process calls."""
    settings = Settings.load()
    configure_logging(settings.core.log_level)
    app = create_app(settings)
    # What lives as long as the process need not be looked through again and again for garbage.
    gc.collect()
    gc.freeze()
    return app
