"""Tasks over HTTP: see, follow, cancel; the events over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from praca.platform.models import TaskRun
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind, Worker

TIMEOUT_S = 120

Live = httpx.AsyncClient
Headers = dict[str, str]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Work = Callable[[], Awaitable[None]]
PutFile = Callable[[str, Any], None]


async def export(live: Live, headers: Headers, kind: str = "vagas") -> str:
    """Queue a small task of the caller's own."""
    path = {"vagas": "/vagas/export-vagas", "prospects": "/prospects/export-prospects"}[kind]
    answer = await live.post(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["task_id"])


async def change(resources: Resources, task_id: str, **values: Any) -> None:
    async with resources.databases.city.write() as session:
        await session.execute(update(TaskRun).where(TaskRun.id == UUID(task_id)).values(**values))


async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield name and data of each event."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def all_events(live: Live, task_id: str, headers: Headers) -> list[tuple[str, Any]]:
    async with (
        asyncio.timeout(TIMEOUT_S),
        live.stream("GET", f"/tasks/{task_id}/events", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        return [event async for event in events(answer)]


async def test_a_task_is_seen_from_the_queue_to_its_result(
    live: Live, staff: Headers, work: Work
) -> None:
    task_id = await export(live, staff)
    queued = (await live.get(f"/tasks/{task_id}", headers=staff)).json()
    assert queued["id"] == task_id
    assert (queued["kind"], queued["status"]) == ("jobs.export_vagas", "queued")
    assert queued["progress"] == {"done": 0, "total": None, "message": ""}
    assert (queued["attempt"], queued["result"], queued["error"]) == (0, None, None)
    assert queued["started_at"] is queued["finished_at"] is None
    await work()
    done = (await live.get(f"/tasks/{task_id}", headers=staff)).json()
    assert (done["status"], done["attempt"]) == ("succeeded", 1)
    assert done["result"]["records"] == 0
    assert queued["created_at"] <= done["started_at"] <= done["finished_at"]


async def test_everybody_sees_his_own_and_operators_see_all(
    live: Live, staff: Headers, make_account: MakeAccount
) -> None:
    other = (await make_account("outra", role="recrutador"))["headers"]
    operator = (await make_account("operadora", role="operador"))["headers"]
    mine, others = await export(live, staff), await export(live, other, "prospects")
    for headers, seen in ((staff, {mine}), (other, {others}), (operator, {mine, others})):
        page = (await live.get("/tasks", headers=headers)).json()
        assert {task["id"] for task in page["data"]} == seen
        assert page["total"] == len(seen)
        for task_id in (mine, others):
            expected = 200 if task_id in seen else 404
            answer = await live.get(f"/tasks/{task_id}", headers=headers)
            assert answer.status_code == expected
    page = (await live.get("/tasks", params={"limit": 1, "offset": 1}, headers=operator)).json()
    assert [task["id"] for task in page["data"]] == [mine]
    page = (await live.get("/tasks", params={"kind": "jobs.export_vagas"}, headers=operator)).json()
    assert [task["id"] for task in page["data"]] == [mine]
    page = (await live.get("/tasks", params={"status": "running"}, headers=operator)).json()
    assert (page["total"], page["data"]) == (0, [])


@pytest.mark.parametrize(
    "wrong", ["limit=0", "limit=1001", "offset=-1", "status=gone", "kind=%00", "kind=%FF"]
)
async def test_a_page_has_bounds(live: Live, staff: Headers, wrong: str) -> None:
    assert (await live.get(f"/tasks?{wrong}", headers=staff)).status_code == 422


@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("POST", "/cancel"), ("GET", "/events")]
)
async def test_a_task_of_nobody_or_of_somebody_else_is_unknown(
    live: Live, staff: Headers, make_account: MakeAccount, method: str, suffix: str
) -> None:
    task_id = await export(live, staff)
    other = (await make_account("outra", role="recrutador"))["headers"]
    for unknown, headers in ((task_id, other), (str(uuid4()), staff)):
        answer = await live.request(method, f"/tasks/{unknown}{suffix}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")
    assert (await live.request(method, f"/tasks/{task_id}{suffix}")).status_code == 401
    wrong = await live.request(method, f"/tasks/7{suffix}", headers=staff)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "validation_error")
    assert (await live.get(f"/tasks/{task_id}", headers=staff)).json()["status"] == "queued"


async def test_a_queued_task_is_cancelled_once(live: Live, staff: Headers, work: Work) -> None:
    task_id = await export(live, staff)
    first = await live.post(f"/tasks/{task_id}/cancel", headers=staff)
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    second = await live.post(f"/tasks/{task_id}/cancel", headers=staff)
    assert (second.status_code, second.json()["code"]) == (409, "task_finished")
    await export(live, staff)  # the kind is free again
    await work()
    assert (await live.get(f"/tasks/{task_id}", headers=staff)).json()["attempt"] == 0


