"""The same over HTTP: ``praca api`` takes the questions, ``praca worker`` answers them."""

import asyncio
import os
import sys
import time
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
from benchmarks.http_load.servers import free_port, praca, running, wait
from benchmarks.questions.throughput import Rate, questions_of

from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.knowledge.lines import write_line
from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL

__all__ = ["over_http"]

_CLIENTS = 16
_PER_SESSION = 5


def over_http(url: str, folder: str, count: int) -> Rate:
    """Ask by HTTP and wait for the last notice; API, worker and PostgreSQL are on this core.

    The client has another core, if there is one.
    """
    cores = sorted(range(os.cpu_count() or 1))
    ours = min(os.sched_getaffinity(0))
    port = free_port()
    environment = {**os.environ, "PRACA_DATA_DIR": folder, "PRACA_DATABASE_URL": url}
    articles = Path(folder) / "articles.jsonl"
    articles.write_bytes(b"".join(map(write_line, sample_articles())))
    praca(environment, "knowledge", "import", str(articles))
    sessions = _open_sessions(url, -(-count // _PER_SESSION))
    with ExitStack() as servers:
        for part in (["api", "--port", str(port)], ["worker"]):
            command = [sys.executable, "-m", "praca", *part]
            log = Path(folder) / f"{part[0]}.log"
            servers.enter_context(running(command, environment, ours, log))
        wait(f"http://127.0.0.1:{port}/api/v1/ready", Path(folder) / "api.log")
        time.sleep(3)  # the worker says nothing when it is ready
        os.sched_setaffinity(0, {next((core for core in cores if core != ours), ours)})
        rate = asyncio.run(_load(port, url, sessions, count))
        os.sched_setaffinity(0, {ours})
    return rate


def _open_sessions(url: str, count: int) -> list[UUID]:
    """Open sessions of which the network address is not counted."""
    sessions = [uuid4() for _ in range(count)]
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO helpdesk.sessions (id, name) SELECT *, 'Maria' FROM unnest(%s::uuid[])",
            [sessions],
        )
    return sessions


async def _load(port: int, url: str, sessions: list[UUID], count: int) -> Rate:
    texts = zip(cycle(sessions), questions_of(count), strict=False)
    address = f"http://127.0.0.1:{port}/api/v1/questions"

    async def client(http: httpx.AsyncClient) -> None:
        for session, text in texts:
            headers = {"Authorization": f"Bearer {session}"}
            answer = await http.post(address, json={"question": text}, headers=headers)
            answer.raise_for_status()

    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as ears,
        httpx.AsyncClient(timeout=60) as http,
    ):
        await ears.execute(f"LISTEN {NOTICES_CHANNEL}")
        began = time.perf_counter()
        asking = [asyncio.create_task(client(http)) for _ in range(_CLIENTS)]
        heard: set[str] = set()
        async for notice in ears.notifies():
            heard.update(notice.payload.splitlines())
            if len(heard) >= count:
                break
        seconds = time.perf_counter() - began
        await asyncio.gather(*asking)
    return Rate(count, seconds)
