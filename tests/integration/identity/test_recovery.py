"""A forgotten password, in three steps; and all that must not help anybody else."""

import asyncio
import dataclasses
import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
import structlog
from psycopg import sql

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.identity.recovery.secrets import RecoverySecrets
from praca.kit.clock import utc_now
from praca.platform.logging import configure_logging
from praca.platform.mail import ConsoleMail, MailError, Message
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, Worker

PASSWORD, NEW = "Ipe-Amarelo-27", "Ipe-Amarelo-28"
KNOWN, UNKNOWN = "maria@example.com", "ninguem@example.com"
MARIA = {
    "full_name": "Maria da Silva",
    "email": KNOWN,
    "birth_date": "1990-05-17",
    "cpf": "52998224725",
    "phone": "21987654321",
    "password": PASSWORD,
}
STEPS = "/forgot-password"


class Outbox(ConsoleMail):
    """The console, whose paper one may read; it runs out when told to."""

    def __init__(self) -> None:
        self.paper = io.StringIO()
        self.is_broken = False
        super().__init__(stream=self.paper)

    async def send(self, message: Message) -> None:
        if self.is_broken:
            raise MailError("451")
        await super().send(message)

    @property
    def receivers(self) -> list[str]:
        return re.findall(r"^To: (.*)$", self.paper.getvalue(), re.MULTILINE)

    @property
    def codes(self) -> list[str]:
        return re.findall(r": (\d{6})$", self.paper.getvalue(), re.MULTILINE)


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_SIGN_IN_FAILURES_PER_ACCOUNT", "3")
    monkeypatch.setenv("PRACA_RECOVERIES_PER_ADDRESS", "9")
    return Settings.load()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest_asyncio.fixture
async def resources(settings: Settings, city_dsn: str, outbox: Outbox) -> AsyncIterator[Resources]:
    opened = open_resources(settings, city_dsn, TASK_KINDS)
    yield dataclasses.replace(opened, mail=outbox)
    await opened.close()


@pytest_asyncio.fixture
async def maria(client: httpx.AsyncClient) -> dict[str, Any]:
    made = await client.post("/users/register", json=MARIA)
    assert made.status_code == 201
    person: dict[str, Any] = made.json()
    return person


async def ask(client: httpx.AsyncClient, email: str = KNOWN) -> httpx.Response:
    return await client.post(f"{STEPS}/forgot-password", json={"email": email})


async def verify(client: httpx.AsyncClient, code: str, email: str = KNOWN) -> httpx.Response:
    return await client.post(f"{STEPS}/verify-code", json={"email": email, "code": code})


async def reset(client: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await client.post(
        f"{STEPS}/reset-password",
        json={"new_password": password},
        headers={"Authorization": f"Bearer {token}"},
    )


async def sign_in(client: httpx.AsyncClient, password: str, name: str = KNOWN) -> httpx.Response:
    return await client.post("/auth/login", data={"username": name, "password": password})


async def code_for(client: httpx.AsyncClient, email: str = KNOWN) -> str:
    answer = await ask(client, email)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


async def token_for(client: httpx.AsyncClient) -> str:
    answer = await verify(client, await code_for(client))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"]["access_token"])


async def work(resources: Resources) -> None:
    await Worker(resources).run(until_empty=True)


async def finish(resources: Resources) -> None:
    kind = next(kind for kind in TASK_KINDS if kind.name == "identity.finish_mails")
    await kind.run(TaskContext(uuid4(), resources), {})
    await work(resources)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def execute(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return [] if cursor.description is None else cursor.fetchall()


def age(dsn: str, minutes: int) -> None:
    """Let the time pass that the recoveries and notices have been there."""
    moments = "created_at expires_at sent_at verified_at token_expires_at".split()  # noqa: SIM905
    changes = ", ".join(f"{name} = {name} - interval '{minutes} minutes'" for name in moments)
    execute(dsn, f"UPDATE identity.password_recoveries SET {changes}")
    execute(
        dsn, f"UPDATE identity.notices SET created_at = created_at - interval '{minutes} minutes'"
    )


def dump(dsn: str) -> str:
    """Return every row of every table of ours as text."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = [
            row[0]
            for table in tables
            for row in connection.execute(
                sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(*table))
            )
        ]
    return "\n".join(rows)


def holds(text: str, code: str) -> bool:
    """Tell whether the code stands in the text, and not within a hash or a moment."""
    return re.search(rf"(?<![\w.]){code}(?!\w)", text) is not None


# --- the way through -------------------------------------------------------------------------


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


# --- codes -----------------------------------------------------------------------------------


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


# --- who may not learn what ------------------------------------------------------------------


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


@pytest.fixture
def logs() -> Iterator[io.BytesIO]:
    """Everything that is logged, down to what only developers look at."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.BytesIO()
    configure_logging("DEBUG", io.TextIOWrapper(written, write_through=True))
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


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


# --- tokens ----------------------------------------------------------------------------------


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


# --- what dies, and what is left -------------------------------------------------------------


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
