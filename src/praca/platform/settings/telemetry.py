"""Where traces go, and how many of them."""

from pydantic import AliasChoices, Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["TelemetrySettings"]


class TelemetrySettings(SettingsGroup):
    """Traces, sent over OTLP."""

    otlp_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("PRACA_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Where traces are sent by OTLP over HTTP, for example "
        "`http://127.0.0.1:4318`; by default nowhere, and none are made.",
    )
    otlp_headers: SecretStr | None = Field(
        None,
        description="Headers sent along, `name=value` separated by commas, for a collector that "
        "asks for a key.",
    )
    traces_sample_ratio: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of the requests that begin here of which a trace is kept; a request "
        "that comes as part of a trace follows the caller's choice.",
    )

    @property
    def header_lines(self) -> str:
        """The headers as they were given; empty: none."""
        return self.otlp_headers.get_secret_value() if self.otlp_headers else ""
