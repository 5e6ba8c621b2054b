"""Erasing a candidate: from tables at once, from files soon, and for good."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from praca.jobs.copies import lock_copies
from praca.jobs.erasure import CLEAN_ERASED, files, request_cleaning
from praca.jobs.transfer.errors import BrokenFileError
from praca.jobs.transfer.importing import import_lock
from praca.jobs.transfer.report import TransferKind
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

API = "/api/v1"
CODE, OTHER = 31_000, 31_001
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]


@pytest.fixture
async def operator(make_account: MakeAccount) -> Headers:
    return dict((await make_account("olga", role="operador"))["headers"])


def rows(dsn: str, query: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def create(client: httpx.AsyncClient, headers: Headers, code: int | None) -> httpx.Response:
    basic = {"nome": f"Pessoa {code}"}
    body = {"infos_basicas": basic | ({} if code is None else {"codigo_profissional": code})}
    return await client.post(f"{API}/candidatos/create", json=body, headers=headers)


async def apply(client: httpx.AsyncClient, headers: Headers, code: int) -> httpx.Response:
    body = {
        "codigo_vaga": 10,
        "titulo_vaga": "Enfermeira",
        "nome": f"Pessoa {code}",
        "codigo_candidato": code,
        "situacao_candidato": "Prospect",
        "data_candidatura": "01-02-2026",
        "comentario": "gostei",
        "recrutador": "Bia",
    }
    return await client.post(f"{API}/prospects/add-candidate", json=body, headers=headers)


async def erase(client: httpx.AsyncClient, headers: Headers, code: int) -> httpx.Response:
    return await client.delete(f"{API}/candidatos/{code}", headers=headers)


async def clean(resources: Resources) -> dict[str, Any]:
    async with resources.databases.city.write() as session:
        run_id = await resources.tasks.enqueue(session, CLEAN_ERASED.name, {})
    return await CLEAN_ERASED.run(TaskContext(run_id, resources), {}) or {}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- the tables ----------------------------------------------------------------------------------


async def test_a_candidate_goes_with_all_his_applications_and_no_one_elses(
    client: httpx.AsyncClient, operator: Headers, city_dsn: str
) -> None:
    for code in (CODE, OTHER):
        assert (await create(client, operator, code)).status_code == 200
        assert (await apply(client, operator, code)).status_code == 200
    assert (await erase(client, operator, CODE)).status_code == 204
    assert rows(city_dsn, "SELECT codigo_profissional FROM jobs.candidates") == [(OTHER,)]
    assert rows(city_dsn, "SELECT codigo_candidato FROM jobs.prospects") == [(OTHER,)]
    listed = (await client.get(f"{API}/candidatos/list", headers=operator)).json()
    assert listed["total"] == 1
    assert refused(await erase(client, operator, CODE)) == (404, "candidate_not_found")
    told = rows(
        city_dsn,
        "SELECT resource_id FROM platform.audit_log WHERE action = 'jobs.candidate_erased'"
        " ORDER BY id DESC LIMIT 1",
    )
    assert told == [(str(CODE),)]
    queued = rows(city_dsn, "SELECT kind, args FROM platform.task_runs")
    assert queued == [("jobs.clean_erased", {})]


async def test_somebody_who_only_applied_can_be_erased(
    client: httpx.AsyncClient, operator: Headers, city_dsn: str
) -> None:
    assert (await apply(client, operator, CODE)).status_code == 200
    assert (await erase(client, operator, CODE)).status_code == 204
    assert rows(city_dsn, "SELECT 1 FROM jobs.prospects") == []


async def test_recruiters_and_citizens_erase_nobody(
    client: httpx.AsyncClient, operator: Headers, make_account: MakeAccount
) -> None:
    await create(client, operator, CODE)
    for name, role in (("rita", "recrutador"), ("ana", "usuario")):
        headers = (await make_account(name, role=role))["headers"]
        assert refused(await erase(client, headers, CODE)) == (403, "forbidden")
    assert (await client.delete(f"{API}/candidatos/{CODE}")).status_code == 401


async def test_a_code_is_nobody_elses_afterwards(
    client: httpx.AsyncClient, operator: Headers, city_dsn: str
) -> None:
    await create(client, operator, CODE)
    await erase(client, operator, CODE)
    assert refused(await create(client, operator, CODE)) == (409, "candidate_erased")
    assert refused(await apply(client, operator, CODE)) == (409, "candidate_erased")
    assert rows(city_dsn, "SELECT 1 FROM jobs.prospect_groups") == []
    made = await create(client, operator, None)
    assert made.json()["codigo_candidato"] == CODE + 1


async def test_the_largest_code_erased_leaves_codes_for_others(
    client: httpx.AsyncClient, operator: Headers
) -> None:
    assert (await apply(client, operator, 2**63 - 1)).status_code == 200
    assert (await erase(client, operator, 2**63 - 1)).status_code == 204
    codes = [(await create(client, operator, None)).json()["codigo_candidato"] for _ in range(2)]
    assert codes == [1, 2]


async def test_who_is_on_the_list_already_is_told_so_still(
    client: httpx.AsyncClient, operator: Headers
) -> None:
    await apply(client, operator, CODE)
    assert refused(await apply(client, operator, CODE)) == (400, "prospect_exists")


# --- the files -----------------------------------------------------------------------------------

PEOPLE = {
    str(CODE): {"infos_basicas": {"nome": "Zilda"}},
    str(OTHER): {"infos_basicas": {"nome": "Otto"}, "cv_pt": f"ligue {CODE}"},
}


def applied(code: Any) -> dict[str, Any]:
    return {"nome": "Zilda" if int(code) == CODE else "Otto", "codigo": code, "comentario": "x"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PEOPLE, {str(OTHER): PEOPLE[str(OTHER)]}),
        ({"0031000": PEOPLE[str(CODE)]}, {}),
        ({"7": {"infos_basicas": {"codigo_profissional": CODE, "nome": "Zilda"}}}, {}),
        (
            {"5": {"titulo": "T", "prospects": [applied(str(CODE)), applied(str(OTHER))]}},
            {"5": {"titulo": "T", "prospects": [applied(str(OTHER))]}},
        ),
        (
            {"5": {"titulo": "T", "prospects": [applied(CODE)]}},
            {"5": {"titulo": "T", "prospects": []}},
        ),
        # Codes of vacancies are numbers of their own.
        ({str(CODE): {"infos_basicas": {"titulo_vaga": "T"}}}, None),
        ({str(CODE): {"infos_basicas": {}, "perfil_vaga": {"cidade": "C"}}}, None),
        ({str(CODE): {"titulo": "T", "prospects": [applied(OTHER)]}}, None),
        ({str(OTHER): PEOPLE[str(OTHER)]}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_loses_the_person_and_nothing_else(
    resources: Resources, before: Any, after: Any, packed: bool
) -> None:
    content = json.dumps(before, indent=1).encode()
    objects = resources.objects
    objects.write("raw/x.json", gzip.compress(content) if packed else content)
    stored = objects.read("raw/x.json")
    assert files.clean_file(objects, "raw/x.json", frozenset({CODE, 99})) == (after is not None)
    left = objects.read("raw/x.json")
    if after is None:
        assert left == stored
    else:
        assert json.loads(gzip.decompress(left) if packed else left) == after
    assert list(objects.keys(files.SCRATCH)) == []


def test_records_of_others_are_copied_byte_by_byte(resources: Resources) -> None:
    odd = b'{"infos_basicas": {"nome":"Ot\\u0074o",  "n": 1.10, "half": "\\ud83d"}}'
    content = b'{"%d": {"infos_basicas": {"nome": "Z"}}, "%d" : %s }' % (CODE, OTHER, odd)
    resources.objects.write("raw/x.json", content)
    assert files.clean_file(resources.objects, "raw/x.json", frozenset({CODE}))
    assert odd in resources.objects.read("raw/x.json")


def test_applications_with_half_a_letter_are_kept(resources: Resources) -> None:
    content = json.dumps({"5": {"titulo": "\ud83d", "prospects": [applied(CODE), applied(OTHER)]}})
    resources.objects.write("raw/x.json", content.encode())
    assert files.clean_file(resources.objects, "raw/x.json", frozenset({CODE}))
    left = json.loads(resources.objects.read("raw/x.json"))
    assert left == {"5": {"titulo": "\ud83d", "prospects": [applied(OTHER)]}}


def test_a_file_that_cannot_be_read_is_told_and_left(resources: Resources) -> None:
    resources.objects.write("raw/x.csv", b"nome;codigo\nZilda;31000\n")
    with pytest.raises(BrokenFileError):
        files.clean_file(resources.objects, "raw/x.csv", frozenset({CODE}))


# --- the clean-up --------------------------------------------------------------------------------


async def test_files_are_cleaned_once_and_unreadable_ones_named(
    client: httpx.AsyncClient, operator: Headers, resources: Resources, city_dsn: str
) -> None:
    objects = resources.objects
    for key in (
        "raw/applicants.json",
        "raw/older/a.json",
        "exports/20260101T000000Z-applicants.json",
    ):
        objects.write(key, json.dumps(PEOPLE).encode())
    objects.write("raw/list.csv", b"nome;codigo\n")
    objects.write(f"{files.SCRATCH}/left-by-a-dead-process", b"Zilda")
    await create(client, operator, CODE)
    await erase(client, operator, CODE)
    assert await clean(resources) == {
        "people": 1,
        "files": 3,
        "indexes": 0,
        "unreadable": ["raw/list.csv"],
    }
    for key in [*objects.keys("raw"), *objects.keys("exports")]:
        assert b"Zilda" not in objects.read(key)
    assert list(objects.keys(files.SCRATCH)) == []
    cleaned = "SELECT codigo_profissional, cleaned_at IS NOT NULL FROM jobs.erased_candidates"
    assert rows(city_dsn, cleaned) == [(CODE, True)]
    assert await clean(resources) == {"people": 0}


async def test_a_clean_up_that_dies_is_done_again(
    client: httpx.AsyncClient,
    operator: Headers,
    resources: Resources,
    city_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resources.objects.write("raw/applicants.json", json.dumps(PEOPLE).encode())
    await create(client, operator, CODE)
    await erase(client, operator, CODE)
    with monkeypatch.context() as patch:
        patch.setattr(type(resources.objects), "copy", _fail)
        with pytest.raises(OSError, match="full"):
            await clean(resources)
    assert b"Zilda" in resources.objects.read("raw/applicants.json")
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE platform.task_runs SET status = 'failed'")
    await request_cleaning(resources)
    await request_cleaning(resources)
    waiting = "SELECT kind FROM platform.task_runs WHERE status = 'queued'"
    assert rows(city_dsn, waiting) == [("jobs.clean_erased",)], "once is enough"
    assert (await clean(resources))["files"] == 1
    assert b"Zilda" not in resources.objects.read("raw/applicants.json")


def _fail(*_: object) -> None:
    raise OSError("the disk is full")


async def test_an_import_under_way_does_not_bring_anybody_back(
    client: httpx.AsyncClient, operator: Headers, resources: Resources, city_dsn: str
) -> None:
    await apply(client, operator, CODE)
    with psycopg.connect(city_dsn) as importing:
        importing.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", import_lock(TransferKind.CANDIDATOS)
        )
        importing.execute(
            "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas)"
            ' VALUES (%s, \'{"nome": "Zilda"}\')',
            [CODE],
        )
        assert (await erase(client, operator, CODE)).status_code == 204
        cleaning = asyncio.create_task(clean(resources))
        await asyncio.sleep(0.1)
        assert not cleaning.done()
        importing.commit()
        assert len(rows(city_dsn, "SELECT 1 FROM jobs.candidates")) <= 1
        await asyncio.wait_for(cleaning, 20)
    assert rows(city_dsn, "SELECT 1 FROM jobs.candidates") == []


async def test_an_export_under_way_is_waited_for(
    client: httpx.AsyncClient, operator: Headers, resources: Resources, city_dsn: str
) -> None:
    await create(client, operator, CODE)
    with psycopg.connect(city_dsn, autocommit=True) as exporting:
        lock_copies(exporting)
        assert (await erase(client, operator, CODE)).status_code == 204
        cleaning = asyncio.create_task(clean(resources))
        await asyncio.sleep(0.1)
        assert not cleaning.done()
        resources.objects.write("exports/applicants.json", json.dumps(PEOPLE).encode())
    result = await asyncio.wait_for(cleaning, 20)
    assert result["files"] == 1
    assert b"Zilda" not in resources.objects.read("exports/applicants.json")
