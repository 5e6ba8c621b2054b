"""What the endpoints of recoveries take and give."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from praca.identity.people.fields import Password
from praca.identity.recovery.secrets import CODE_DIGITS

__all__ = ["CodeIn", "CodeRequest", "CodeRequested", "NewPassword", "PasswordSet", "RecoveryToken"]

_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJwcmFjYTpyZXNldC1wYXNzd29yZCJ9.c2ln"


def _address(value: str) -> str:
    # Not the rules of registration: whatever an account was once made with must be found.
    value = value.strip()
    if "@" not in value or not value.isprintable():
        raise ValueError("E-mail inválido.")
    return value


_Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(_address)]


class CodeRequest(BaseModel):
    """Who has forgotten his password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "maria@example.com"}]})

    email: _Email


class CodeRequested(BaseModel):
    """The same for everybody; only in development it holds the code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "response": "Se houver uma conta com este e-mail, um código foi enviado a ele.",
                }
            ]
        }
    )

    response: str
    code: str | None = Field(
        default=None,
        description="Only where `PRACA_ENV=development`, whether or not there is an account.",
    )


class CodeIn(BaseModel):
    """The code that came by e-mail."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "maria@example.com", "code": "042137"}]}
    )

    email: _Email
    code: Annotated[str, Field(min_length=CODE_DIGITS, max_length=CODE_DIGITS)]


class _Token(BaseModel):
    access_token: str


class RecoveryToken(BaseModel):
    """A token that sets a new password, once, and does nothing else."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"access_token": {"access_token": _JWT}}]}
    )

    access_token: _Token

    @classmethod
    def of(cls, token: str) -> "RecoveryToken":
        """Show ``token`` where clients of the old wallet look for it."""
        return cls(access_token=_Token(access_token=token))


class NewPassword(BaseModel):
    """The password to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"new_password": "Ipe-Amarelo-28"}]})

    new_password: Password


class PasswordSet(BaseModel):
    """The password was set."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "Senha atualizada com sucesso"}]}
    )

    status: str = "Senha atualizada com sucesso"
