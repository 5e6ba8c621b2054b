"""Tells a citizen by e-mail that his ticket was answered; what was answered is read here only."""

from typing import Any, Final

import structlog

from praca.helpdesk.desk.tickets import repository
from praca.identity import Contact, contact_of
from praca.kit.text import squeeze
from praca.platform.mail import Message
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["TELL_OF_REPLY"]

_log = structlog.get_logger("praca.helpdesk")
_SUBJECT: Final = "Seu atendimento tem uma resposta"
_TEXT: Final = """Olá, {name}!

A prefeitura respondeu ao seu atendimento nº {ticket_id} na Praça. Entre com sua conta para ler a
resposta e, se quiser, continuar a conversa:
{address}

Por segurança, a resposta não vai neste e-mail.
"""


async def tell_of_reply(context: TaskContext, args: dict[str, Any]) -> None:
    """Send the e-mail about one message, once.

    It is sent twice only if the worker dies between the server's taking it and the note of that.
    """
    resources, message_id = context.resources, int(args["message_id"])
    async with resources.databases.city.read() as session:
        unread = await repository.find_unnoticed(session, message_id)
    if unread is None:
        return  # told already, or erased
    ticket_id, user_id = unread
    async with resources.databases.identity.read() as session:
        contact = await contact_of(session, user_id)
    message = _written(ticket_id, contact, resources.settings.http.address)
    if message is not None:
        await resources.mail.send(message)
    async with resources.databases.city.write() as session:
        await repository.mark_noticed(session, message_id)


def _written(ticket_id: int, contact: Contact | None, address: str) -> Message | None:
    """Return the e-mail; none for who has no address that could be written to."""
    if contact is None or not contact.email:
        return None
    name = squeeze(contact.full_name)
    text = _TEXT.format(name=name, ticket_id=ticket_id, address=address)
    try:
        return Message(contact.email, _SUBJECT, text)
    except ValueError:
        _log.warning("helpdesk.address_unusable")
        return None


TELL_OF_REPLY: Final = TaskKind("helpdesk.tell_of_reply", tell_of_reply)
