"""E-mails that tell the owner of an account what was changed, so that he notices a stranger.

A notice is written with the change it tells of, in the same transaction. A task sends it and
removes it; one that is left behind is sent by the round of ``recovery.tasks``.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from praca.identity import repository
from praca.identity.models import Notice
from praca.identity.subjects import NoticeKind
from praca.kit.clock import utc_now
from praca.platform.database.engine import WriteSession
from praca.platform.mail import Message
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = [
    "SEND_NOTICE",
    "add_notice",
    "deliver",
    "enqueue_mail",
    "send_left_notices",
    "send_notice",
]

_log = structlog.get_logger("praca.identity")
_KEPT: Final = timedelta(days=2)
"""Who has not been reached for so long is not told any more."""
_NEW_ADDRESS: Final = """Olá,

o e-mail da sua conta na Praça foi alterado, e este endereço não vale mais para ela.

Se não foi você, procure o atendimento da prefeitura.
"""
_NEW_SIGN_IN: Final = """Olá,

a senha da sua conta na Praça foi alterada, e todas as sessões foram encerradas. Se você pediu a
senha nova com um código, os acessos por outros provedores também foram desfeitos.

Se não foi você, peça uma senha nova com este e-mail e procure o atendimento da prefeitura.
"""
_TEXTS: Final = {
    NoticeKind.EMAIL_CHANGED: ("O e-mail da sua conta foi alterado", _NEW_ADDRESS),
    NoticeKind.PASSWORD_CHANGED: ("A senha da sua conta foi alterada", _NEW_SIGN_IN),
}


async def add_notice(
    session: WriteSession, kind: NoticeKind, account_id: int, address: str | None
) -> UUID | None:
    """Note that the owner of the account is to be told; without an address nobody can be."""
    if address is None:
        return None
    notice = Notice(
        id=uuid4(), account_id=account_id, kind=kind.value, address=address, created_at=utc_now()
    )
    await repository.add_notice(session, notice)
    return notice.id


async def enqueue_mail(resources: Resources, kind_name: str, **args: str) -> bool:
    """Have a task send what has been committed in the accounts' database; false if none can.

    The queue is in the city's database, so this is a transaction of its own.
    """
    try:
        async with resources.databases.city.write() as session:
            await resources.tasks.enqueue(session, kind_name, args)
    except (SQLAlchemyError, psycopg.Error, ConnectorException) as error:
        _log.warning("identity.mail_not_enqueued", kind=kind_name, error=type(error).__name__)
        return False
    return True


async def deliver(resources: Resources, address: str, subject: str, text: str) -> None:
    """Send an e-mail; an address that none can have is passed over, now as at every later try.

    Raises:
        MailError: it was not taken.
    """
    try:
        message = Message(address, subject, text)
    except ValueError:
        _log.warning("identity.address_unusable")
        return
    await resources.mail.send(message)


async def send_notice(resources: Resources, notice_id: UUID) -> None:
    """Send the e-mail and remove its notice; one that is gone has been sent."""
    database = resources.databases.identity
    async with database.read() as session:
        notice = await repository.get_notice(session, notice_id)
    if notice is None:
        return
    await deliver(resources, notice.address, *_TEXTS[NoticeKind(notice.kind)])
    async with database.write() as session:
        await repository.delete_notice(session, notice_id)


async def send_left_notices(resources: Resources, older_than: timedelta) -> None:
    """Give up what could not be sent for days, and enqueue what nobody is sending."""
    now = utc_now()
    async with resources.databases.identity.write() as session:
        await repository.delete_notices_before(session, now - _KEPT)
        ids = await repository.list_notices_before(session, now - older_than)
    for notice_id in ids:
        await enqueue_mail(resources, SEND_NOTICE.name, notice_id=str(notice_id))


async def _send(context: TaskContext, args: dict[str, Any]) -> None:
    await send_notice(context.resources, UUID(args["notice_id"]))


SEND_NOTICE = TaskKind("identity.send_notice", _send)
