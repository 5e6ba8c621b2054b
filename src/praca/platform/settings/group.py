"""What every group of settings has in common: where its values come from."""

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from praca.platform.settings.params_file import ParamsFile

__all__ = ["SettingsGroup"]


class SettingsGroup(BaseSettings):
    """Settings of one concern, read from ``PRACA_*`` variables."""

    model_config = SettingsConfigDict(
        env_prefix="PRACA_", extra="ignore", frozen=True, populate_by_name=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the old server's parameter file after the environment."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, ParamsFile(settings_cls)
