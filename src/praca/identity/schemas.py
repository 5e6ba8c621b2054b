"""What the identity endpoints take and give."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from praca.identity.subjects import Role, Subject

__all__ = [
    "QUESTION_SESSION_EXAMPLE",
    "TOKEN_PAIR_EXAMPLE",
    "AccountCreate",
    "AccountRead",
    "AccountShort",
    "AccountUpdate",
    "LegacyToken",
    "QuestionSessionCreate",
    "QuestionSessionRead",
    "RefreshTokenIn",
    "SignInForm",
    "SignUp",
    "TokenPair",
]


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("O caractere nulo não é permitido.")
    return value


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


_Clean = AfterValidator(_without_nul)
_Username = Annotated[str, Field(min_length=1, max_length=150), _Clean]
_Password = Annotated[str, Field(max_length=256), _Clean]
_EXAMPLE_PASSWORD = "Ipê-amarelo-27"  # noqa: S105  # an example in the documentation
TOKEN_PAIR_EXAMPLE: dict[str, JsonValue] = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2ln",
    "refresh_token": "q0Zr3mVtN5mXnJqQk0iYw1d3sF6hT8uB2eL9aC4pG7s",
    "token_type": "bearer",
    "user_id": 7,
    "cpf": "52998224725",
}
QUESTION_SESSION_EXAMPLE: dict[str, JsonValue] = {
    "token": "8f0c9c3e-6a5b-4a56-9a2c-2b1d7f3e4a5b",
    "name": "Maria",
}


class AccountCreate(BaseModel):
    """A new citizen's account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "maria", "password": _EXAMPLE_PASSWORD}]}
    )

    username: _Username
    password: _Password


class SignUp(BaseModel):
    """A new account with a role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"username": "maria", "password": _EXAMPLE_PASSWORD, "perfil": "usuario"}]
        }
    )

    username: _Username
    password: _Password
    perfil: Role


class AccountUpdate(BaseModel):
    """What shall change; what is absent stays, and null is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "maria.silva"}]})

    username: _Username = Field(default="", json_schema_extra=_without_default)
    password: _Password = Field(default="", json_schema_extra=_without_default)
    perfil: Role = Field(default=Role.USUARIO, json_schema_extra=_without_default)

    def changes(self) -> dict[str, Any]:
        """Return what was sent, under the inner names."""
        sent = self.model_dump(exclude_unset=True)
        if "perfil" in sent:
            sent["role"] = sent.pop("perfil")
        return sent


class AccountShort(BaseModel):
    """An account as system 4 shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 7, "username": "maria"}]})

    id: int
    username: str

    @classmethod
    def of(cls, subject: Subject) -> Self:
        """Show ``subject``."""
        return cls(id=subject.id, username=subject.username)


class AccountRead(BaseModel):
    """An account as system 1 shows it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 7, "username": "maria", "perfil": "usuario"}]}
    )

    id: int
    username: str
    perfil: Role

    @classmethod
    def of(cls, subject: Subject) -> Self:
        """Show ``subject``."""
        return cls(id=subject.id, username=subject.username, perfil=subject.role)


class SignInForm(BaseModel):
    """User name, CPF or e-mail, and password; further fields of OAuth 2 are ignored."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "maria", "password": _EXAMPLE_PASSWORD}]}
    )

    username: _Username
    # An empty field of a form counts as missing.
    password: Annotated[str, Field(min_length=1, max_length=256), _Clean]


class TokenPair(BaseModel):
    """Access and refresh token, and whose they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [TOKEN_PAIR_EXAMPLE]})

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # no password
    user_id: int
    cpf: str | None


class LegacyToken(BaseModel):
    """The answer of system 2's sign-in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"access_token": TOKEN_PAIR_EXAMPLE["access_token"]}]}
    )

    access_token: str


class RefreshTokenIn(BaseModel):
    """A refresh token."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"refresh_token": TOKEN_PAIR_EXAMPLE["refresh_token"]}]}
    )

    refresh_token: Annotated[str, Field(min_length=1, max_length=512), _Clean]


class QuestionSessionCreate(BaseModel):
    """Who wants to ask the library's assistant."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Maria"}]})

    name: Annotated[str, Field(min_length=1, max_length=200), _Clean]


class QuestionSessionRead(BaseModel):
    """A question session; the token is its id."""

    model_config = ConfigDict(json_schema_extra={"examples": [QUESTION_SESSION_EXAMPLE]})

    token: str
    name: str
