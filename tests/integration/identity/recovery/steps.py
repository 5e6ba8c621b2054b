"""The steps to a new password, as a client takes them, and looks at what they leave."""

import io
import re
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.mail import ConsoleMail, MailError, Message
from praca.platform.resources import Resources
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
