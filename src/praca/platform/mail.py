"""E-mails to people: one port, and what stands behind it: a server, or the console.

An e-mail is sent outside of any transaction, by a background task, because its server may be slow,
and because what it is about must have been committed.
"""

import asyncio
import contextlib
import smtplib
import ssl
import sys
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import formatdate, make_msgid
from typing import Final, Protocol, TextIO

import structlog

from praca.platform.settings.mail import MailSettings

__all__ = ["ConsoleMail", "Mail", "MailError", "Message", "SmtpMail", "open_mail"]

_LONGEST_ADDRESS: Final = 254
_LONGEST_SUBJECT: Final = 200

_log = structlog.get_logger("praca.mail")


class MailError(Exception):
    """An e-mail was not taken; the message names neither its receiver nor its text.

    It is no error of the house: a task that meets it is tried again.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """A plain text e-mail to one person.

    Attributes:
        to: one e-mail address, without a name.
        subject: one line.
        text: any number of lines.

    Raises:
        ValueError: the address or the subject would be more than one line, or is no such thing.
    """

    to: str
    subject: str
    text: str

    def __post_init__(self) -> None:
        # A line break here would begin a header of somebody else's choice.
        for what, value, longest in (
            ("address", self.to, _LONGEST_ADDRESS),
            ("subject", self.subject, _LONGEST_SUBJECT),
        ):
            if not value or len(value) > longest or not value.isprintable():
                raise ValueError(f"not an e-mail's {what}")
        _receiver(self.to)


class Mail(Protocol):
    """What sends e-mails."""

    async def send(self, message: Message) -> None:
        """Hand the e-mail over; when this returns, somebody else is answerable for it.

        Raises:
            MailError: it was not taken. It may be sent again.
        """
        ...


class ConsoleMail:
    """Prints e-mails instead of sending them: for development and tests.

    Args:
        shows_text: print the text, too. It may hold a code that opens an account, which does not
            belong into a server's log.
        stream: where to; by default the standard output of then.
    """

    def __init__(self, *, shows_text: bool = True, stream: TextIO | None = None) -> None:
        self._shows_text = shows_text
        self._stream = stream

    async def send(self, message: Message) -> None:
        """Print the e-mail."""
        lines = [f"Subject: {message.subject}"]
        if self._shows_text:
            lines = [f"To: {message.to}", *lines, "", message.text]
        else:
            lines.append("(not sent: set PRACA_SMTP_HOST)")
        printed = "\n".join(("--- e-mail ---", *lines, "--------------", ""))
        stream = self._stream or sys.stdout
        stream.write(printed)
        stream.flush()


class SmtpMail:
    """Hands e-mails to a server (RFC 5321), each over a connection of its own.

    Connections are made in threads, and wait no longer than ``smtp_timeout_s`` for each answer. A
    server's certificate must be that of its name, by an authority the system knows or the one in
    ``smtp_ca_file``.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        ca_file = settings.smtp_ca_file
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    async def send(self, message: Message) -> None:
        """Hand the e-mail to the server.

        Raises:
            MailError: the server cannot be reached or trusted, or does not take it.
        """
        await asyncio.to_thread(self._send, _rendered(message, self._settings.mail_from))

    def _send(self, rendered: EmailMessage) -> None:
        reason: str | None = None
        try:
            server = self._connected()
            try:
                server.send_message(rendered)
            finally:
                # The e-mail has been taken or refused; a bad farewell changes nothing.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPResponseException as error:
            reason = f"{type(error).__name__} {error.smtp_code}"
        except (smtplib.SMTPException, OSError) as error:
            reason = type(error).__name__
        # Raised here, so that it does not carry the server's words, which quote the receiver.
        if reason is not None:
            raise MailError(reason)

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        where, timeout_s = (settings.smtp_host or "", settings.smtp_port), settings.smtp_timeout_s
        if settings.smtp_security == "tls":
            return self._signed_in(smtplib.SMTP_SSL(*where, timeout=timeout_s, context=self._tls))
        return self._signed_in(smtplib.SMTP(*where, timeout=timeout_s))

    def _signed_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        settings = self._settings
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=self._tls)
            if settings.smtp_username is not None and settings.smtp_password is not None:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def open_mail(settings: MailSettings, *, is_production: bool) -> Mail:
    """Return the server of the settings, or the console if they name none."""
    if settings.smtp_host is None:
        if is_production:
            _log.warning("mail.no_server", setting="PRACA_SMTP_HOST")  # nobody gets an e-mail
        return ConsoleMail(shows_text=not is_production)
    return SmtpMail(settings)


def _rendered(message: Message, sender: str) -> EmailMessage:
    rendered = EmailMessage(policy=CRLF)
    rendered["From"] = sender
    rendered["To"] = _receiver(message.to)
    rendered["Subject"] = message.subject
    rendered["Date"] = formatdate(usegmt=True)
    rendered["Message-ID"] = make_msgid(domain=_domain(sender))
    # Otherwise those who are away tell us so, and we them.
    rendered["Auto-Submitted"] = "auto-generated"
    rendered.set_content(message.text, cte="quoted-printable")
    return rendered


def _receiver(address: str) -> Address:
    """Return the address with its domain as the wire has it.

    Raises:
        ValueError: it is not one address.
    """
    name, _, domain = address.rpartition("@")
    try:
        wire = domain if domain.isascii() else domain.encode("idna").decode()
        return Address(addr_spec=f"{name}@{wire}")
    except (HeaderParseError, ValueError, IndexError):  # the parser looks behind the end
        pass
    # Raised here, so that it does not carry the parser's words, which quote the address.
    raise ValueError("not an e-mail's address")


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip("> ")
