"""Sign-in by way of other providers."""

import json
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from praca.platform.settings.group import SettingsGroup

__all__ = ["GOOGLE", "META", "OidcProvider", "SocialSettings"]

GOOGLE = "google"
META = "meta"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NAME = re.compile(r"[a-z0-9-]{1,40}")


def _address(value: str) -> str:
    """Return ``value`` if nobody on the way can change what comes from there."""
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address like https://accounts.example.org is needed")
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name takes small letters, digits and hyphens, 40 at most")
    if value in {GOOGLE, META}:
        raise ValueError(f"{value} has settings of its own")
    return value


def _scope(value: str) -> str:
    if "openid" not in value.split():
        raise ValueError("the scope must contain openid")
    return value


_Address = Annotated[str, AfterValidator(_address)]
_Secret = Annotated[SecretStr, Field(min_length=1)]


class OidcProvider(BaseModel):
    """An OpenID provider and the application that was registered there.

    Attributes:
        name: what it is called in addresses.
        issuer: as its ID tokens name it, to the letter.
        scope: what is asked for, separated by blanks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_name)]
    issuer: _Address
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: _Secret
    scope: Annotated[str, AfterValidator(_scope)] = "openid email profile"


_PROVIDERS = TypeAdapter(tuple[OidcProvider, ...])


class SocialSettings(SettingsGroup):
    """Google, Meta and any other OpenID provider; one without an id is switched off.

    Addresses of providers must be `https://`, or `http://` on this machine.
    [How to set up a provider](../howto/social-sign-in.md).
    """

    google_client_id: str | None = Field(None, description="Id of the application at Google.")
    google_client_secret: SecretStr | None = Field(
        None, description="Its secret.", validate_default=True
    )
    google_issuer: _Address = Field(
        "https://accounts.google.com", description="Issuer of Google's ID tokens."
    )
    meta_client_id: str | None = Field(None, description="Id of the application at Meta.")
    meta_client_secret: SecretStr | None = Field(
        None, description="Its secret.", validate_default=True
    )
    meta_dialog_url: _Address = Field(
        "https://www.facebook.com/v18.0/dialog/oauth",
        description="Where Meta asks people for their consent.",
    )
    meta_graph_url: _Address = Field(
        "https://graph.facebook.com/v18.0", description="Meta's Graph API."
    )
    oidc_providers: Annotated[tuple[OidcProvider, ...], NoDecode] = Field(
        (),
        description="Further OpenID providers: a JSON list of objects with `name` (small letters, "
        "digits, hyphens), `issuer`, `client_id`, `client_secret` and, if need be, `scope`.",
    )
    social_timeout_s: float = Field(
        10, gt=0, le=60, description="How long a provider may take to answer, in seconds."
    )

    @field_validator("google_client_secret", "meta_client_secret")
    @classmethod
    def _both_or_neither(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        name = str(info.field_name).replace("secret", "id")
        # An id that was refused itself is not in the data, and is told of already.
        if name in info.data and bool(info.data[name]) != bool(
            value is not None and value.get_secret_value()
        ):
            raise ValueError(f"give it together with PRACA_{name.upper()}, or neither")
        return value

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return ()
        try:
            providers = _PROVIDERS.validate_python(json.loads(value))
        except ValidationError as error:
            raise ValueError(_told(error.errors()[0])) from None
        except (ValueError, RecursionError):
            # Not the error's own text: it quotes what stands there, secrets included.
            raise ValueError("a JSON list of objects is needed") from None
        names = [provider.name for provider in providers]
        if len(set(names)) < len(names):
            raise ValueError("two providers have the same name")
        return providers


def _told(item: Any) -> str:
    """Return what is wrong with one of the providers: which, where and why; not the value."""
    place = [f"provider {part + 1}" if isinstance(part, int) else part for part in item["loc"]]
    return (
        f"{', '.join(map(str, place)) or 'the list'}: {item['msg'].removeprefix('Value error, ')}"
    )
