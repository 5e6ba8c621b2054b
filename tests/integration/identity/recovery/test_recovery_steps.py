"""A forgotten password, in three steps: codes and tokens, and how long they count."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.integration.identity.recovery.steps import (
    KNOWN,
    MARIA,
    NEW,
    PASSWORD,
    STEPS,
    UNKNOWN,
    Outbox,
    age,
    ask,
    code_for,
    execute,
    reset,
    sign_in,
    token_for,
    verify,
    work,
    wrong,
)

from praca.entrypoints.api import create_app
from praca.identity.recovery.secrets import RecoverySecrets
from praca.kit.clock import utc_now
from praca.platform.resources import Resources


@pytest.mark.usefixtures("maria")
async def test_three_steps_to_a_new_password(
    client: httpx.AsyncClient, resources: Resources, outbox: Outbox
) -> None:
    session = (await sign_in(client, PASSWORD)).json()
    await ask(client, " Maria@Example.COM ")
    await work(resources)
    assert outbox.receivers == [KNOWN]
    [code] = outbox.codes
    verified = await verify(client, code)
    assert verified.status_code == 200
    assert list(verified.json()) == ["access_token"]
    token = verified.json()["access_token"]["access_token"]
    done = await reset(client, token)
    assert (done.status_code, done.json()) == (200, {"status": "Senha atualizada com sucesso"})
    assert (await sign_in(client, PASSWORD)).status_code == 401
    assert (await sign_in(client, NEW)).status_code == 200
    # Who was signed in is so no more.
    again = await client.post("/auth/refresh", json={"refresh_token": session["refresh_token"]})
    assert again.status_code == 401
    me = {"Authorization": f"Bearer {session['access_token']}"}
    assert (await client.get("/users/me", headers=me)).status_code == 401
    await work(resources)
    assert outbox.receivers == [KNOWN, KNOWN]
    assert "A senha da sua conta foi alterada" in outbox.paper.getvalue()


async def test_a_recovered_password_ends_every_way_in_by_other_providers(
    client: httpx.AsyncClient,
    resources: Resources,
    outbox: Outbox,
    maria: dict[str, Any],
    city_dsn: str,
) -> None:
    # Whoever registered this address first may have linked himself.
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "INSERT INTO identity.linked_identities (account_id, provider, subject)"
            " VALUES (%s, 'google', 'outro')",
            (maria["id"],),
        )
    await ask(client)
    await work(resources)
    token = (await verify(client, outbox.codes[0])).json()["access_token"]["access_token"]
    assert (await reset(client, token)).status_code == 200
    with psycopg.connect(city_dsn) as connection:
        assert connection.execute("SELECT 1 FROM identity.linked_identities").fetchall() == []


@pytest.mark.usefixtures("maria")
async def test_who_asks_over_a_network_never_sees_the_code(resources: Resources) -> None:
    app = create_app(resources.settings, resources)
    for address, shown in (("203.0.113.9", False), ("127.0.0.1", True), ("::1", True)):
        transport = httpx.ASGITransport(app=app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as caller:
            assert ("code" in (await ask(caller)).json()) is shown, address


@pytest.mark.usefixtures("maria")
async def test_a_locked_account_opens_with_the_new_password(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    for name in (KNOWN, MARIA["cpf"]):
        for _ in range(resources.settings.sign_in.sign_in_failures_per_account):
            await sign_in(client, "errada-1", name)
        assert (await sign_in(client, PASSWORD, name)).status_code == 429
    assert (await reset(client, await token_for(client))).status_code == 200
    for name in (KNOWN, "529.982.247-25"):
        assert (await sign_in(client, NEW, name)).status_code == 200


@pytest.mark.usefixtures("maria")
async def test_a_code_can_be_tried_five_times(client: httpx.AsyncClient) -> None:
    code = await code_for(client)
    for by in range(1, 5):
        refused = await verify(client, wrong(code, by))
        assert (refused.status_code, refused.json()["detail"]) == (400, "Código inválido.")
    assert (await verify(client, code)).status_code == 200
    other = await code_for(client)
    for by in range(1, 6):
        await verify(client, wrong(other, by))
    refused = await verify(client, other)
    assert (refused.status_code, refused.json()["code"]) == (400, "recovery_code_invalid")


@pytest.mark.usefixtures("maria")
async def test_tries_at_once_are_five_all_the_same(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    code = await code_for(client)
    await asyncio.gather(*(verify(client, wrong(code, by)) for by in range(1, 12)))
    assert execute(city_dsn, "SELECT tries FROM identity.password_recoveries") == [(5,)]
    assert (await verify(client, code)).status_code == 400


@pytest.mark.usefixtures("maria")
async def test_of_many_who_have_the_code_one_gets_a_token(client: httpx.AsyncClient) -> None:
    code = await code_for(client)
    answers = await asyncio.gather(*(verify(client, code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


@pytest.mark.usefixtures("maria")
async def test_a_new_code_takes_the_place_of_the_last(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: Outbox
) -> None:
    answers = await asyncio.gather(*(ask(client) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(execute(city_dsn, "SELECT FROM identity.password_recoveries")) == 1
    await work(resources)
    [live] = outbox.codes  # nobody is sent a code that is dead already
    for code in {answer.json()["code"] for answer in answers} - {live}:
        assert (await verify(client, code)).status_code == 400
    assert (await verify(client, live)).status_code == 200


@pytest.mark.usefixtures("maria")
async def test_a_code_expires(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: Outbox
) -> None:
    codes = {email: await code_for(client, email) for email in (KNOWN, UNKNOWN)}
    age(city_dsn, 14)
    assert (await verify(client, wrong(codes[KNOWN]))).status_code == 400
    age(city_dsn, 1)
    for email, code in codes.items():
        late = await verify(client, code, email)
        assert (late.status_code, late.json()["detail"]) == (400, "O código expirou.")
    await work(resources)
    assert outbox.receivers == []  # it would be of no use


@pytest.mark.usefixtures("maria")
async def test_wrong_codes_count_against_the_address(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    execute(
        city_dsn,
        "INSERT INTO identity.sign_in_failures SELECT key, now(), 99 FROM ("
        f" SELECT 'address:{_address_key(client)}' AS key) AS one",
    )
    code = await code_for(client)
    assert (await verify(client, wrong(code))).status_code == 400
    refused = await verify(client, code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_sign_ins")


def _address_key(client: httpx.AsyncClient) -> str:
    keys = client.app.state.identity.keys  # type: ignore[attr-defined]
    return str(keys.of_address("127.0.0.1")).partition(":")[2]


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
async def test_codes_are_limited_per_e_mail_and_per_address(
    client: httpx.AsyncClient, resources: Resources, email: str, maria: dict[str, Any]
) -> None:
    del maria
    most = resources.settings.sign_in.recoveries_per_account
    answers = await asyncio.gather(*(ask(client, email) for _ in range(most + 2)))
    assert sorted(answer.status_code for answer in answers) == [200] * most + [429] * 2
    refused = await ask(client, email.upper())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_recoveries")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    left = resources.settings.sign_in.recoveries_per_address - most
    for number in range(left):
        assert (await ask(client, f"p{number}@example.com")).status_code == 200
    assert (await ask(client, "mais-uma@example.com")).status_code == 429


@pytest.mark.usefixtures("maria")
async def test_a_token_sets_one_password(client: httpx.AsyncClient) -> None:
    token = await token_for(client)
    answers = await asyncio.gather(*(reset(client, token, f"{NEW}-{n}") for n in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    assert (await reset(client, token)).status_code == 401


@pytest.mark.usefixtures("maria")
async def test_a_token_opens_nothing_else_and_nothing_else_is_one(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    token = await token_for(client)
    for method, path in (("GET", "/users/me"), ("GET", "/api/v1/usuarios/me")):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await client.request(method, path, headers=headers)).status_code == 401
    access = (await sign_in(client, PASSWORD)).json()
    secrets = RecoverySecrets(resources.settings.signing_key)
    body = {"new_password": NEW}
    assert (await client.post(f"{STEPS}/reset-password", json=body)).status_code == 401
    for other in (
        access["access_token"],
        access["refresh_token"],
        secrets.token(uuid4(), utc_now() + timedelta(minutes=5)),
        token[:-1],
    ):
        refused = await reset(client, other)
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
    assert (await sign_in(client, PASSWORD)).status_code == 200


@pytest.mark.usefixtures("maria")
async def test_a_token_expires(client: httpx.AsyncClient, city_dsn: str) -> None:
    token = await token_for(client)
    age(city_dsn, 16)
    assert (await reset(client, token)).status_code == 401


@pytest.mark.usefixtures("maria")
@pytest.mark.parametrize("password", ["curta", "semmaiuscula1", "SemNumero-", "Senha123", ""])
async def test_a_weak_password_does_not_use_the_token_up(
    client: httpx.AsyncClient, password: str
) -> None:
    token = await token_for(client)
    refused = await reset(client, token, password)
    assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")
    assert refused.json()["errors"][0]["loc"] == ["body", "new_password"]
    assert (await reset(client, token)).status_code == 200
