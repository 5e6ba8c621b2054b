"""Requests that cannot be served: each is told in Portuguese what is wrong, and changes nothing."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

API = "/api/v1"
JSON = {"Content-Type": "application/json"}
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

_TABLES = (
    ("jobs", "candidates"),
    ("jobs", "vacancies"),
    ("jobs", "prospects"),
    ("jobs", "prospect_groups"),
    ("identity", "accounts"),
    ("identity", "refresh_tokens"),
    ("identity", "audit_log"),
    ("platform", "audit_log"),
    ("platform", "task_runs"),
)


def contents(dsn: str) -> list[Any]:
    """A digest of every row that a request could change."""
    with psycopg.connect(dsn) as connection:
        return [
            connection.execute(
                sql.SQL("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t")
                .format(sql.Identifier(*table))
            ).fetchone()
            for table in _TABLES
        ]  # fmt: skip


@pytest.fixture
async def admin(make_account: MakeAccount) -> dict[str, str]:
    account = await make_account("administradora", role="admin")
    return dict(account["headers"])


@pytest.fixture
async def unchanged(city_dsn: str, admin: dict[str, str]) -> AsyncIterator[None]:
    del admin  # is made before the count
    before = contents(city_dsn)
    yield
    assert contents(city_dsn) == before


def assert_refused(answer: httpx.Response, status: int, loc: list[Any]) -> None:
    sent = f"{answer.request.url} {answer.request.content[:60]!r}: {answer.text[:300]}"
    assert answer.status_code == status, sent
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].split()[0] in {"Dados", "O", "A", "Cursor"}
    assert loc in [item["loc"] for item in problem["errors"]], problem["errors"]
    assert all(item["msg"] != "Valor inválido." for item in problem["errors"])


BODIES = [
    ("POST", "prospects/add-candidate"),
    ("PUT", "prospects/update-candidate"),
    ("POST", "candidatos/create"),
    ("POST", "vagas/create"),
    ("POST", "vagas/update-tables"),
    ("POST", "usuarios/signup"),
    ("POST", "usuarios"),
    ("PUT", "usuarios/9000"),
    ("POST", "auth/login"),
    ("POST", "auth/refresh"),
    ("POST", "auth/logout"),
    ("POST", "inferencias/matchModel/predict"),
    ("POST", "inferencias/recommendationModel/predict"),
]


@pytest.mark.usefixtures("unchanged")
async def test_bodies_that_are_no_json_object(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for content in [
        b"",
        b"{",
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"[]",
        b"1",
    ]:
        for method, path in BODIES:
            answer = await client.request(
                method, f"{API}/{path}", content=content, headers=admin | JSON
            )
            assert_refused(answer, 422, ["body"])


@pytest.mark.usefixtures("unchanged")
async def test_json_under_another_name(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for media_type in ["text/plain", "application/xml", "x", "a/b/c", ""]:
        content = json.dumps({"infos_basicas": {"nome": "Ana"}}).encode()
        headers = admin | ({"Content-Type": media_type} if media_type else {})
        answer = await client.post(f"{API}/candidatos/create", content=content, headers=headers)
        assert_refused(answer, 422, ["body"])


PROSPECT = {
    "codigo_vaga": 1,
    "titulo_vaga": "T",
    "nome": "Ana",
    "codigo_candidato": 1,
    "situacao_candidato": "Inscrito",
    "data_candidatura": "",
    "recrutador": "",
}


@pytest.mark.usefixtures("unchanged")
async def test_values_that_no_column_holds(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for field, value in [
        ("codigo_vaga", "NaN"),
        ("codigo_vaga", "Infinity"),
        ("codigo_vaga", "1e400"),
        ("codigo_vaga", "1.5"),
        ("codigo_vaga", "0"),
        ("codigo_vaga", "9223372036854775808"),
        ("codigo_vaga", "9" * 400),
        ("codigo_vaga", "null"),
        ("codigo_vaga", "[1]"),
        ("titulo_vaga", '"a\\u0000b"'),
        ("titulo_vaga", '"\\ud800"'),
        ("titulo_vaga", '"' + "x" * 501 + '"'),
        ("titulo_vaga", "7"),
        ("comentario", '"\\udfff"'),
    ]:
        rest = json.dumps({name: item for name, item in PROSPECT.items() if name != field})
        content = f'{{"{field}": {value}, {rest[1:]}'.encode()
        answer = await client.post(
            f"{API}/prospects/add-candidate", content=content, headers=admin | JSON
        )
        assert_refused(answer, 422, ["body", field])


@pytest.mark.usefixtures("unchanged")
async def test_records_that_cannot_be_stored(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for member, loc in [
        ('"email": NaN', ["email"]),
        ('"email": -Infinity', ["email"]),
        ('"unknown": NaN', ["unknown"]),
        ('"unknown": [NaN]', ["unknown"]),
        ('"email": "\\u0000"', ["email"]),
        ('"email": "\\ud800"', ["email"]),
        ('"email": ["a"]', ["email"]),
        ('"un\\ud800": 1', ["un?"]),
        ('"codigo_profissional": 1e300', ["codigo_profissional"]),
        ('"codigo_profissional": 9007199254740992', ["codigo_profissional"]),
        ('"codigo_profissional": true', ["codigo_profissional"]),
        ('"unknown": ' + '{"a":' * 50 + "1" + "}" * 50, ["unknown"]),
    ]:
        content = f'{{"infos_basicas": {{"nome": "Ana", {member}}}}}'.encode()
        answer = await client.post(
            f"{API}/candidatos/create", content=content, headers=admin | JSON
        )
        assert_refused(answer, 400, ["body", "infos_basicas", *loc])


@pytest.mark.usefixtures("unchanged")
async def test_files_that_no_store_holds(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for key in [
        None,
        "",
        " ",
        7,
        "../x",
        "/etc/passwd",
        "a\\b",
        "a\x00b",
        "\ud800",
        "x" * 1001,
        "a//b",
    ]:
        content = json.dumps({"file_key": key}).encode()
        for kind in ("candidatos", "vagas", "prospects"):
            answer = await client.post(
                f"{API}/{kind}/update-tables", content=content, headers=admin | JSON
            )
            assert_refused(answer, 400, ["body", "file_key"])


@pytest.mark.usefixtures("unchanged")
async def test_queries_out_of_bounds(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for query, field in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=", "limit"),
        ("limit=1e2", "limit"),
        ("limit=1&limit=x", "limit"),
        ("offset=-1", "offset"),
        ("offset=9223372036854775808", "offset"),
        ("offset=" + "9" * 5000, "offset"),
        ("skip=x", "skip"),
        ("q=" + "x" * 201, "q"),
        ("ordenar=nome&ordenar=x", "ordenar"),
        ("cursor=%00", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("cursor=" + "x" * 4001, "cursor"),
    ]:
        for kind in ("candidatos", "vagas", "prospects"):
            if kind != "vagas" or "nome" not in query:
                answer = await client.get(f"{API}/{kind}/list?{query}", headers=admin)
                assert_refused(answer, 422, ["query", field])


async def test_cursors_that_nobody_handed_out(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for packed in [
        b"[" * 2900,
        b"[" + b"1" * 2900 + b"]",
        b'["codigo","1"]',
        b'["codigo",1.5]',
        b'["codigo",true]',
        b'["codigo",9223372036854775808]',
        b'["codigo",NaN]',
        b'["codigo"]',
        b'["nome","a",1]',
        b"null",
    ]:
        cursor = base64.urlsafe_b64encode(packed).decode()
        answer = await client.get(
            f"{API}/candidatos/list", params={"cursor": cursor}, headers=admin
        )
        assert_refused(answer, 422, ["query", "cursor"])


async def test_cursors_with_names_that_nobody_has(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for text in ['"\\ud800"', '"a\\u0000"', "7"]:
        cursor = base64.urlsafe_b64encode(f'["nome",{text},1]'.encode()).decode()
        answer = await client.get(
            f"{API}/candidatos/list", params={"cursor": cursor, "ordenar": "nome"}, headers=admin
        )
        assert_refused(answer, 422, ["query", "cursor"])


async def test_odd_characters_in_filters_find_nothing_and_harm_nothing(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for name in ["%00", "a%00b", "%FF", "%ED%A0%80"]:
        filters = ("candidatos/list?cidade=x", "prospects/list?situacao=x", "tasks?kind=x")
        for path in (*filters, "vagas/list?area=x", "prospects/grouped-list?q=x"):
            answer = await client.get(f"{API}/{path}{name}", headers=admin)
            assert answer.status_code in {200, 422}, answer.text
            if answer.status_code == 200:
                assert answer.json()["data"] == []


@pytest.mark.usefixtures("unchanged")
async def test_addresses_with_impossible_ids(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for path, loc in [
        ("prospects/x", "codigo_vaga"),
        ("prospects/%00", "codigo_vaga"),
        ("prospects/9223372036854775808", "codigo_vaga"),
        ("vagas/0/candidatos", "codigo_vaga"),
        ("tasks/x", "task_id"),
        ("tasks/%00", "task_id"),
    ]:
        assert_refused(await client.get(f"{API}/{path}", headers=admin), 422, ["path", loc])


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 1024 * 1024


@pytest.mark.usefixtures("unchanged")
async def test_a_body_whose_length_was_not_announced_is_still_too_large(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for path in ["/api/v1/candidatos/create", "/api/v1/auth/refresh", "/login"]:
        answer = await client.post(path, content=chunks(11), headers=admin | JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


@pytest.mark.usefixtures("unchanged")
async def test_forms(client: httpx.AsyncClient) -> None:
    for data, loc in [
        ({"username": "a"}, ["body", "password"]),
        ({"username": "a", "password": ""}, ["body", "password"]),
        ({"username": "a\x00", "password": "x"}, ["body", "username"]),
        ({"username": "a", "password": "x" * 257}, ["body", "password"]),
        ({f"f{n}": "x" for n in range(2000)}, ["body"]),
    ]:
        for path in ("usuarios/login", "auth/login"):
            assert_refused(await client.post(f"{API}/{path}", data=data), 422, loc)


async def test_headers_that_are_no_token(client: httpx.AsyncClient) -> None:
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer \u00e9",
        "Bearer a b",
        "Bearer " + "x" * 9000,
    ]:
        answer = await client.get(
            f"{API}/usuarios/me", headers={b"Authorization": value.encode("latin-1")}
        )
        assert answer.status_code == 401
        assert answer.json()["code"] in {"not_authenticated", "invalid_token"}


async def test_methods_and_addresses_that_are_not_there(client: httpx.AsyncClient) -> None:
    wrong = await client.delete(f"{API}/vagas/list")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "http_405")
    assert wrong.headers["Allow"] == "GET"
    assert wrong.json()["detail"] == "Método não permitido para este endereço."
    nowhere = await client.get(f"{API}/%FF/nada")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "http_404")
    assert nowhere.json()["detail"] == "Recurso não encontrado."
