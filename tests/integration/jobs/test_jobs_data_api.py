import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from praca.kit.clock import today_in_brasilia

API = "/api/v1"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def staff(make_account: MakeAccount) -> dict[str, str]:
    account = await make_account("recrutadora", role="recrutador")
    return dict(account["headers"])


async def _candidate(client: httpx.AsyncClient, staff: dict[str, str], **basic: Any) -> int:
    answer = await client.post(
        f"{API}/candidatos/create", json={"infos_basicas": basic}, headers=staff
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["codigo_candidato"])


async def test_create_is_an_upsert_that_keeps_absent_sections(
    client: httpx.AsyncClient, staff: dict[str, str]
) -> None:
    first = {
        "infos_basicas": {"codigo_profissional": "777002", "nome": "Ana"},
        "formacao_e_idiomas": {"nivel_ingles": "Fluente"},
    }
    second = {"infos_basicas": {"codigo_profissional": 777002, "nome": "Ana Lima"}, "cv_pt": "x"}
    for body in (first, second):
        answer = await client.post(f"{API}/candidatos/create", json=body, headers=staff)
        assert answer.json() == {
            "message": "Candidato inserido com sucesso!",
            "codigo_candidato": 777002,
        }
    details = (await client.get(f"{API}/candidatos/details/777002", headers=staff)).json()
    assert details["infos_basicas"]["nome"] == "Ana Lima"
    assert details["formacao_e_idiomas"]["nivel_ingles"] == "Fluente"
    assert details["informacoes_pessoais"]["id"] == 777002
    assert details["curriculos"]["cv_pt"] == "x"
    assert await _candidate(client, staff, nome="Bia") == 777003


async def test_lists_total_filter_order_and_cursor(
    client: httpx.AsyncClient, staff: dict[str, str]
) -> None:
    names = ["Érica", "ana", "Zoé", "Bruno", "Caio"]
    for name in names:
        await _candidate(client, staff, nome=name, local="São Paulo")
    url = f"{API}/candidatos/list"
    seen: list[str] = []
    cursor = None
    while True:
        page_of: dict[str, str] = {"limit": "2", "ordenar": "nome"}
        if cursor:
            page_of["cursor"] = cursor
        page = (await client.get(url, params=page_of, headers=staff)).json()
        assert page["total"] == 5
        seen += [item["nome"] for item in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["ana", "Bruno", "Caio", "Érica", "Zoé"]
    for params, total in (({"q": "eri"}, 1), ({"cidade": "sao"}, 5), ({"cidade": "rio"}, 0)):
        page = (await client.get(url, params=params, headers=staff)).json()
        assert page["total"] == total == len(page["data"])
    for wrong in ("limit=-1", "limit=1001", "cursor=abc", "ordenar=x"):
        assert (await client.get(f"{url}?{wrong}", headers=staff)).status_code == 422


async def test_vacancies_are_public_and_profiles_have_both_names(
    client: httpx.AsyncClient, staff: dict[str, str]
) -> None:
    body = {"infos_basicas": {}, "perfil_vaga": {"nivel profissional": "Pleno"}}
    assert (await client.post(f"{API}/vagas/create", json=body)).status_code == 401
    made = await asyncio.gather(
        *(client.post(f"{API}/vagas/create", json=body, headers=staff) for _ in range(10))
    )
    codes = {answer.json()["codigo_vaga"] for answer in made}
    assert len(codes) == 10
    assert (await client.get(f"{API}/vagas/list")).json()["total"] == 10
    data = (await client.get(f"{API}/vagas/details/{min(codes)}")).json()["data"]
    assert data["perfil"] == data["perfil_vaga"]
    assert data["perfil"]["nivel_profissional"] == "Pleno"
    assert data["beneficios"]["valor_venda"] == ""


async def test_prospects(client: httpx.AsyncClient, staff: dict[str, str]) -> None:
    sent = {
        "codigo_vaga": "9",
        "titulo_vaga": "T",
        "nome": "Ana",
        "codigo_candidato": 1,
        "situacao_candidato": "Inscrito",
        "data_candidatura": "2026-11-22",
        "recrutador": "R",
    }
    url = f"{API}/prospects"
    added = await client.post(f"{url}/add-candidate", json=sent, headers=staff)
    assert added.json()["message"] == "Prospect criado com sucesso."
    # Refused as a whole: the other title makes no group of its own.
    other = {**sent, "titulo_vaga": "Outro"}
    again = await client.post(f"{url}/add-candidate", json=other, headers=staff)
    assert again.status_code == 400
    assert again.json()["detail"] == "O candidato já está associado a esta vaga."
    change = {"codigo_vaga": 9, "codigo_candidato": 1, "situacao_candidato": "", "comentario": "c"}
    row = (await client.put(f"{url}/update-candidate", json=change, headers=staff)).json()["data"]
    assert row["situacao_candidato"] == "Inscrito"
    assert row["comentario"] == "c"
    assert row["ultima_atualizacao"] == today_in_brasilia().strftime("%d-%m-%Y")
    change["codigo_candidato"] = 2
    missing = await client.put(f"{url}/update-candidate", json=change, headers=staff)
    assert missing.status_code == 404
    grouped = (await client.get(f"{url}/grouped-list", headers=staff)).json()
    group = {"codigo_vaga": 9, "titulo_vaga": "T", "modalidade": "", "prospects": [row]}
    assert (grouped["total_grupos"], grouped["data"]) == (1, [group])
    assert (await client.get(f"{url}/9", headers=staff)).json() == group
    assert (await client.get(f"{url}/10", headers=staff)).status_code == 404


@pytest.mark.parametrize("code", ["1", "x", "9" * 30, "-1"])
async def test_unknown_codes_are_404(
    client: httpx.AsyncClient, staff: dict[str, str], code: str
) -> None:
    for kind in ("candidatos", "vagas"):
        answer = await client.get(f"{API}/{kind}/details/{code}", headers=staff)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_reading_a_candidate_is_noted_with_who_and_where(
    client: httpx.AsyncClient, make_account: MakeAccount, resources: Any
) -> None:
    account = await make_account("leitora", role="recrutador")
    code = await _candidate(client, account["headers"], nome="Ana", codigo_profissional=881_001)
    headers = {**account["headers"], "X-Request-Id": "leitura-881001"}
    await client.get(f"{API}/candidatos/details/{code}", headers=headers)
    row = await resources.databases.city.fetch_one(
        "SELECT action, actor_id, resource_type, resource_id, address FROM platform.audit_log"
        " WHERE request_id = %(id)s::text AND at > now() - interval '1 minute'",
        {"id": "leitura-881001"},
    )
    assert row == ("jobs.candidate_read", account["id"], "candidate", "881001", "127.0.0.1")


async def test_personal_data_needs_staff(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    citizen = (await make_account("cidada"))["headers"]
    for path in ("candidatos/list", "candidatos/details/1", "prospects/list", "prospects/1"):
        assert (await client.get(f"{API}/{path}")).status_code == 401
        assert (await client.get(f"{API}/{path}", headers=citizen)).status_code == 403