async def test_the_events_of_a_finished_task_are_one(
    live: Live, staff: Headers, work: Work
) -> None:
    task_id = await export(live, staff)
    await work()
    told = await all_events(live, task_id, staff)
    assert told == [("end", (await live.get(f"/tasks/{task_id}", headers=staff)).json())]
    assert await all_events(live, task_id, staff) == told


async def test_events_tell_each_change_and_the_end_then_the_stream_closes(
    live: Live, staff: Headers, resources: Resources
) -> None:
    task_id = await export(live, staff)
    states: list[tuple[str, str, int]] = []
    async with (
        asyncio.timeout(TIMEOUT_S),
        live.stream("GET", f"/tasks/{task_id}/events", headers=staff) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        next_changes = iter(
            [
                {"status": "running", "progress_done": 1, "progress_total": 3},
                {"progress_done": 2, "message": "dois"},
                {"status": "succeeded", "progress_done": 3, "result": {"records": 3}},
            ]
        )
        async for name, data in events(answer):
            states.append((name, data["status"], data["progress"]["done"]))
            if values := next(next_changes, None):
                await change(resources, task_id, **values)
    assert states == [
        ("progress", "queued", 0),
        ("progress", "running", 1),
        ("progress", "running", 2),
        ("end", "succeeded", 3),
    ]


async def test_who_was_cut_off_reconnects_to_the_state_of_now(
    live: Live, staff: Headers, resources: Resources
) -> None:
    task_id = await export(live, staff)
    url = f"/tasks/{task_id}/events"
    for done in (0, 5):
        await change(resources, task_id, progress_done=done)
        async with asyncio.timeout(TIMEOUT_S), live.stream("GET", url, headers=staff) as answer:
            name, data = await anext(events(answer))
        assert (name, data["progress"]["done"]) == ("progress", done)
    # Those who left hold nothing: all connections are back in the pool.
    async with asyncio.timeout(TIMEOUT_S):
        pool: Any = resources.databases.city.engine.pool
        while pool.checkedout():  # noqa: ASYNC110  # the pool tells no event
            await asyncio.sleep(0.01)
    await change(resources, task_id, status="failed", error="Não deu.")
    ((name, data),) = await all_events(live, task_id, staff)
    assert (name, data["status"], data["error"]) == ("end", "failed", "Não deu.")


async def test_many_followers_need_no_connection_each(
    live: Live, staff: Headers, resources: Resources
) -> None:
    task_id = await export(live, staff)
    followers = [asyncio.create_task(all_events(live, task_id, staff)) for _ in range(40)]
    answer = await live.get("/vagas/list")
    assert answer.status_code == 200
    await change(resources, task_id, status="cancelled")
    for told in await asyncio.gather(*followers):
        assert told[-1][0] == "end"


async def test_a_running_task_is_followed_and_cancelled_at_its_next_step(
    live: Live, staff: Headers, resources: Resources
) -> None:
    async def endless(context: TaskContext, _args: dict[str, Any]) -> None:
        done = 0
        while True:
            done += 1
            context.progress(done, 1000, "andando")
            await asyncio.sleep(0.01)

    kinds = {**resources.tasks.kinds, "jobs.export_vagas": TaskKind("jobs.export_vagas", endless)}
    resources.tasks.kinds = kinds
    task_id = await export(live, staff)
    working = asyncio.create_task(Worker(resources).run(until_empty=True))
    names: list[str] = []
    async with (
        asyncio.timeout(TIMEOUT_S),
        live.stream("GET", f"/tasks/{task_id}/events", headers=staff) as answer,
    ):
        async for name, data in events(answer):
            names.append(name)
            if data["progress"]["done"] > 0 and data["status"] == "running":
                cancelled = await live.post(f"/tasks/{task_id}/cancel", headers=staff)
                assert cancelled.status_code in {200, 409}
    assert data["status"] == "cancelled"
    assert names[-1] == "end"
    assert set(names[:-1]) == {"progress"}
    async with asyncio.timeout(TIMEOUT_S):
        await working


async def test_an_import_tells_how_far_it_is(
    live: Live, staff: Headers, put_file: PutFile, work: Work
) -> None:
    record = {"informacoes_basicas": {"titulo_vaga": "x" * 100_000}}
    put_file("raw/vagas.json", {str(code): record for code in range(1, 41)})
    answer = await live.post("/vagas/update-tables", json={"file_key": "vagas"}, headers=staff)
    following = asyncio.create_task(all_events(live, answer.json()["task_id"], staff))
    await work()
    name, last = (await following)[-1]
    assert (name, last["status"], last["result"]["inserted"]) == ("end", "succeeded", 40)
    progress = last["progress"]
    assert progress["message"] == "40 registros lidos"
    assert 0.99 < progress["done"] / progress["total"] <= 1
