"""Newcomers, links, and what is left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.integration.identity.social.world import MARIA, SUBJECT, Home, Loopback, code_of

from praca.entrypoints.kinds import TASK_KINDS
from praca.identity.social.personal_data import SocialData
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Json = dict[str, Any]

PASSWORD = "Segredo-forte-9"
PROFILE = {
    "full_name": "Maria Aparecida da Silva",
    "birth_date": "1990-05-17",
    "cpf": "529.982.247-25",
    "phone": "21987654321",
}
JOSE = {"email": "jose@example.org", "email_verified": True, "name": "José Souza"}


async def token_of(home: Home, world: Loopback, provider: str = "google") -> str:
    answer = await home.visit(world, provider, SUBJECT)
    return str(answer.json()["registration_token"])


async def register(home: Home, token: str, **changes: Any) -> httpx.Response:
    body = {"registration_token": token, **PROFILE, **changes}
    return await home.client.post("/auth/social/register", json=body)


async def link(home: Home, token: str, headers: Json) -> httpx.Response:
    body = {"registration_token": token}
    return await home.client.post("/auth/social/link", json=body, headers=headers)


def bearer(answer: httpx.Response) -> Json:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


# --- newcomers ---------------------------------------------------------------------------------


async def test_who_comes_for_the_first_time_registers_and_then_signs_in(
    home: Home, world: Loopback, city_dsn: str
) -> None:
    told: list[int] = []

    async def listen(account_id: int) -> None:
        told.append(account_id)

    home.client.app.state.identity.listeners.append(listen)  # type: ignore[attr-defined]
    made = await register(home, await token_of(home, world))
    assert made.status_code == 201, made.text
    assert made.headers["Cache-Control"] == "no-store"
    pair = made.json()
    assert (pair["cpf"], pair["provider"]) == ("52998224725", "google")
    assert told == [pair["user_id"]]
    assert (await home.visit(world, "google", SUBJECT)).json()["user_id"] == pair["user_id"]
    own = await home.client.get(f"/users/{pair['user_id']}", headers=bearer(made))
    assert own.json()["email"] == MARIA["email"]
    assert own.json()["full_name"] == PROFILE["full_name"]
    assert rows(city_dsn, "SELECT count(*) FROM identity.social_registrations") == [(0,)]
    assert rows(city_dsn, "SELECT count(*) FROM identity.social_attempts") == [(0,)]
    actions = rows(
        city_dsn,
        f"SELECT action FROM identity.audit_log WHERE resource_id = '{pair['user_id']}'"
        " ORDER BY id DESC LIMIT 4",
    )
    assert [action for (action,) in reversed(actions)] == [
        "identity.signed_up",
        "identity.social_linked",
        "identity.signed_in",
        "identity.signed_in",
    ]


@pytest.mark.parametrize("name", ["52998224725", "maria@example.org"])
async def test_no_password_opens_such_an_account(home: Home, world: Loopback, name: str) -> None:
    await register(home, await token_of(home, world))
    for password in ("", "!", "None", PASSWORD):
        form = {"username": name, "password": password or " "}
        answer = await home.client.post("/auth/login", data=form)
        assert code_of(answer) == "invalid_credentials"


async def test_its_owner_may_set_a_password(home: Home, world: Loopback) -> None:
    made = await register(home, await token_of(home, world))
    path = f"/api/v1/usuarios/{made.json()['user_id']}"
    changed = await home.client.put(path, json={"password": PASSWORD}, headers=bearer(made))
    assert changed.status_code == 202
    form = {"username": "52998224725", "password": PASSWORD}
    signed_in = await home.client.post("/auth/login", data=form)
    gone = await home.client.delete("/auth/social/google", headers=bearer(signed_in))
    assert gone.status_code == 204


async def test_an_address_that_nobody_vouched_for_must_be_given(
    home: Home, world: Loopback
) -> None:
    token = await token_of(home, world, "meta")
    refused = await register(home, token)
    assert (refused.status_code, code_of(refused)) == (422, "social_email_needed")
    assert refused.json()["errors"][0]["loc"] == ["body", "email"]
    made = await register(home, token, email="Outra@Example.org")
    own = await home.client.get(f"/users/{made.json()['user_id']}", headers=bearer(made))
    assert own.json()["email"] == "outra@example.org"


async def test_an_address_that_was_vouched_for_cannot_be_replaced(
    home: Home, world: Loopback
) -> None:
    made = await register(home, await token_of(home, world), email="outra@example.org")
    own = await home.client.get(f"/users/{made.json()['user_id']}", headers=bearer(made))
    assert own.json()["email"] == MARIA["email"]


async def test_an_address_that_no_account_can_have_counts_as_none(
    home: Home, world: Loopback
) -> None:
    world.people[SUBJECT]["email"] = "maria@localhost"
    body = (await home.visit(world, "google", SUBJECT)).json()
    assert (body["email"], body["email_verified"]) == (None, False)
    assert code_of(await register(home, body["registration_token"])) == "social_email_needed"


async def test_rules_are_those_of_every_registration(home: Home, world: Loopback) -> None:
    token = await token_of(home, world)
    for field, value in (
        ("cpf", "529.982.247-26"),
        ("full_name", "Maria"),
        ("birth_date", "2990-01-01"),
        ("phone", "123"),
    ):
        refused = await register(home, token, **{field: value})
        assert (refused.status_code, code_of(refused)) == (422, "validation_error")
        assert [item["loc"] for item in refused.json()["errors"]] == [["body", field]]
    assert (await register(home, token)).status_code == 201


async def test_a_token_counts_once_and_only_the_last(home: Home, world: Loopback) -> None:
    older = await token_of(home, world)
    newer = await token_of(home, world)
    assert code_of(await register(home, older)) == "social_registration_invalid"
    answers = await asyncio.gather(*(register(home, newer) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert code_of(await register(home, "inventado")) == "social_registration_invalid"


async def test_a_token_counts_for_half_an_hour(home: Home, world: Loopback, city_dsn: str) -> None:
    token = await token_of(home, world)
    ((left_s,),) = rows(
        city_dsn,
        "SELECT extract(epoch FROM expires_at - now()) FROM identity.social_registrations",
    )
    assert 1700 < left_s <= 1800
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE identity.social_registrations SET expires_at = now()")
    assert code_of(await register(home, token)) == "social_registration_invalid"


# --- people who have an account ----------------------------------------------------------------


@pytest.mark.parametrize("same", [{"cpf": PROFILE["cpf"]}, {"email": MARIA["email"]}])
async def test_neither_cpf_nor_address_lets_anybody_into_an_account(
    home: Home, world: Loopback, same: dict[str, str]
) -> None:
    other = {"email": "outra@example.org", "cpf": "111.444.777-35", **same}
    mine = await home.client.post(
        "/users/register", json={**PROFILE, **other, "password": PASSWORD}
    )
    assert mine.status_code == 201, mine.text
    token = await token_of(home, world)
    refused = await register(home, token)
    assert (refused.status_code, code_of(refused)) == (409, "social_account_exists")
    assert "POST /auth/social/link" in refused.json()["detail"]
    assert (await home.visit(world, "google", SUBJECT)).json()["registration_required"]
    # As it says: the password shows that the account is his.
    form = {"username": other["cpf"], "password": PASSWORD}
    signed_in = await home.client.post("/auth/login", data=form)
    linked = await link(home, await token_of(home, world), bearer(signed_in))
    assert linked.status_code == 201, linked.text
    pair = (await home.visit(world, "google", SUBJECT)).json()
    assert pair["user_id"] == mine.json()["id"]


async def test_a_token_survives_a_refusal(home: Home, world: Loopback) -> None:
    await home.client.post(
        "/users/register",
        json={**PROFILE, "email": "outra@example.org", "password": PASSWORD},
    )
    token = await token_of(home, world)
    assert code_of(await register(home, token)) == "social_account_exists"
    form = {"username": PROFILE["cpf"], "password": PASSWORD}
    signed_in = await home.client.post("/auth/login", data=form)
    assert (await link(home, token, bearer(signed_in))).status_code == 201
    assert code_of(await link(home, token, bearer(signed_in))) == "social_registration_invalid"


async def test_guesses_of_cpfs_are_counted_as_sign_ups(
    home: Home, world: Loopback, city_dsn: str
) -> None:
    await home.client.post(
        "/users/register",
        json={**PROFILE, "email": "outra@example.org", "password": PASSWORD},
    )
    token = await token_of(home, world)
    before = rows(city_dsn, "SELECT failures FROM identity.sign_in_failures")
    assert code_of(await register(home, token)) == "social_account_exists"
    ((counted,),) = rows(city_dsn, "SELECT failures FROM identity.sign_in_failures")
    assert counted == before[0][0] + 1
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE identity.sign_in_failures SET failures = 100")
    refused = await register(home, token)
    assert (refused.status_code, code_of(refused)) == (429, "too_many_sign_ups")


# --- links -------------------------------------------------------------------------------------


async def test_links_are_seen_and_taken_away_by_their_owner_alone(
    home: Home, world: Loopback, make_account: MakeAccount
) -> None:
    maria, jose = await make_account("maria"), await make_account("jose")
    made = (await link(home, await token_of(home, world), maria["headers"])).json()
    listed = await home.client.get("/auth/social", headers=maria["headers"])
    assert listed.json() == [made]
    assert set(made) == {"provider", "since"}
    assert (await home.client.get("/auth/social", headers=jose["headers"])).json() == []
    refused = await home.client.delete("/auth/social/google", headers=jose["headers"])
    assert (refused.status_code, code_of(refused)) == (404, "social_link_not_found")
    gone = await home.client.delete("/auth/social/google", headers=maria["headers"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await home.visit(world, "google", SUBJECT)).json()["registration_required"]
    again = await home.client.delete("/auth/social/google", headers=maria["headers"])
    assert code_of(again) == "social_link_not_found"


async def test_a_person_has_one_account_and_an_account_one_person_of_a_provider(
    home: Home, world: Loopback, make_account: MakeAccount, city_dsn: str
) -> None:
    maria, jose = await make_account("maria"), await make_account("jose")
    token = await token_of(home, world)
    world.people["2"] = dict(JOSE)
    other = (await home.visit(world, "google", "2")).json()["registration_token"]
    assert (await link(home, token, maria["headers"])).status_code == 201
    refused = await link(home, other, maria["headers"])
    assert (refused.status_code, code_of(refused)) == (409, "social_link_taken")
    assert (await link(home, other, jose["headers"])).status_code == 201
    found = rows(city_dsn, "SELECT account_id, subject FROM identity.linked_identities ORDER BY id")
    assert found == [(maria["id"], SUBJECT), (jose["id"], "2")]


async def test_of_two_accounts_that_use_a_token_at_once_one_gets_it(
    home: Home, world: Loopback, make_account: MakeAccount
) -> None:
    maria, jose = await make_account("maria"), await make_account("jose")
    token = await token_of(home, world)
    answers = await asyncio.gather(
        *(link(home, token, account["headers"]) for account in (maria, jose) * 3)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 5


async def test_the_only_way_in_stays(home: Home, world: Loopback) -> None:
    made = await register(home, await token_of(home, world))
    headers = bearer(made)
    refused = await home.client.delete("/auth/social/google", headers=headers)
    assert (refused.status_code, code_of(refused)) == (409, "social_last_sign_in")
    assert (await link(home, await token_of(home, world, "meta"), headers)).status_code == 201
    answers = await asyncio.gather(
        *(
            home.client.delete(f"/auth/social/{provider}", headers=headers)
            for provider in ("google", "meta")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_a_link_to_a_provider_that_was_switched_off_is_no_way_in(
    home: Home, world: Loopback, city_dsn: str
) -> None:
    made = await register(home, await token_of(home, world))
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "INSERT INTO identity.linked_identities (account_id, provider, subject)"
            " VALUES (%s, 'gov-br', '1')",
            [made.json()["user_id"]],
        )
    refused = await home.client.delete("/auth/social/google", headers=bearer(made))
    assert code_of(refused) == "social_last_sign_in"
    gone = await home.client.delete("/auth/social/gov-br", headers=bearer(made))
    assert gone.status_code == 204


# --- what is left behind -----------------------------------------------------------------------


async def test_what_is_over_is_removed(
    home: Home, world: Loopback, city_dsn: str, resources: Resources
) -> None:
    await token_of(home, world)
    await home.leave("google")
    kind = next(kind for kind in TASK_KINDS if kind.name == "identity.clean_social")
    context = TaskContext(uuid4(), resources)
    assert await kind.run(context, {}) == {"removed": 0}
    with psycopg.connect(city_dsn) as connection:
        for table in ("social_registrations", "social_attempts"):
            connection.execute(f"UPDATE identity.{table} SET expires_at = now()".encode())
    assert await kind.run(context, {}) == {"removed": 2}
    assert await kind.run(context, {}) == {"removed": 0}


async def test_links_are_exported_and_erased_with_their_account(
    home: Home, world: Loopback, make_account: MakeAccount, resources: Resources, city_dsn: str
) -> None:
    maria, jose = await make_account("maria"), await make_account("jose")
    await link(home, await token_of(home, world), maria["headers"])
    world.people["2"] = dict(JOSE)
    token = (await home.visit(world, "meta", "2")).json()["registration_token"]
    await link(home, token, jose["headers"])
    data = SocialData(resources.databases.identity)
    exported: Any = await data.export(maria["id"])
    assert [(item["provider"], item["subject"]) for item in exported] == [("google", SUBJECT)]
    for _ in range(2):
        await data.erase(maria["id"])
    query = "SELECT subject FROM identity.linked_identities"
    assert rows(city_dsn, query) == [("2",)]
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM identity.accounts WHERE id = %s", [jose["id"]])
    assert rows(city_dsn, query) == []
