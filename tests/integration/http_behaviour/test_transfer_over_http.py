"""Files in and out, started over HTTP and done by a worker."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from praca.jobs.transfer import stream
from praca.jobs.transfer.tasks import EXPORT_FILES
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

API = "/api/v1"
KINDS = ("candidatos", "vagas", "prospects")
EXPORTS = {
    "candidatos": "export-applicants",
    "vagas": "export-vagas",
    "prospects": "export-prospects",
}

PutFile = Callable[[str, Any], None]
Work = Callable[[], Awaitable[None]]
Staff = dict[str, str]

FILES: dict[str, dict[str, Any]] = {
    "candidatos": {
        str(code): {
            "infos_basicas": {"codigo_profissional": str(code), "nome": f"Pessoa {code}"},
            "informacoes_pessoais": {"email": "a@b.c"},
            "informacoes_profissionais": {},
            "formacao_e_idiomas": {"cursos": "Costura"},
            "cargo_atual": {},
            "cv_pt": "çã\n😀",
            "cv_en": "",
            "novo": [1.5, None],
        }
        for code in (1, 2, 3)
    },
    "vagas": {
        str(code): {
            "informacoes_basicas": {"titulo_vaga": f"Vaga {code}", "nome": "Chefe"},
            "perfil_vaga": {"nivel profissional": "Pleno"},
            "beneficios": {"valor_venda": "-"},
        }
        for code in (10, 11)
    },
    "prospects": {
        "10": {
            "titulo": "Vaga 10",
            "modalidade": "CLT",
            "prospects": [
                {
                    "nome": "Pessoa 1",
                    "codigo": "1",
                    "situacao_candidado": "Prospect",
                    "data_candidatura": "01-02-2021",
                    "ultima_atualizacao": "",
                    "comentario": "",
                    "recrutador": "Bia",
                }
            ],
        },
        "11": {"titulo": "Vaga 11", "modalidade": "", "prospects": []},
    },
}


async def start(
    client: httpx.AsyncClient, staff: Staff, kind: str, key: str, mode: str = "upsert"
) -> str:
    answer = await client.post(
        f"{API}/{kind}/update-tables",
        json={"file_key": key},
        params={"mode": mode},
        headers=staff,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "Tarefa de atualização iniciada em background."
    return str(answer.json()["task_id"])


async def task(client: httpx.AsyncClient, staff: Staff, task_id: str) -> dict[str, Any]:
    answer = await client.get(f"{API}/tasks/{task_id}", headers=staff)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def bring_all(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work
) -> list[dict[str, Any]]:
    for kind in KINDS:
        put_file(f"raw/{kind}.json", FILES[kind])
    # All three at the same time.
    ids = await asyncio.gather(*(start(client, staff, kind, kind) for kind in KINDS))
    await work()
    tasks = [await task(client, staff, task_id) for task_id in ids]
    assert [done["status"] for done in tasks] == ["succeeded"] * 3, tasks
    return [done["result"] for done in tasks]


def snapshot(dsn: str) -> list[Any]:
    """Return all there is in the tables, physical places included: a rewrite shows."""
    queries = (
        "SELECT ctid::text, t::text FROM jobs.candidates t ORDER BY codigo_profissional",
        "SELECT ctid::text, t::text FROM jobs.vacancies t ORDER BY codigo_vaga",
        "SELECT ctid::text, t::text FROM jobs.prospects t ORDER BY id",
        "SELECT ctid::text, t::text FROM jobs.prospect_groups t ORDER BY codigo_vaga, titulo_vaga",
        "SELECT entity, sum(rows)::text FROM jobs.row_counts GROUP BY entity ORDER BY entity",
    )
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [connection.execute(query.encode()).fetchall() for query in queries]


async def test_the_same_import_again_changes_no_row(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work, city_dsn: str
) -> None:
    first = await bring_all(client, staff, put_file, work)
    assert [report["inserted"] for report in first] == [3, 2, 1]
    before = snapshot(city_dsn)
    again = await bring_all(client, staff, put_file, work)
    assert [report["unchanged"] for report in again] == [3, 2, 1]
    assert snapshot(city_dsn) == before


async def test_what_is_exported_is_what_was_imported_and_can_be_imported_again(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    resources: Resources,
    city_dsn: str,
) -> None:
    await bring_all(client, staff, put_file, work)
    before = snapshot(city_dsn)
    for kind in KINDS:
        answer = await client.post(f"{API}/{kind}/{EXPORTS[kind]}", headers=staff)
        assert answer.json()["message"].startswith("Tarefa de exportação de ")
        await work()
        done = await task(client, staff, answer.json()["task_id"])
        name = next(name for ours, name in EXPORT_FILES.items() if ours.value == kind)
        assert done["result"]["records"] == len(FILES[kind])
        assert done["progress"]["done"] == len(FILES[kind])
        copy, fixed = done["result"]["keys"]
        assert fixed == f"exports/{name}"
        assert resources.objects.read(copy) == resources.objects.read(fixed)
        assert json.loads(resources.objects.read(fixed)) == FILES[kind]
        await start(client, staff, kind, fixed, "replace")
    await work()
    assert snapshot(city_dsn) == before


async def test_only_an_export_that_is_told_to_replaces_what_imports_read(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work, resources: Resources
) -> None:
    put_file("raw/vagas.json", b"old")
    for overwrite, expected in (("false", b"old"), ("true", b"{}")):
        await client.post(
            f"{API}/vagas/export-vagas", params={"overwrite": overwrite}, headers=staff
        )
        await work()
        assert resources.objects.read("raw/vagas.json") == expected


@pytest.mark.parametrize("kind", KINDS)
async def test_a_second_one_of_a_kind_is_refused_and_named(
    client: httpx.AsyncClient, staff: Staff, kind: str
) -> None:
    for url, body in (
        (f"{kind}/update-tables", {"file_key": kind}),
        (f"{kind}/{EXPORTS[kind]}", None),
    ):
        first = await client.post(f"{API}/{url}", json=body, headers=staff)
        second = await client.post(f"{API}/{url}", json=body, headers=staff)
        assert second.status_code == 409
        assert second.json()["code"] == "task_already_running"
        assert second.json()["task_id"] == first.json()["task_id"]


async def test_of_many_starts_at_once_one_is_taken(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work
) -> None:
    put_file("raw/vagas.json", FILES["vagas"])
    answers = await asyncio.gather(
        *(
            client.post(f"{API}/vagas/update-tables", json={"file_key": "vagas"}, headers=staff)
            for _ in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    await work()
    await start(client, staff, "vagas", "vagas")


@pytest.mark.parametrize(
    "key",
    ["vagas", " vagas ", "vagas.json", "raw/vagas.json", "2026.json.gz", "raw/2026/vagas.json.gz"],
)
async def test_files_are_named_by_a_bare_name_or_a_full_key(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work, key: str
) -> None:
    put_file("raw/vagas.json", FILES["vagas"])
    for packed in ("raw/2026.json.gz", "raw/2026/vagas.json.gz"):
        put_file(packed, gzip.compress(json.dumps(FILES["vagas"]).encode()))
    task_id = await start(client, staff, "vagas", key)
    await work()
    assert (await task(client, staff, task_id))["result"]["inserted"] == 2


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "file_key_missing"),
        ("  ", "file_key_missing"),
        (None, "file_key_missing"),
        (7, "file_key_missing"),
        (["vagas"], "file_key_missing"),
        ("../secret-key", "invalid_object_key"),
        ("raw/../../secret-key", "invalid_object_key"),
        ("raw/../models/match/1/manifest.json", "invalid_object_key"),
        ("/etc/passwd", "invalid_object_key"),
        ("..\\secret-key", "invalid_object_key"),
        ("raw//vagas.json", "invalid_object_key"),
        ("raw/", "invalid_object_key"),
        ("raw/a\0b", "invalid_object_key"),
        ("raw/a\x7fb", "invalid_object_key"),
        ("raw/vagas.json#1", "invalid_object_key"),
        ("raw/" + "x" * 300, "invalid_object_key"),
        ("x" * 100_000, "invalid_object_key"),
        ("raw/\ud800", "invalid_object_key"),
        ("models/match/1/manifest.json", "file_key_outside"),
        ("imports/0123456789abcdef-vagas.json", "file_key_outside"),
        ("rawer/vagas.json", "file_key_outside"),
    ],
)
async def test_other_keys_are_refused_at_once(
    client: httpx.AsyncClient, staff: Staff, resources: Resources, key: Any, code: str
) -> None:
    answer = await client.post(
        f"{API}/vagas/update-tables",
        content=json.dumps({"file_key": key}),  # the client itself would not spell every key
        headers={**staff, "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    async with resources.databases.city.read() as session:
        assert await resources.tasks.list_runs(session) == (0, [])


@pytest.mark.parametrize("body", [b"", b"[]", b'"vagas"', b"{"])
async def test_a_body_that_is_no_object_is_422(
    client: httpx.AsyncClient, staff: Staff, body: bytes
) -> None:
    headers = {**staff, "Content-Type": "application/json"}
    answer = await client.post(f"{API}/vagas/update-tables", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_error")


@pytest.mark.parametrize("key", ["nada", "raw/%2e%2e/secret-key", "raw/2026", "exports/vagas.json"])
async def test_a_file_that_is_not_there_fails_the_task_by_name(
    client: httpx.AsyncClient, staff: Staff, put_file: PutFile, work: Work, key: str
) -> None:
    put_file("raw/2026/vagas.json", {})  # a folder is no file
    task_id = await start(client, staff, "vagas", key)
    await work()
    done = await task(client, staff, task_id)
    assert (done["status"], done["attempt"]) == ("failed", 1)
    assert done["error"].startswith("Arquivo não encontrado: ")


WHOLE = json.dumps(FILES["vagas"], ensure_ascii=False).encode()
BROKEN = {
    "empty": (b"", "vazio"),
    "blank": (b" \n", "vazio"),
    "a list": (b"[]", "não é um objeto"),
    "truncated": (WHOLE[:-20], "termina antes"),
    "no JSON at the end": (WHOLE[:-1] + b',"12":{]}', "não é JSON válido"),
    "two files": (WHOLE + WHOLE, "depois do fim"),
    "truncated gzip": (gzip.compress(WHOLE)[:-9], "compactação"),
    "damaged gzip": (b"\x1f\x8b" + b"x" * 100, "compactação"),
    "Latin-1": (WHOLE[:-1] + ',"12":{"beneficios":{"a":"não"}}}'.encode("latin-1"), "UTF-8"),
    "UTF-16": (WHOLE.decode().encode("utf-16"), "não é um objeto"),
    "candidates": (json.dumps(FILES["candidatos"]).encode(), "outro tipo de arquivo"),
    "prospects": (json.dumps(FILES["prospects"]).encode(), "outro tipo de arquivo"),
    "numbers": (b'{"1":1,"2":2}', "deve ser um objeto"),
    "a bomb in a record": (gzip.compress(b'{"1":"' + b"x" * 3_000_000), "grande demais"),
    "a bomb of blanks": (gzip.compress(b"{" + b" " * 3_000_000), "espaço em branco"),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["upsert", "replace"])
@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_fails_with_its_reason_and_changes_nothing(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    city_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    name: str,
) -> None:
    await bring_all(client, staff, put_file, work)
    before = snapshot(city_dsn)
    monkeypatch.setattr(stream, "LARGEST_MEMBER", 1_000_000)
    content, reason = BROKEN[name]
    put_file("raw/vagas.json", content)
    task_id = await start(client, staff, "vagas", "vagas", mode)
    await work()
    done = await task(client, staff, task_id)
    assert (done["status"], done["attempt"], done["result"]) == ("failed", 1, None)
    assert reason in done["error"]
    assert done["error"].endswith("Nada foi alterado.")
    assert snapshot(city_dsn) == before


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_knows_the_files_of_the_others(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    city_dsn: str,
    kind: str,
) -> None:
    await bring_all(client, staff, put_file, work)
    before = snapshot(city_dsn)
    for other in KINDS:
        if other != kind:
            task_id = await start(client, staff, kind, other, "replace")
            await work()
            assert (await task(client, staff, task_id))["status"] == "failed"
    assert snapshot(city_dsn) == before


async def test_an_export_that_is_cancelled_leaves_no_half_file(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await bring_all(client, staff, put_file, work)

    def die(*_arguments: object, **_options: object) -> int:
        raise ObjectNotFoundError("dead")

    monkeypatch.setattr("praca.jobs.transfer.tasks.export_records", die)
    answer = await client.post(f"{API}/vagas/export-vagas", headers=staff)
    await work()
    assert (await task(client, staff, answer.json()["task_id"]))["status"] == "failed"
    assert list(resources.objects.keys("exports")) == []


async def test_an_import_needs_a_known_mode(client: httpx.AsyncClient, staff: Staff) -> None:
    answer = await client.post(
        f"{API}/vagas/update-tables", json={"file_key": "vagas"}, params={"mode": "wipe"},
        headers=staff,
    )  # fmt: skip
    assert answer.status_code == 422
