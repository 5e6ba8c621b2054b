"""Who is reminded of what, when, and how often."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.integration.wallet_documents.conftest import Keep
from tests.integration.wallet_documents.uploads import CANARY

from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Contact
from praca.kit.clock import today_in_brasilia
from praca.platform.mail import MailError, Message
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext
from praca.wallet.documents.reminders import Reminders

Account = dict[str, Any]
TODAY = date(2026, 11, 22)


@dataclass
class Post:
    """E-mails that were sent; those to ``refused`` are not taken."""

    sent: list[Message] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def send(self, message: Message) -> None:
        if message.to in self.refused:
            raise MailError("550")
        self.sent.append(message)

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message in self.sent]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def reminders(resources: Resources, post: Post) -> Reminders:
    async def find(account_id: int) -> Contact | None:
        return Contact("Ana\r\nBcc: x@y", f"pessoa{account_id}@exemplo.org")

    return Reminders(resources.databases.city, find, post, "https://praca.example")


def ignore(_count: int) -> None:
    return None


async def test_a_document_is_reminded_of_three_times_and_each_once(
    ana: Account, keep: Keep, reminders: Reminders, post: Post
) -> None:
    await keep(ana, expires_on=(TODAY + timedelta(days=40)).isoformat())
    for day in range(46):
        for _ in range(2):
            await reminders.run(ignore, TODAY + timedelta(days=day))
    assert post.subjects == [
        "Um documento seu vence em 30 dias",
        "Um documento seu vence em 7 dias",
        "Um documento seu vence hoje",
    ]
    text = post.sent[0].text
    assert "“RG”" in text
    assert "01/01/2027" in text
    assert "https://praca.example" in text
    assert CANARY not in "".join(message.text for message in post.sent)
    assert "\r" not in text


async def test_a_day_that_was_missed_is_made_up_for_by_one_mail(
    ana: Account, keep: Keep, reminders: Reminders, post: Post
) -> None:
    for days in (-4, -1, 1, 5, 29, 31):
        await keep(ana, expires_on=(TODAY + timedelta(days=days)).isoformat())
    assert await reminders.run(ignore, TODAY) == (4, 0)
    assert post.subjects == [
        "Um documento seu venceu",
        "Um documento seu vence amanhã",
        "Um documento seu vence em 5 dias",
        "Um documento seu vence em 29 dias",
    ]


async def test_a_document_that_was_renewed_is_reminded_of_anew(
    client: Any, ana: Account, keep: Keep, reminders: Reminders, post: Post
) -> None:
    document = await keep(ana, expires_on=TODAY.isoformat())
    await reminders.run(ignore, TODAY)
    later = (TODAY + timedelta(days=7)).isoformat()
    await client.put(
        f"/documents/{document['id']}", json={"expires_on": later}, headers=ana["headers"]
    )
    await reminders.run(ignore, TODAY)
    assert len(post.sent) == 2


async def test_a_mail_that_was_not_taken_goes_with_the_next_run_and_stops_nobody(
    ana: Account, bia: Account, keep: Keep, reminders: Reminders, post: Post
) -> None:
    for owner in (ana, bia):
        await keep(owner, expires_on=TODAY.isoformat())
    post.refused.add(f"pessoa{ana['id']}@exemplo.org")
    assert await reminders.run(ignore, TODAY) == (1, 1)
    post.refused.clear()
    assert await reminders.run(ignore, TODAY) == (1, 0)
    assert [message.to for message in post.sent] == [
        f"pessoa{owner['id']}@exemplo.org" for owner in (bia, ana)
    ]


async def test_a_claim_of_a_worker_that_died_is_taken_up_later(
    ana: Account, keep: Keep, reminders: Reminders, city_dsn: str
) -> None:
    document = await keep(ana, expires_on=TODAY.isoformat())
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO wallet.document_reminders (document_id, expires_on, days_before)"
            " VALUES (%s, %s, 0)",
            [document["id"], TODAY],
        )
        assert await reminders.run(ignore, TODAY) == (0, 0)
        connection.execute(
            "UPDATE wallet.document_reminders SET claimed_at = now() - interval '61 minutes'"
        )
    assert await reminders.run(ignore, TODAY) == (1, 0)
    assert await reminders.run(ignore, TODAY) == (0, 0)


async def test_more_than_a_batch_is_reminded_of(
    ana: Account, keep: Keep, reminders: Reminders, post: Post, city_dsn: str
) -> None:
    document = await keep(ana, expires_on=TODAY.isoformat())
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO wallet.documents (user_id, document_type, document_number, expires_on)"
            " SELECT user_id, document_type, document_number, expires_on FROM wallet.documents,"
            " generate_series(1, 120) WHERE id = %s",
            [document["id"]],
        )
    assert await reminders.run(ignore, TODAY) == (121, 0)
    assert len(post.sent) == 121


async def test_the_task_writes_to_the_accounts_address(
    ana: Account, keep: Keep, resources: Resources, post: Post, city_dsn: str
) -> None:
    await keep(ana, expires_on=today_in_brasilia().isoformat())
    kind = next(kind for kind in TASK_KINDS if kind.name == "wallet.remind_of_documents")
    assert kind.cron(resources.settings) == "0 11 * * *"
    context = TaskContext(uuid4(), replace(resources, mail=post))
    assert await kind.run(context, {}) == {"sent": 0, "failed": 0}  # he told no address
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE identity.accounts SET email = 'ana@exemplo.org' WHERE id = %s", [ana["id"]]
        )
    assert await kind.run(context, {}) == {"sent": 1, "failed": 0}
    assert await kind.run(context, {}) == {"sent": 0, "failed": 0}
    assert post.sent[0].to == "ana@exemplo.org"


async def test_the_daily_sweep_forgets_old_shares(
    client: Any, ana: Account, keep: Keep, resources: Resources, city_dsn: str
) -> None:
    document = await keep(ana)
    path = f"/documents/{document['id']}/shares"
    for _ in range(2):
        await client.post(path, json={"fields": ["issued_by"]}, headers=ana["headers"])
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE wallet.document_shares SET expires_at = now() - interval '366 days'"
            " WHERE id = (SELECT id FROM wallet.document_shares LIMIT 1)"
        )
    kind = next(kind for kind in TASK_KINDS if kind.name == "wallet.sweep_documents")
    assert kind.cron(resources.settings)
    assert await kind.run(TaskContext(uuid4(), resources), {}) == {"objects": 0, "shares": 1}
    assert len((await client.get(path, headers=ana["headers"])).json()) == 1
