"""Sign-in by way of other providers."""

from pydantic import Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["SocialSettings"]


class SocialSettings(SettingsGroup):
    """Google, Meta and any other OpenID provider; one without an id is switched off."""

    google_client_id: str | None = Field(None, description="Id of the application at Google.")
    google_client_secret: SecretStr | None = Field(None, description="Its secret.")
    meta_client_id: str | None = Field(None, description="Id of the application at Meta.")
    meta_client_secret: SecretStr | None = Field(None, description="Its secret.")
