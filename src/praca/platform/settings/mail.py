"""How e-mails are sent."""

from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["MailSettings"]


class MailSettings(SettingsGroup):
    """E-mails to people: codes to recover a password, reminders."""

    smtp_host: str | None = Field(
        None,
        min_length=1,
        description="Server that takes the e-mails. Without one nothing is sent: in development "
        "they are printed, in production only their subjects.",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`starttls`, `tls` from the first byte, or `none`."
    )
    smtp_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of the authorities that its certificate may come from; by "
        "default the system's.",
    )
    smtp_timeout_s: float = Field(
        10, gt=0, le=300, description="Seconds to wait for each of its answers."
    )
    smtp_username: str | None = Field(None, description="Name to sign in with; none: no sign-in.")
    smtp_password: SecretStr | None = Field(
        None, validate_default=True, description="Its password; never sent with `none`."
    )
    mail_from: str = Field(
        "Praça <nao-responda@praca.invalid>", description="Sender of the e-mails."
    )

    @field_validator("smtp_ca_file")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @field_validator("smtp_password")
    @classmethod
    def _is_protected(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("smtp_username") is None):
            raise ValueError("give both the name and the password, or neither")
        if value is not None and info.data.get("smtp_security") == "none":
            raise ValueError("a password is not sent over an open connection")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        if not value.isprintable() or "@" not in parseaddr(value)[1]:
            raise ValueError("a sender like `Praça <nao-responda@cidade.example>` is needed")
        return value
