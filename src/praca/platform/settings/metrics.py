"""Who may read the metrics, and where the worker serves its own."""

from pydantic import Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["MetricsSettings"]


class MetricsSettings(SettingsGroup):
    """Figures for Prometheus."""

    metrics: bool = Field(True, description="Whether figures are kept and served at `/metrics`.")
    metrics_token: SecretStr | None = Field(
        None,
        description="Bearer token that reads `/metrics`; without one only the machine itself may, "
        "and not through a proxy.",
    )
    worker_metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port on which `praca worker` serves its own figures; by default on none.",
    )
    worker_metrics_host: str = Field(
        "127.0.0.1",
        description="Address on which it does; `0.0.0.0` if Prometheus runs in another container, "
        "which then needs `PRACA_METRICS_TOKEN`.",
    )
