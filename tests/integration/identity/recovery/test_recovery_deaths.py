"""What dies on the way to a new password, and what is left."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.integration.identity.recovery.steps import (
    KNOWN,
    NEW,
    PASSWORD,
    UNKNOWN,
    Outbox,
    age,
    ask,
    code_for,
    execute,
    finish,
    reset,
    sign_in,
    token_for,
    verify,
    work,
)

from praca.platform.mail import MailError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext


@pytest.mark.usefixtures("maria")
async def test_a_process_that_dies_before_the_task_is_made_up_for(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: Outbox
) -> None:
    code = await code_for(client)
    execute(city_dsn, "DELETE FROM platform.task_runs")  # as if killed between the two databases
    execute(city_dsn, "DELETE FROM procrastinate_jobs")
    await finish(resources)
    assert outbox.codes == []  # it may still be on its way
    age(city_dsn, 3)
    await finish(resources)
    assert outbox.codes == [code]
    age(city_dsn, 3)
    await finish(resources)
    assert outbox.codes == [code]
    assert (await verify(client, code)).status_code == 200


@pytest.mark.usefixtures("maria")
async def test_a_worker_that_dies_after_the_e_mail_sends_the_same_one(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: Outbox
) -> None:
    code = await code_for(client)
    [(recovery_id,)] = execute(city_dsn, "SELECT id FROM identity.password_recoveries")
    kind = resources.tasks.kinds["identity.send_recovery_code"]
    args = {"recovery_id": str(recovery_id)}
    await kind.run(TaskContext(uuid4(), resources), args)
    execute(city_dsn, "UPDATE identity.password_recoveries SET sent_at = NULL")  # killed there
    await kind.run(TaskContext(uuid4(), resources), args)
    await work(resources)  # the queue's own run finds it done
    assert outbox.codes == [code, code]


@pytest.mark.usefixtures("maria")
async def test_a_server_of_e_mails_that_comes_back(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: Outbox
) -> None:
    assert (await reset(client, await token_for(client))).status_code == 200
    notice = resources.tasks.kinds["identity.send_notice"]
    [(notice_id,)] = execute(city_dsn, "SELECT id FROM identity.notices")
    outbox.is_broken = True
    with pytest.raises(MailError):
        await notice.run(TaskContext(uuid4(), resources), {"notice_id": str(notice_id)})
    assert len(execute(city_dsn, "SELECT FROM identity.notices")) == 1
    outbox.is_broken = False
    execute(city_dsn, "DELETE FROM platform.task_runs")
    execute(city_dsn, "DELETE FROM procrastinate_jobs")
    age(city_dsn, 3)
    await finish(resources)
    assert outbox.receivers == [KNOWN]
    assert execute(city_dsn, "SELECT FROM identity.notices") == []


async def test_a_password_changed_by_who_knows_it_is_told_by_e_mail_too(
    client: httpx.AsyncClient,
    resources: Resources,
    city_dsn: str,
    outbox: Outbox,
    maria: dict[str, Any],
) -> None:
    session = (await sign_in(client, PASSWORD)).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    path = f"/api/v1/usuarios/{maria['id']}"
    changed = await client.put(path, json={"password": NEW}, headers=headers)
    assert changed.status_code == 202
    age(city_dsn, 3)
    await finish(resources)
    assert outbox.receivers == [KNOWN]
    assert "A senha da sua conta foi alterada" in outbox.paper.getvalue()


@pytest.mark.usefixtures("maria")
async def test_what_counts_no_more_is_removed(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str
) -> None:
    for email in (KNOWN, UNKNOWN):
        await ask(client, email)
    await reset(client, await token_for(client))
    await finish(resources)
    assert len(execute(city_dsn, "SELECT FROM identity.password_recoveries")) == 2
    execute(
        city_dsn,
        "INSERT INTO identity.notices SELECT gen_random_uuid(), id, 'email_changed', 'x', now()"
        " FROM identity.accounts",  # no server takes it
    )
    age(city_dsn, 3)
    await finish(resources)
    assert execute(city_dsn, "SELECT FROM identity.notices") == []
    age(city_dsn, 90)
    await finish(resources)
    assert execute(city_dsn, "SELECT FROM identity.password_recoveries") == []


@pytest.mark.usefixtures("maria")
async def test_recoveries_go_with_their_account(client: httpx.AsyncClient, city_dsn: str) -> None:
    await reset(client, await token_for(client))
    execute(city_dsn, "DELETE FROM identity.accounts")
    for table in ("notices", "password_recoveries"):
        assert execute(city_dsn, f"SELECT FROM identity.{table}") == []


@pytest.mark.usefixtures("maria")
async def test_a_task_knows_the_id_alone(client: httpx.AsyncClient, city_dsn: str) -> None:
    await ask(client)
    [(args,)] = execute(city_dsn, "SELECT args FROM platform.task_runs")
    [(recovery_id,)] = execute(city_dsn, "SELECT id FROM identity.password_recoveries")
    assert args == {"recovery_id": str(recovery_id)}
    assert isinstance(recovery_id, UUID)
