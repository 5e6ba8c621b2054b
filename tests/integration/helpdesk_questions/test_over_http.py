"""Questions as clients of system 5 know them, and the answers as they are heard."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
import uvicorn
from tests.integration.helpdesk_questions.conftest import Pipeline
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from praca.entrypoints.cli.sockets import SOCKET_OPTIONS
from praca.helpdesk.questions import following
from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL
from praca.helpdesk.questions.ports import Question
from praca.helpdesk.questions.replacing import replace_answer
from praca.identity.tokens import SubjectCache
from praca.platform.resources import Resources

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Json = dict[str, Any]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def open_session(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/v1/auth/login", json={"name": "Maria"})
    assert answer.status_code == 200
    return str(answer.json()["token"])


async def ask(client: httpx.AsyncClient, token: str, text: str, **headers: str) -> Json:
    answer = await client.post(
        "/api/v1/questions", json={"question": text}, headers={**bearer(token), **headers}
    )
    assert answer.status_code == 200, answer.text
    record: Json = answer.json()
    return record


@pytest_asyncio.fixture
async def port(client: httpx.AsyncClient) -> AsyncIterator[int]:
    """Serve the application of ``client`` as ``praca api`` does."""
    app = client.app  # type: ignore[attr-defined]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, lifespan="off", log_config=None, **SOCKET_OPTIONS
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110  # the server tells no event
            await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        app.state.streams.end()
        await app.state.notices.close()
        server.should_exit = True
        async with asyncio.timeout(60):
            await serving


class Events:
    """Server-sent events of a session, as a client reads them."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> tuple[str, Json]:
        """Return the id and the data of the next event."""
        event: dict[str, str] = {}
        async with asyncio.timeout(20):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = value
                elif "data" in event:
                    assert event["event"] == "question"
                    return event["id"], json.loads(event["data"])
        raise EOFError


async def test_a_client_of_system_five_gets_its_answer(
    client: httpx.AsyncClient, pipeline: Pipeline
) -> None:
    token = await open_session(client)
    asked = await ask(client, token, "Onde renovo o cartão?")
    assert asked["status"] == "pendente"
    assert asked["answer"] is None
    assert asked["session_id"] == token
    assert asked["created_at"] == asked["updated_at"]
    assert "+" not in asked["created_at"]
    assert not asked["created_at"].endswith("Z")
    async with pipeline.consuming():
        await pipeline.settled(UUID(asked["id"]))
    (listed,) = (await client.get(f"/api/v1/questions/{token}")).json()
    assert listed["status"] == "respondida"
    assert listed["answer"] == "Eco: Onde renovo o cartão?"
    assert listed["details"]["engine"] == "extrativo"
    assert (listed["id"], listed["question"]) == (asked["id"], asked["question"])


async def test_the_list_shows_ten_newest_first_and_nothing_of_strangers(
    client: httpx.AsyncClient,
) -> None:
    token = await open_session(client)
    asked = [(await ask(client, token, f"{number}?"))["id"] for number in range(12)]
    # Some clients send the id here, too.
    answer = await client.get(f"/api/v1/questions/{token}", headers=bearer(token))
    assert [one["id"] for one in answer.json()] == asked[:1:-1]
    for stranger in (str(uuid4()), "nada", "a" * 150):
        answer = await client.get(f"/api/v1/questions/{stranger}")
        assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Token não fornecido"),
        ("Basic abc", "Formato do token inválido"),
        ("Bearer", "Formato do token inválido"),
        ("Bearer a b", "Formato do token inválido"),
        ("Bearer 8f0c9c3e-6a5b-4a56-9a2c-2b1d7f3e4a5b", "Token inválido ou expirado"),
        ("Bearer abc.def.ghi", "Token inválido ou expirado"),
    ],
)
async def test_tokens_are_refused_in_system_five_s_words(
    client: httpx.AsyncClient, header: str | None, detail: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await client.post("/api/v1/questions", json={"question": "Quem?"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["detail"] == detail


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"question": ""}',
        b'{"question": "  "}',
        b'{"question": 7}',
        b'{"question": "a\\u0000b"}',
        b'{"question": "a\\ud800b"}',
        json.dumps({"question": "x" * 2001}).encode(),
    ],
)
async def test_what_is_no_question_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {**bearer(await open_session(client)), "Content-Type": "application/json"}
    answer = await client.post("/api/v1/questions", content=body, headers=headers)
    assert answer.status_code == 422


