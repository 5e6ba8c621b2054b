"""What sends codes, and the round that finishes what a dead process left and cleans up."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from praca.identity import repository as accounts
from praca.identity.models import PasswordRecovery
from praca.identity.notices import SEND_NOTICE, deliver, enqueue_mail, send_left_notices
from praca.identity.recovery import repository
from praca.identity.recovery.secrets import RecoverySecrets
from praca.kit.clock import utc_now
from praca.platform.database.engine import WriteSession
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["MAIL_KINDS", "SEND_CODE", "resolve"]

_LEFT_AFTER: Final = timedelta(minutes=2)
"""What was not sent for so long, its task does not send any more."""
_KEPT: Final = timedelta(hours=1)
"""So long after it expired, a code is told to have."""
_SUBJECT: Final = "Código para criar uma senha nova"
_TEXT: Final = """Olá,

seu código para criar uma senha nova na Praça é: {code}

Ele vale por {minutes} minutos e uma única vez. Não o informe a ninguém, nem a quem diga ser da
prefeitura.

Se não foi você que pediu, ignore esta mensagem: sua senha continua a mesma.
"""


async def resolve(
    session: WriteSession, secrets: RecoverySecrets, found: PasswordRecovery
) -> PasswordRecovery | None:
    """Lock the recovery, once its account has been looked for; none if it was replaced meanwhile.

    The e-mail that it was asked for is forgotten then. The account comes first, as wherever both
    are locked.
    """
    account = None
    if found.sealed_email is not None:
        email = secrets.opened(found.id, found.sealed_email)
        account = await accounts.get_account_by_email(session, email) if email else None
    recovery = await repository.lock_recovery(session, found.id)
    if recovery is not None and recovery.sealed_email is not None:
        recovery.account_id = None if account is None else account.id
        recovery.sealed_email = None
    return recovery


async def _send_code(context: TaskContext, args: dict[str, Any]) -> None:
    """Send the code of a recovery, if there is an account; the result never says whether."""
    resources, recovery_id = context.resources, UUID(args["recovery_id"])
    secrets = RecoverySecrets(resources.settings.signing_key)
    address = await _address(resources, secrets, recovery_id)
    if address is None:
        return
    minutes = resources.settings.sign_in.recovery_minutes
    text = _TEXT.format(code=secrets.code_of(recovery_id), minutes=f"{minutes:g}".replace(".", ","))
    await deliver(resources, address, _SUBJECT, text)
    async with resources.databases.identity.write() as session:
        await repository.mark_sent(session, recovery_id, utc_now())


async def _address(resources: Resources, secrets: RecoverySecrets, recovery_id: UUID) -> str | None:
    """Return where the code is to go; none if it counts no more, was sent, or nobody asked."""
    async with resources.databases.identity.write() as session:
        found = await repository.get_recovery(session, recovery_id)
        recovery = None if found is None else await resolve(session, secrets, found)
        if recovery is None or not _is_awaited(recovery):
            return None
        if recovery.account_id is None:
            recovery.sent_at = utc_now()  # nothing is left to do
            return None
        account = await accounts.get_account(session, recovery.account_id)
        return None if account is None or not account.is_active else account.email


def _is_awaited(recovery: PasswordRecovery) -> bool:
    # In development the code may have been used before it is sent.
    is_done = recovery.sent_at is not None or recovery.verified_at is not None
    return not is_done and recovery.expires_at > utc_now()


async def _finish_mails(context: TaskContext, _args: dict[str, Any]) -> None:
    """Send what nobody is sending any more, and remove what counts no more."""
    resources, now = context.resources, utc_now()
    async with resources.databases.identity.write() as session:
        await repository.delete_expired(session, now - _KEPT)
        left = await repository.list_unsent(session, made_before=now - _LEFT_AFTER, now=now)
    for recovery_id in left:
        await enqueue_mail(resources, SEND_CODE.name, recovery_id=str(recovery_id))
    await send_left_notices(resources, _LEFT_AFTER)


def _every_ten_minutes(_settings: Settings) -> str:
    return "*/10 * * * *"


SEND_CODE = TaskKind("identity.send_recovery_code", _send_code)
_FINISH = TaskKind(
    "identity.finish_mails", _finish_mails, is_exclusive=True, cron=_every_ten_minutes
)
MAIL_KINDS: Final = (SEND_CODE, SEND_NOTICE, _FINISH)
