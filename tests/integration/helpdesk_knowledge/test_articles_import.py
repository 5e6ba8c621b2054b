"""Articles from files and to files, by way of the database."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio

from praca.helpdesk.knowledge import CityKnowledge, importing
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.importing import IMPORT_ARTICLES, IMPORTS
from praca.helpdesk.knowledge.sample import sample_drafts, write_sample
from praca.platform.models import TaskRun
from praca.platform.resources import Resources
from praca.platform.tasks import TaskCancelledError, TaskContext, Worker

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

IMPORT = "/api/v1/knowledge/import"
EXPORT = "/api/v1/knowledge/export"
REAL = Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[4] / "shared/data"))


@pytest_asyncio.fixture
async def operator(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("operadora", role="operador")


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records)


async def imported(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any], content: bytes
) -> dict[str, Any]:
    started = await client.post(IMPORT, content=content, headers=operator["headers"])
    assert started.status_code == 202, started.text
    await Worker(resources).run(until_empty=True)
    task = f"/api/v1/tasks/{started.json()['task_id']}"
    ended = (await client.get(task, headers=operator["headers"])).json()
    assert ended["status"] == "succeeded", ended
    result: dict[str, Any] = ended["result"]
    return result


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_a_file_is_imported_with_a_report_and_once_more_without_effect(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any], city_dsn: str
) -> None:
    await imported(client, resources, operator, lines({"key": "a", "title": "Antigo"}))
    content = (
        lines({"key": "a", "title": "Novo título", "dono": "planilha"})
        + b"{quebrada\n\n"
        + lines(
            {"id": 9, "titulo": "Bica", "category": "{'macro': 'Cidade'}", "extra": [1]},
            {"key": "a", "title": "repetida"},
            {"key": "b", "title": "B", "links": ["ftp://x.example"]},
        )
    )
    report = await imported(client, resources, operator, content)
    counts = {name: report[name] for name in ("new", "changed", "unchanged", "refused")}
    assert counts == {"new": 1, "changed": 1, "unchanged": 0, "refused": 3}
    assert [(one["line"], one["field"], one["key"]) for one in report["errors"]] == [
        (2, "", None),
        (5, "key", "a"),
        (6, "links", "b"),
    ]
    revision = await CityKnowledge(resources.databases.city).revision()
    again = await imported(client, resources, operator, content)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert await CityKnowledge(resources.databases.city).revision() == revision
    versions = rows(
        city_dsn,
        "SELECT v.version, v.action, v.actor_id FROM helpdesk.article_versions v"
        " JOIN helpdesk.articles a ON a.id = v.article_id WHERE a.key = 'a' ORDER BY 1",
    )
    assert versions == [(1, "criado", operator["id"]), (2, "alterado", operator["id"])]
    noted = rows(
        city_dsn,
        "SELECT action, actor_id FROM platform.audit_log WHERE action LIKE 'helpdesk.%'"
        " AND resource_id IN (SELECT id::text FROM platform.task_runs) ORDER BY id",
    )
    started, done = "helpdesk.articles_import_started", "helpdesk.articles_imported"
    actions = [started, done, started, done, started]  # the last one changed nothing
    assert noted == [(action, operator["id"]) for action in actions]


async def test_what_is_imported_is_exported_as_it_was(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any]
) -> None:
    file = REAL / "rio-services/services.jsonl"
    if not file.is_file():
        pytest.skip(f"no real services at {file}")
    content = file.read_bytes()
    report = await imported(client, resources, operator, content)
    assert (report["new"], report["refused"]) == (200, 0)
    exported = await client.get(EXPORT, headers=operator["headers"])
    assert exported.headers["Content-Type"] == "application/x-ndjson"
    assert exported.content == content
    assert (await imported(client, resources, operator, exported.content))["unchanged"] == 200


async def test_the_shipped_articles_come_back_whole(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any]
) -> None:
    content = b"".join(write_sample())
    await imported(client, resources, operator, content)
    exported = await client.get(EXPORT, headers=operator["headers"])
    assert exported.content == content
    known = await CityKnowledge(resources.databases.city).load()
    assert [ArticleDraft.of(one) for one in known.articles] == list(sample_drafts())


class Stopping(TaskContext):
    """Is cancelled when it tells for the second time how far it is."""

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        if self.done:
            self.cancelled.set()
        TaskContext.progress(self, done, total, message)


async def test_an_import_that_stops_half_way_leaves_nothing(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 2)
    key = f"{IMPORTS}/{uuid4()}.jsonl"
    content = lines(*({"key": str(n), "title": f"Artigo {n}"} for n in range(6)))
    resources.objects.write(key, content)
    context = Stopping(uuid4(), resources)
    with pytest.raises(TaskCancelledError):
        await IMPORT_ARTICLES.run(context, {"key": key})
    for table in ("articles", "article_versions", "knowledge"):
        assert rows(city_dsn, f"SELECT * FROM helpdesk.{table}") == []
    report = await IMPORT_ARTICLES.run(TaskContext(uuid4(), resources), {"key": key})
    assert report is not None
    assert report["new"] == 6


async def test_a_worker_that_died_after_the_commit_is_followed_by_one_that_changes_nothing(
    resources: Resources, city_dsn: str
) -> None:
    key = f"{IMPORTS}/{uuid4()}.jsonl"
    resources.objects.write(key, lines({"key": "a", "title": "A"}))
    context = TaskContext(uuid4(), resources)
    await IMPORT_ARTICLES.run(context, {"key": key})
    report = await IMPORT_ARTICLES.run(context, {"key": key})
    assert report is not None
    assert (report["new"], report["unchanged"]) == (0, 1)
    assert rows(city_dsn, "SELECT revision FROM helpdesk.knowledge") == [(1,)]


async def test_files_of_imports_that_ended_are_removed_by_the_next(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any]
) -> None:
    for number in range(3):
        await imported(client, resources, operator, lines({"key": "a", "title": str(number)}))
    assert len(list(resources.objects.keys(IMPORTS))) == 1


async def test_files_that_no_import_knows_are_removed_once_they_are_old(
    client: httpx.AsyncClient,
    resources: Resources,
    operator: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orphan = f"{IMPORTS}/{uuid4()}.jsonl"
    resources.objects.write(orphan, b"{}")
    await imported(client, resources, operator, lines({"key": "a", "title": "A"}))
    assert orphan in resources.objects.keys(IMPORTS)  # its task may be told of in a moment
    monkeypatch.setattr(importing, "_TOLD_WITHIN", timedelta(0))
    await imported(client, resources, operator, lines({"key": "a", "title": "B"}))
    assert orphan not in resources.objects.keys(IMPORTS)


_DYING = """
import asyncio, os, signal, sys
from uuid import uuid4
from praca.helpdesk.knowledge import importing
from praca.platform.resources import open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext

