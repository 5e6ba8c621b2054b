"""Reminds people of documents that are about to expire."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import structlog

from praca.identity import Contact
from praca.kit.clock import today_in_brasilia
from praca.kit.text import squeeze
from praca.platform.database import Database
from praca.platform.mail import Mail, Message
from praca.wallet.documents import reminder_repository
from praca.wallet.documents.reminder_repository import Due

__all__ = ["Reminders"]

_log = structlog.get_logger("praca.documents")


Find = Callable[[int], Awaitable[Contact | None]]


class Reminders:
    """Sends what is due, each reminder once.

    A reminder is claimed in a transaction, sent, and marked as sent in another. It is sent twice
    only if the worker dies between the last two.

    Args:
        city: where the documents are.
        find: looks up whom to write to.
        mail: sends an e-mail; what it raises leaves the reminder for the next run.
        address: where people reach the server.
    """

    def __init__(self, city: Database, find: Find, mail: Mail, address: str) -> None:
        self._city = city
        self._find = find
        self._mail = mail
        self._address = address

    async def run(
        self, on_progress: Callable[[int], None], today: date | None = None
    ) -> tuple[int, int]:
        """Send what is due ``today``, in Brasília by default; return how many went and failed."""
        today = today or today_in_brasilia()
        sent = failed = after = 0
        while True:
            async with self._city.read() as session:
                page = await reminder_repository.due(session, today, after)
            if not page:
                return sent, failed
            for due in page:
                went = await self._remind(due, today)
                sent += went is True
                failed += went is False
            after = page[-1].document_id
            on_progress(sent)

    async def _remind(self, due: Due, today: date) -> bool | None:
        """Send one reminder; false: it could not be sent; none: there was nothing to send."""
        recipient = await self._find(due.user_id)
        async with self._city.write() as session:
            if (
                recipient is None
                or not recipient.email
                or not await reminder_repository.claim(session, due)
            ):
                return None
        try:
            await self._mail.send(
                _written(due, recipient.email, recipient.full_name, today, self._address)
            )
        except Exception as error:  # noqa: BLE001  # one address must not keep the others waiting
            _log.warning("documents.reminder_failed", error=type(error).__name__)
            async with self._city.write() as session:
                await reminder_repository.release(session, due)
            return False
        async with self._city.write() as session:
            await reminder_repository.mark_sent(session, due)
        return True


def _written(due: Due, to: str, name: str, today: date, address: str) -> Message:
    """Return the e-mail to the owner; it names the document's type, never its number."""
    when, last = _when(due.expires_on - today), f"{due.expires_on:%d/%m/%Y}"
    lines = (
        f"Olá, {squeeze(name)}!",
        "",
        f"Seu documento “{squeeze(due.document_type)}”, guardado na Praça, {when} ({last}).",
        "Confira se é preciso renová-lo e, depois, atualize a validade na carteira digital:",
        address,
    )
    return Message(to, f"Um documento seu {when}", "\n".join(lines) + "\n")


def _when(left: timedelta) -> str:
    days = left.days
    if days < 0:
        return "venceu"
    if days == 0:
        return "vence hoje"
    return "vence amanhã" if days == 1 else f"vence em {days} dias"
