"""An application with settings of the test's own, and a real server for what needs a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

API = "/api/v1"
TIMEOUT_S = 120

AppWith = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
PutFile = Callable[[str, Any], None]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def app_with(city_dsn: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AppWith:
    """Return what opens a client of an application with further ``PRACA_*`` variables."""
    assert settings.data_dir.exists()

    @asynccontextmanager
    async def opened(
        *, extend: Callable[[FastAPI], object] | None = None, **variables: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        for name, value in variables.items():
            monkeypatch.setenv(f"PRACA_{name.upper()}", value)
        own = Settings.load()
        resources = open_resources(own, city_dsn, TASK_KINDS)
        app = create_app(own, resources)
        if extend is not None:
            extend(app)
        # Nothing that an endpoint raises may come through: a client would see a closed connection.
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client
        await resources.close()

    return opened


@pytest_asyncio.fixture
async def live(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The application of ``client`` behind a real server on a free loopback port."""
    app = client.app  # type: ignore[attr-defined]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, lifespan="off", ws="none", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    async with asyncio.timeout(TIMEOUT_S):
        while not server.started:  # noqa: ASYNC110  # the server tells no event
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}{API}", timeout=TIMEOUT_S
    ) as opened:
        yield opened
    server.should_exit = True
    async with asyncio.timeout(TIMEOUT_S):
        await serving


@pytest.fixture
async def staff(make_account: MakeAccount) -> dict[str, str]:
    return dict((await make_account("recrutadora", role="recrutador"))["headers"])


@pytest.fixture
def put_file(resources: Resources) -> PutFile:
    """Return what stores a file: bytes as they are, anything else as JSON."""

    def put(key: str, content: Any) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        resources.objects.write(key, raw)

    return put


@pytest.fixture
def work(resources: Resources) -> Callable[[], Awaitable[None]]:
    """Return what runs every task that is queued."""

    async def until_empty() -> None:
        async with asyncio.timeout(TIMEOUT_S):
            await Worker(resources).run(until_empty=True)

    return until_empty
