"""How e-mails are sent."""

from typing import Literal

from pydantic import Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["MailSettings"]


class MailSettings(SettingsGroup):
    """E-mails to people: codes to recover a password, reminders."""

    smtp_host: str | None = Field(
        None, description="Server that takes the e-mails; without one they are printed."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`starttls`, `tls` from the first byte, or `none`."
    )
    smtp_username: str | None = Field(None, description="Name to sign in with; none: no sign-in.")
    smtp_password: SecretStr | None = Field(None, description="Its password.")
    mail_from: str = Field(
        "Praça <nao-responda@praca.invalid>", description="Sender of the e-mails."
    )