async def test_an_account_asks_in_its_own_session(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    ana, bia = await make_account("ana"), await make_account("bia")
    sent: dict[str, Any] = {"json": {"question": "E eu?"}, "headers": ana["headers"]}
    first, second = [(await client.post("/api/v1/questions", **sent)).json() for _ in range(2)]
    assert first["session_id"] == second["session_id"]
    path = f"/api/v1/questions/{first['session_id']}"
    own = await client.get(path, headers=ana["headers"])
    assert [one["id"] for one in own.json()] == [second["id"], first["id"]]
    for headers in ({}, bia["headers"], bearer(first["session_id"])):
        for end in ("", "/events"):
            answer = await client.get(path + end, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (
                404,
                "question_session_not_found",
            )
    # Its id is no token.
    answer = await client.post(
        "/api/v1/questions", json={"question": "?"}, headers=bearer(first["session_id"])
    )
    assert answer.status_code == 401


async def test_a_request_sent_again_asks_once(client: httpx.AsyncClient) -> None:
    token = await open_session(client)
    headers = {**bearer(token), "Idempotency-Key": "uma-vez"}
    sent: dict[str, Any] = {"json": {"question": "De novo?"}, "headers": headers}
    answers = await asyncio.gather(*(client.post("/api/v1/questions", **sent) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [a.headers.get("Idempotency-Replayed") for a in answers].count("true") == 3
    other = await client.post("/api/v1/questions", json={"question": "Outra?"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await client.get(f"/api/v1/questions/{token}")).json()) == 1


async def test_who_asks_too_much_is_told_when_to_try_again(client: httpx.AsyncClient) -> None:
    token = await open_session(client)
    for number in range(20):
        await ask(client, token, f"{number}?")
    answer = await client.post(
        "/api/v1/questions", json={"question": "Mais?"}, headers=bearer(token)
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_waiting_questions")
    assert int(answer.headers["Retry-After"]) > 0


async def test_an_address_opens_so_many_sessions_in_an_hour(client: httpx.AsyncClient) -> None:
    await asyncio.gather(*(open_session(client) for _ in range(60)))
    answer = await client.post("/api/v1/auth/login", json={"name": "Maria"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_question_sessions")
    assert int(answer.headers["Retry-After"]) > 0


async def test_events_tell_every_answer_once(
    client: httpx.AsyncClient, pipeline: Pipeline, port: int
) -> None:
    token = await open_session(client)
    base = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    before = await ask(client, token, "antes?")
    async with pipeline.consuming(), httpx.AsyncClient(timeout=20) as http:
        await pipeline.settled(UUID(before["id"]))
        async with http.stream("GET", base) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            events = Events(stream.aiter_lines())
            assert (await events.next())[0] == before["id"]  # settled before anybody listened
            asked = [(await ask(client, token, f"{number}?"))["id"] for number in range(5)]
            heard = [await events.next() for _ in asked]
            assert [key for key, _ in heard] == asked
            assert {data["status"] for _, data in heard} == {"respondida"}
        async with http.stream("GET", base, headers={"Last-Event-ID": asked[2]}) as stream:
            events = Events(stream.aiter_lines())
            assert [(await events.next())[0] for _ in range(2)] == asked[3:]


async def test_an_operator_s_answer_is_a_new_event(
    client: httpx.AsyncClient, pipeline: Pipeline, resources: Resources, port: int
) -> None:
    token = await open_session(client)
    question_id = (await ask(client, token, "quem sabe"))["id"]
    url = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    async with (
        pipeline.consuming(),
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", url) as stream,
    ):
        events = Events(stream.aiter_lines())
        assert (await events.next())[1]["details"]["engine"] == "extrativo"
        async with resources.databases.city.write() as session:
            await replace_answer(session, UUID(question_id), "Eu sei.", 7)
        key, data = await events.next()
    assert key == question_id
    assert (data["answer"], data["status"]) == ("Eu sei.", "respondida")
    assert data["details"]["engine"] == "pessoa"


async def test_events_go_on_when_the_listening_connection_is_lost(
    client: httpx.AsyncClient, pipeline: Pipeline, port: int
) -> None:
    token = await open_session(client)
    url = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    first = (await ask(client, token, "primeira?"))["id"]
    async with (
        pipeline.consuming(),
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", url) as stream,
    ):
        events = Events(stream.aiter_lines())
        assert (await events.next())[0] == first
        with psycopg.connect(pipeline.resources.databases.city.dsn) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        second = (await ask(client, token, "segunda?"))["id"]
        assert (await events.next())[0] == second


async def test_events_go_on_when_the_database_was_away(
    client: httpx.AsyncClient, pipeline: Pipeline, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await open_session(client)
    url = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    first = (await ask(client, token, "primeira?"))["id"]
    fetch, away = following.Following._fetch, [1, 2]

    async def fetch_or_fail(self: following.Following, *wanted: Any) -> list[Question]:
        if away:
            away.pop()
            raise psycopg.errors.AdminShutdown
        return await fetch(self, *wanted)

    monkeypatch.setattr(following, "_RETRY_S", 0.01)
    async with (
        pipeline.consuming(),
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", url) as stream,
    ):
        events = Events(stream.aiter_lines())
        assert (await events.next())[0] == first
        monkeypatch.setattr(following.Following, "_fetch", fetch_or_fail)
        second = (await ask(client, token, "segunda?"))["id"]
        assert (await events.next())[0] == second
    assert away == []


async def test_events_go_on_whatever_is_said_on_their_channel(
    client: httpx.AsyncClient, pipeline: Pipeline, port: int
) -> None:
    token = await open_session(client)
    url = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    first = (await ask(client, token, "primeira?"))["id"]
    async with (
        pipeline.consuming(),
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", url) as stream,
    ):
        events = Events(stream.aiter_lines())
        assert (await events.next())[0] == first
        with psycopg.connect(pipeline.resources.databases.city.dsn) as other:
            for said in ("", "nada", f"{token} nada", f"{token}", "a b c"):
                other.execute("SELECT pg_notify(%s, %s)", [NOTICES_CHANNEL, said])
        second = (await ask(client, token, "segunda?"))["id"]
        assert (await events.next())[0] == second


async def test_who_may_no_longer_read_is_let_go(
    client: httpx.AsyncClient,
    pipeline: Pipeline,
    make_account: MakeAccount,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "_CHECKED_EVERY_S", 0)
    ana = await make_account("ana")
    sent: dict[str, Any] = {"json": {"question": "minha?"}, "headers": ana["headers"]}
    first = (await client.post("/api/v1/questions", **sent)).json()
    path = f"127.0.0.1:{port}/api/v1/questions/{first['session_id']}"
    headers = ana["headers"]
    async with (
        pipeline.consuming(),
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", f"http://{path}/events", headers=headers) as stream,
        connect(f"ws://{path}/ws", proxy=None, additional_headers=headers) as socket,
    ):
        events = Events(stream.aiter_lines())
        assert (await events.next())[0] == first["id"]
        assert json.loads(await asyncio.wait_for(socket.recv(), 20))["id"] == first["id"]
        # All her sessions are ended, as by a new password.
        async with pipeline.resources.databases.identity.transaction() as connection:
            change = b"UPDATE identity.accounts SET token_version = token_version + 1 WHERE id = %s"
            await connection.execute(change, [ana["id"]])
        client.app.state.identity._cache = SubjectCache()  # type: ignore[attr-defined]  # time goes by
        await pipeline.ask("e agora?", UUID(first["session_id"]))
        with pytest.raises(EOFError):
            await events.next()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 20)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_session_has_so_many_listeners(client: httpx.AsyncClient, port: int) -> None:
    token = await open_session(client)
    url = f"http://127.0.0.1:{port}/api/v1/questions/{token}/events"
    async with httpx.AsyncClient(timeout=20) as http:
        open_streams = [http.stream("GET", url) for _ in range(5)]
        for stream in open_streams:
            assert (await stream.__aenter__()).status_code == 200
        refused = await http.get(url)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_listeners")
        for stream in open_streams:
            await stream.__aexit__(None, None, None)
        async with asyncio.timeout(10):
            while True:  # the server notices by and by that they are gone
                async with http.stream("GET", url) as again:
                    if again.status_code == 200:
                        break
                await asyncio.sleep(0.05)


async def test_sockets_send_the_same_records(
    client: httpx.AsyncClient, pipeline: Pipeline, make_account: MakeAccount, port: int
) -> None:
    token = await open_session(client)
    base = f"ws://127.0.0.1:{port}/api/v1/questions"
    async with pipeline.consuming():
        async with connect(f"{base}/{token}/ws", proxy=None) as socket:
            asked = await ask(client, token, "por socket?")
            async with asyncio.timeout(20):
                heard = json.loads(await socket.recv())
        assert heard["id"] == asked["id"]
        assert heard["answer"] == "Eco: por socket?"

        ana, bia = await make_account("ana"), await make_account("bia")
        own = (
            await client.post(
                "/api/v1/questions", json={"question": "minha?"}, headers=ana["headers"]
            )
        ).json()
        path = f"{base}/{own['session_id']}/ws"
        async with connect(path, proxy=None, additional_headers=ana["headers"]) as socket:
            async with asyncio.timeout(20):
                assert json.loads(await socket.recv())["id"] == own["id"]
        async with connect(path, proxy=None) as socket:
            await socket.send(json.dumps({"token": ana["headers"]["Authorization"][7:]}))
            async with asyncio.timeout(20):
                assert json.loads(await socket.recv())["id"] == own["id"]
    others = json.dumps({"token": bia["headers"]["Authorization"][7:]})
    for said, code in ((others, 4404), ("{}", 4401), ("nada", 4401), ('{"token": 7}', 4401)):
        async with connect(path, proxy=None) as socket:
            await socket.send(said)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
    for stranger in (f"{base}/{uuid4()}/ws", f"{base}/nada/ws"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(stranger, proxy=None)
        assert refused.value.response.status_code == 404
