"""The console and a server on loopback: what one promises of an e-mail, the other keeps, too."""

import asyncio
import contextlib
import io
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from praca.platform.mail import ConsoleMail, Mail, MailError, Message, SmtpMail, open_mail
from praca.platform.settings import MailSettings, Settings, SettingsError

_HOST = "127.0.0.1"
_SUBJECT = "Seu código não expirou"
_TEXT = "Olá, Conceição.\n\nSeu código: 123456\n.\nFim.\n"


class Sink:
    """Keeps what it is sent, unless it is told to answer something else."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer


def parsed(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(cast("bytes", envelope.content), policy=default)


@dataclass
class Certificate:
    """A certificate for this machine that signs itself, and its key."""

    path: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(_HOST))]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "certificate.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return cls(path)

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path)
        return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


class Listener(Controller):
    """Takes any free port."""

    def _trigger_server(self) -> None:
        self.port = cast("asyncio.Server", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def listening(sink: Sink, **kwargs: Any) -> Iterator[int]:
    server = Listener(sink, hostname=_HOST, port=0, **kwargs)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def settings_of(port: int, **values: Any) -> MailSettings:
    return MailSettings(smtp_host=_HOST, smtp_port=port, **values)


@dataclass
class Adapter:
    """One way out, and where one sees what went that way."""

    mail: Mail
    seen: Any


@pytest.fixture(params=["console", "smtp"])
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    if request.param == "console":
        stream = io.StringIO()
        yield Adapter(ConsoleMail(stream=stream), stream.getvalue)
        return
    sink = Sink()

    def seen() -> str:
        return "".join(
            f"To: {sent['To']}\nSubject: {sent['Subject']}\n\n{sent.get_content()}"
            for sent in map(parsed, sink.taken)
        )

    with listening(sink) as port:
        yield Adapter(SmtpMail(settings_of(port, smtp_security="none")), seen)


async def test_what_is_sent_arrives_as_it_is(adapter: Adapter) -> None:
    await adapter.mail.send(Message("ana@example.com", _SUBJECT, _TEXT))
    seen = adapter.seen()
    assert "To: ana@example.com\n" in seen
    assert f"Subject: {_SUBJECT}\n" in seen
    assert _TEXT in seen.replace("\r\n", "\n")


async def test_many_at_once_do_not_mix(adapter: Adapter) -> None:
    await asyncio.gather(
        *(adapter.mail.send(Message(f"p{n}@example.com", f"N {n}", f"texto {n}")) for n in range(8))
    )
    seen = adapter.seen().replace("\r\n", "\n")
    for n in range(8):
        assert f"To: p{n}@example.com\nSubject: N {n}\n\ntexto {n}\n" in seen


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ana@example.com\r\nBcc: eva@example.com", "Oi"),
        ("ana@example.com\nBcc: eva@example.com", "Oi"),
        ("ana@example.com, eva@example.com", "Oi"),
        ("Ana <ana@example.com>", "Oi"),
        ("ana@example.com\x00", "Oi"),
        ("ana@example.com", "Oi\r\nBcc: eva@example.com"),
        ("ana@example.com", "Oi\u2028Bcc: eva@example.com"),
        ("ana@example.com", "x" * 201),
        ("ana@example.com", ""),
        ("a" * 250 + "@example.com", "Oi"),
        ("ana@" + "ç" * 70 + ".br", "Oi"),
        ("ana@", "Oi"),
        ("ana", "Oi"),
        ("", "Oi"),
    ],
)
def test_headers_cannot_be_smuggled_in(to: str, subject: str) -> None:
    with pytest.raises(ValueError, match=r"^not an e-mail's (address|subject)$"):
        Message(to, subject, "texto")


async def test_the_text_cannot_end_the_e_mail(adapter: Adapter) -> None:
    text = "um\r\n.\r\nMAIL FROM:<eva@example.com>\r\n.\r\nfim\n"
    await adapter.mail.send(Message("ana@example.com", "Oi", text))
    assert adapter.seen().count("Subject:") == 1
    assert "MAIL FROM:<eva@example.com>" in adapter.seen()


async def test_a_domain_in_portuguese_travels_in_ascii() -> None:
    sink = Sink()
    with listening(sink) as port:
        mail = SmtpMail(settings_of(port, smtp_security="none"))
        await mail.send(Message("ana@ação.example", "Oi", "texto"))
    assert sink.taken[0].rcpt_tos == ["ana@xn--ao-siap.example"]
    assert parsed(sink.taken[0])["From"] == "Praça <nao-responda@praca.invalid>"
    assert sink.taken[0].mail_from == "nao-responda@praca.invalid"


async def test_the_console_of_production_keeps_codes_to_itself() -> None:
    stream = io.StringIO()
    await ConsoleMail(shows_text=False, stream=stream).send(
        Message("ana@example.com", "Seu código", "123456")
    )
    assert "Seu código" in stream.getvalue()
    assert "PRACA_SMTP_HOST" in stream.getvalue()
    assert "123456" not in stream.getvalue()
    assert "ana@" not in stream.getvalue()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_trusted_server_is_spoken_to_in_secret(
    certificate: Certificate, security: str
) -> None:
    sink = Sink()
    right = {"login": b"praca", "password": b"segredo-do-correio"}

    asked = []

    def authenticator(server: Any, *rest: Any) -> AuthResult:
        given: LoginPassword = rest[-1]
        asked.append(server.transport.get_extra_info("cipher"))
        is_right = given == LoginPassword(right["login"], right["password"])
        return AuthResult(success=is_right, handled=False)

    kwargs: dict[str, Any] = {"authenticator": authenticator}
    if security == "tls":  # all of it is secret, which aiosmtpd does not see
        kwargs |= {"ssl_context": certificate.context, "auth_require_tls": False}
    else:
        kwargs |= {"tls_context": certificate.context, "require_starttls": True}
        kwargs |= {"auth_required": True}
    with listening(sink, **kwargs) as port:
        values: dict[str, Any] = {"smtp_security": security, "smtp_ca_file": certificate.path}
        values |= {"smtp_username": "praca", "smtp_password": SecretStr("segredo-do-correio")}
        await SmtpMail(settings_of(port, **values)).send(Message("a@example.com", "Oi", "texto"))
        values["smtp_password"] = SecretStr("outra")
        with pytest.raises(MailError, match="SMTPAuthenticationError 535"):
            await SmtpMail(settings_of(port, **values)).send(Message("a@example.com", "Oi", "t"))
    assert len(sink.taken) == 1
    assert all(asked)
    assert len(asked) >= 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_nobody_vouches_for_gets_nothing(
    certificate: Certificate, security: str
) -> None:
    sink = Sink()
    name = "ssl_context" if security == "tls" else "tls_context"
    kwargs: dict[str, Any] = {name: certificate.context}
    with listening(sink, **kwargs) as port:
        mail = SmtpMail(settings_of(port, smtp_security=security))
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            await mail.send(Message("a@example.com", "Oi", "texto"))
    assert sink.taken == []


async def test_a_server_that_cannot_hide_the_words_gets_none() -> None:
    sink = Sink()
    with listening(sink) as port, pytest.raises(MailError, match="SMTPNotSupportedError"):
        await SmtpMail(settings_of(port)).send(Message("a@example.com", "Oi", "texto"))
    assert sink.taken == []


async def test_a_refusal_names_nobody_and_can_be_repeated() -> None:
    sink = Sink()
    sink.answer = "451 ana@example.com is busy"
    with listening(sink) as port:
        mail = SmtpMail(settings_of(port, smtp_security="none"))
        message = Message("ana@example.com", "Oi", "texto")
        with pytest.raises(MailError) as refused:
            await mail.send(message)
        assert str(refused.value) == "SMTPDataError 451"
        assert refused.value.__context__ is None  # a log would show it
        sink.answer = "250 OK"
        await mail.send(message)
    with pytest.raises(MailError, match="ConnectionRefusedError"):
        await mail.send(message)
    assert len(sink.taken) == 1


async def test_a_silent_server_is_given_up() -> None:
    async def keep_still(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_still, _HOST, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        mail = SmtpMail(settings_of(port, smtp_security="none", smtp_timeout_s=0.2))
        with pytest.raises(MailError, match="SMTPServerDisconnected"):
            await mail.send(Message("a@example.com", "Oi", "texto"))


def test_the_settings_choose_the_way_out() -> None:
    assert isinstance(open_mail(MailSettings(), is_production=False), ConsoleMail)
    assert isinstance(open_mail(settings_of(25), is_production=True), SmtpMail)


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("PRACA_SMTP_PASSWORD", {"PRACA_SMTP_USERNAME": "praca"}),
        ("PRACA_SMTP_PASSWORD", {"PRACA_SMTP_PASSWORD": "x"}),
        (
            "PRACA_SMTP_PASSWORD",
            {
                "PRACA_SMTP_USERNAME": "praca",
                "PRACA_SMTP_PASSWORD": "x",
                "PRACA_SMTP_SECURITY": "none",
            },
        ),
        ("PRACA_SMTP_CA_FILE", {"PRACA_SMTP_CA_FILE": "/nowhere.pem"}),
        ("PRACA_MAIL_FROM", {"PRACA_MAIL_FROM": "Praça"}),
        ("PRACA_MAIL_FROM", {"PRACA_MAIL_FROM": "a@b.c\nBcc: d@e.f"}),
    ],
)
def test_settings_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, values: dict[str, str]
) -> None:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=variable):
        Settings.load()
