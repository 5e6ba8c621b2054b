"""What belongs to somebody else can neither be read nor changed."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from praca.platform.resources import Resources

API = "/api/v1"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def ana(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("ana")


@pytest.fixture
async def bia(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("bia")


async def task_of(resources: Resources, owner_id: int) -> str:
    async with resources.databases.city.write() as session:
        task_id = await resources.tasks.enqueue(session, "jobs.export_vagas", {}, owner_id=owner_id)
    return str(task_id)


@pytest.mark.parametrize(
    "change", [{"username": "outra"}, {"password": "Outra-senha-8"}, {"perfil": "usuario"}, {}]
)
async def test_accounts_of_others_stay_as_they_are(
    client: httpx.AsyncClient, ana: dict[str, Any], bia: dict[str, Any], change: dict[str, str]
) -> None:
    refused = await client.put(f"{API}/usuarios/{bia['id']}", json=change, headers=ana["headers"])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    form = {"username": "bia", "password": "Segredo-forte-9"}
    assert (await client.post(f"{API}/auth/login", data=form)).status_code == 200


async def test_nobody_learns_which_accounts_exist(
    client: httpx.AsyncClient, ana: dict[str, Any], bia: dict[str, Any]
) -> None:
    answers = [
        await client.put(f"{API}/usuarios/{account_id}", json={}, headers=ana["headers"])
        for account_id in (bia["id"], bia["id"] + 1000)
    ]
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]


async def test_tasks_of_others_look_like_none(
    client: httpx.AsyncClient, resources: Resources, ana: dict[str, Any], bia: dict[str, Any]
) -> None:
    url = f"{API}/tasks/{await task_of(resources, bia['id'])}"
    for method, path in (("GET", url), ("POST", f"{url}/cancel"), ("GET", f"{url}/events")):
        refused = await client.request(method, path, headers=ana["headers"])
        assert (refused.status_code, refused.json()["code"]) == (404, "task_not_found"), path
    own = (await client.get(url, headers=bia["headers"])).json()
    assert own["status"] == "queued"
    for who, total in ((ana, 0), (bia, 1)):
        page = (await client.get(f"{API}/tasks", headers=who["headers"])).json()
        assert (page["total"], len(page["data"])) == (total, total)


async def test_operators_see_all_tasks_and_recruiters_their_own(
    client: httpx.AsyncClient, resources: Resources, bia: dict[str, Any], make_account: MakeAccount
) -> None:
    url = f"{API}/tasks/{await task_of(resources, bia['id'])}"
    for role, status in (("recrutador", 404), ("bibliotecario", 404), ("operador", 200)):
        caller = await make_account(f"um-{role}", role=role)
        assert (await client.get(url, headers=caller["headers"])).status_code == status
    cancelled = await client.post(f"{url}/cancel", headers=caller["headers"])
    assert cancelled.json()["status"] == "cancelled"


async def test_somebody_elses_refresh_token_is_not_ended_by_a_guess(
    client: httpx.AsyncClient, bia: dict[str, Any]
) -> None:
    form = {"username": bia["username"], "password": "Segredo-forte-9"}
    pair = (await client.post(f"{API}/auth/login", data=form)).json()
    guess = {"refresh_token": pair["refresh_token"][:-1] + "!"}
    assert (await client.post(f"{API}/auth/logout", json=guess)).status_code == 204
    kept = await client.post(f"{API}/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert kept.status_code == 200
