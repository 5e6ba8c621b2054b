"""Who may not learn what: answers, tables and logs."""

import dataclasses
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.integration.identity.recovery.steps import (
    KNOWN,
    MARIA,
    PASSWORD,
    STEPS,
    UNKNOWN,
    Outbox,
    ask,
    code_for,
    dump,
    execute,
    holds,
    reset,
    sign_in,
    token_for,
    verify,
    work,
    wrong,
)

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.mail import MailError
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], list[str]]:
    names = sorted(set(answer.headers) - {"x-request-id"})
    return answer.status_code, {**answer.json(), "code": ""}, names


@pytest.mark.usefixtures("maria")
async def test_answers_do_not_tell_who_has_an_account(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    asked = {email: await ask(client, email) for email in (KNOWN, UNKNOWN)}
    assert told(asked[KNOWN]) == told(asked[UNKNOWN])
    assert asked[KNOWN].json()["code"] != asked[UNKNOWN].json()["code"]
    await work(resources)
    tries = {
        email: [
            told(await verify(client, wrong(answer.json()["code"], by), email))
            for by in range(1, 8)
        ]
        for email, answer in asked.items()
    }
    assert tries[KNOWN] == tries[UNKNOWN]
    nobody_asked = told(await verify(client, "123456", "outra@example.com"))
    assert nobody_asked == tries[KNOWN][0]
    for email in ("maria", "", "a\x00@example.com", None):
        refused = await client.post(f"{STEPS}/forgot-password", json={"email": email})
        assert refused.status_code == 422


@pytest.mark.usefixtures("maria")
async def test_the_right_code_of_nobody_opens_nothing(
    client: httpx.AsyncClient, resources: Resources, outbox: Outbox
) -> None:
    code = await code_for(client, UNKNOWN)
    await work(resources)
    assert outbox.receivers == []
    refused = await verify(client, code, UNKNOWN)
    assert (refused.status_code, refused.json()["code"]) == (400, "recovery_code_invalid")


@pytest.mark.usefixtures("maria")
async def test_the_request_leaves_the_same_whoever_asks(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str
) -> None:
    """What is written in the request, and what a task tells, must not depend on the account."""
    for email in (KNOWN, UNKNOWN):
        await ask(client, email)
    columns = "account_id, tries, octet_length(sealed_email), sent_at, octet_length(code_hash)"
    rows = execute(city_dsn, f"SELECT {columns} FROM identity.password_recoveries")
    assert {row[0] for row in rows} == {None}  # nobody looked yet
    lengths = {len(email) for email in (KNOWN, UNKNOWN)}
    assert {row[2] - 28 for row in rows} == lengths  # nonce and tag
    await work(resources)
    runs = execute(city_dsn, "SELECT kind, status, result, error, message FROM platform.task_runs")
    assert len(runs) == 2
    assert len({str(run) for run in runs}) == 1
    left = execute(
        city_dsn, "SELECT sealed_email, sent_at IS NULL FROM identity.password_recoveries"
    )
    assert left == [(None, False)] * 2


async def test_who_was_shut_out_gets_no_code(
    client: httpx.AsyncClient,
    resources: Resources,
    city_dsn: str,
    outbox: Outbox,
    maria: dict[str, Any],
) -> None:
    token = await token_for(client)
    execute(city_dsn, f"UPDATE identity.accounts SET is_active = false WHERE id = {maria['id']}")
    assert (await reset(client, token)).status_code == 401
    code = await code_for(client)
    await work(resources)
    assert outbox.receivers == []
    assert (await verify(client, code)).status_code == 400


async def test_codes_sent_to_an_old_address_count_no_more(
    client: httpx.AsyncClient, maria: dict[str, Any]
) -> None:
    session = (await sign_in(client, PASSWORD)).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    token = await token_for(client)
    new = {name: text for name, text in MARIA.items() if name != "password"}
    new["email"] = "nova@example.com"
    changed = await client.put(f"/users/{maria['id']}", json=new, headers=headers)
    assert changed.status_code == 200
    assert (await reset(client, token)).status_code == 401
    code = await code_for(client)  # for the address that is nobody's now
    assert (await verify(client, code)).status_code == 400


@pytest.mark.usefixtures("maria")
async def test_the_code_stands_nowhere_but_in_the_e_mail(
    client: httpx.AsyncClient,
    resources: Resources,
    city_dsn: str,
    outbox: Outbox,
    logs: io.BytesIO,
) -> None:
    code = await code_for(client)
    shown = [dump(city_dsn)]
    outbox.is_broken = True
    kind = resources.tasks.kinds["identity.send_recovery_code"]
    [(recovery_id,)] = execute(city_dsn, "SELECT id FROM identity.password_recoveries")
    with pytest.raises(MailError):
        await kind.run(TaskContext(uuid4(), resources), {"recovery_id": str(recovery_id)})
    outbox.is_broken = False
    await work(resources)
    shown.append(dump(city_dsn))
    await verify(client, wrong(code))
    token = (await verify(client, code)).json()["access_token"]["access_token"]
    shown.append(dump(city_dsn))
    await reset(client, token)
    await work(resources)
    shown += [dump(city_dsn), logs.getvalue().decode()]
    assert holds(outbox.paper.getvalue(), code)  # what is looked for can be found
    assert holds(f'("{{""code"": ""{code}""}}",7)', code)
    for text in shown:
        assert "identity" in text or "task" in text
        assert not holds(text, code)
        assert token not in text
    lines = logs.getvalue().decode()
    assert "/forgot-password/verify-code" in lines
    assert KNOWN not in lines
    assert MARIA["cpf"] not in lines


async def test_production_keeps_the_code_to_the_e_mail(
    city_dsn: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", "k" * 48)
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", f"k1:{'A' * 43}=")
    outbox = Outbox()
    opened = open_resources(Settings.load(), city_dsn, TASK_KINDS)
    production = dataclasses.replace(opened, mail=outbox)
    transport = httpx.ASGITransport(app=create_app(production.settings, production))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post("/users/register", json=MARIA)
        answers = [await ask(client, email) for email in (KNOWN, UNKNOWN)]
        assert [list(answer.json()) for answer in answers] == [["response"]] * 2
        assert answers[0].json() == answers[1].json()
        await work(production)
        [code] = outbox.codes
        assert (await verify(client, code)).status_code == 200
    await opened.close()