class Dying(TaskContext):
    def progress(self, done, total=None, message=None):
        if self.done:
            os.kill(os.getpid(), signal.SIGKILL)
        TaskContext.progress(self, done, total, message)

importing._BATCH = 2
resources = open_resources(Settings.load(), sys.argv[1], ())
asyncio.run(importing.IMPORT_ARTICLES.run(Dying(uuid4(), resources), {"key": sys.argv[2]}))
"""


async def test_a_process_killed_in_an_import_leaves_nothing_and_holds_up_nobody(
    resources: Resources, city_dsn: str
) -> None:
    key = f"{IMPORTS}/{uuid4()}.jsonl"
    resources.objects.write(key, lines(*({"key": str(n), "title": "A"} for n in range(6))))
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", _DYING, city_dsn, key)
    assert await died.wait() == -signal.SIGKILL
    for table in ("articles", "article_versions", "knowledge"):
        assert rows(city_dsn, f"SELECT * FROM helpdesk.{table}") == []
    async with asyncio.timeout(10):  # the lock went with it
        report = await IMPORT_ARTICLES.run(TaskContext(uuid4(), resources), {"key": key})
    assert report is not None
    assert report["new"] == 6


async def test_one_import_at_a_time_and_nothing_of_the_other_is_kept(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any]
) -> None:
    content = lines({"key": "a", "title": "A"})
    first = await client.post(IMPORT, content=content, headers=operator["headers"])
    second = await client.post(IMPORT, content=content, headers=operator["headers"])
    assert (second.status_code, second.json()["task_id"]) == (409, first.json()["task_id"])
    assert len(list(resources.objects.keys(IMPORTS))) == 1
    async with resources.databases.city.read() as session:
        run = await session.get(TaskRun, UUID(first.json()["task_id"]))
    assert run is not None
    assert run.owner_id == operator["id"]


async def test_nothing_is_no_file(
    client: httpx.AsyncClient, operator: dict[str, Any], resources: Resources
) -> None:
    for content in (b"", b" \n\t\r\n"):
        answer = await client.post(IMPORT, content=content, headers=operator["headers"])
        assert (answer.status_code, answer.json()["code"]) == (422, "articles_file_empty")
    assert list(resources.objects.keys(IMPORTS)) == []


async def test_a_body_beyond_the_limit_is_refused_while_it_comes(
    client: httpx.AsyncClient, operator: dict[str, Any], resources: Resources
) -> None:
    async def pieces() -> Any:
        for _ in range(11):
            yield b" " * 1024 * 1024

    answer = await client.post(IMPORT, content=pieces(), headers=operator["headers"])
    assert answer.status_code == 413
    assert list(resources.objects.keys(IMPORTS)) == []


async def test_the_revision_changes_with_articles_and_with_the_day_when_it_must(
    client: httpx.AsyncClient, resources: Resources, operator: dict[str, Any]
) -> None:
    day = [date(2026, 5, 31)]
    source = CityKnowledge(resources.databases.city, today=lambda: day[0])
    assert (await source.load()).articles == ()
    seen = [await source.revision()]
    assert seen == [(await source.load()).revision]
    await imported(
        client,
        resources,
        operator,
        lines(
            {"key": "a", "title": "Sempre"},
            {"key": "b", "title": "Até maio", "valid_until": "2026-05-31"},
            {"key": "c", "title": "Desde junho", "valid_from": "2026-06-01"},
        ),
    )
    known = await source.load()
    assert [one.key for one in known.articles] == ["a", "b"]
    assert known.articles[1].valid_until == date(2026, 5, 31)
    seen.append(known.revision)
    day[0] = date(2026, 6, 1)
    known = await source.load()
    assert [one.key for one in known.articles] == ["a", "c"]
    seen.append(known.revision)
    assert len(set(seen)) == 3
    day[0] = date(2026, 6, 2)
    assert await source.revision() == known.revision
    removed = f"/api/v1/knowledge/articles/{known.articles[0].id}"
    assert (await client.delete(removed, headers=operator["headers"])).status_code == 204
    assert await source.revision() not in seen
    assert [one.key for one in (await source.load()).articles] == ["c"]
