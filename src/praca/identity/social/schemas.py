"""What the sign-in by way of other providers takes and gives."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from praca.identity.people.fields import BirthDate, Cpf, Email, FullName, Phone
from praca.identity.schemas import TOKEN_PAIR_EXAMPLE, TokenPair
from praca.identity.sessions import SignedIn
from praca.identity.social.service import Link, Newcomer, Profile

__all__ = [
    "LINK_EXAMPLE",
    "NEWCOMER_EXAMPLE",
    "SIGNED_IN_EXAMPLE",
    "NewcomerRead",
    "SocialLinkCreate",
    "SocialLinkRead",
    "SocialRegister",
    "SocialTokenPair",
]

_EXAMPLE_TOKEN = "sT0vH4yQe2mXnJqQk0iYw1d3sF6hT8uB2eL9aC4pG7s"  # noqa: S105  # an example
SIGNED_IN_EXAMPLE: dict[str, JsonValue] = {**TOKEN_PAIR_EXAMPLE, "provider": "google"}
NEWCOMER_EXAMPLE: dict[str, JsonValue] = {
    "registration_required": True,
    "registration_token": _EXAMPLE_TOKEN,
    "full_name": "Maria da Silva",
    "email": "maria@example.org",
    "email_verified": True,
}

LINK_EXAMPLE: dict[str, JsonValue] = {
    "provider": "google",
    "since": "2026-11-22T13:00:00.000000Z",
}


_Token = Annotated[str, Field(min_length=1, max_length=512)]


class SocialTokenPair(TokenPair):
    """Access and refresh token, whose they are, and by way of whom he came."""

    model_config = ConfigDict(json_schema_extra={"examples": [SIGNED_IN_EXAMPLE]})

    provider: str

    @classmethod
    def of(cls, signed_in: SignedIn, provider: str) -> Self:
        """Show what a sign-in gave."""
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            user_id=signed_in.subject.id,
            cpf=signed_in.subject.cpf,
            provider=provider,
        )


class NewcomerRead(BaseModel):
    """Somebody without an account: what the provider says of him, to fill in the form with."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEWCOMER_EXAMPLE]})

    registration_required: Literal[True] = True
    registration_token: str
    full_name: str | None
    email: str | None
    email_verified: bool

    @classmethod
    def of(cls, newcomer: Newcomer) -> Self:
        """Show ``newcomer``."""
        return cls(
            registration_token=newcomer.registration_token,
            full_name=newcomer.full_name,
            email=newcomer.email,
            email_verified=newcomer.email_verified,
        )


class SocialRegister(BaseModel):
    """What completes the registration of somebody whom a provider knows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "registration_token": _EXAMPLE_TOKEN,
                    "full_name": "Maria da Silva",
                    "birth_date": "1990-05-17",
                    "cpf": "529.982.247-25",
                    "phone": "21987654321",
                }
            ]
        }
    )

    registration_token: _Token
    full_name: FullName
    birth_date: BirthDate
    cpf: Cpf
    phone: Phone
    email: Email | None = Field(
        None, description="Needed, and read, only if the provider vouched for none."
    )

    def profile(self) -> Profile:
        """Return it as the rules know it."""
        return Profile(self.full_name, self.birth_date, self.cpf, self.phone, self.email)


class SocialLinkCreate(BaseModel):
    """The token of somebody whom a provider knows."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"registration_token": _EXAMPLE_TOKEN}]}
    )

    registration_token: _Token


class SocialLinkRead(BaseModel):
    """A provider by way of which the account may be entered."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINK_EXAMPLE]})

    provider: str
    since: datetime

    @classmethod
    def of(cls, link: Link) -> Self:
        """Show ``link``."""
        return cls(provider=link.provider, since=link.since)
