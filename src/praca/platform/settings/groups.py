"""The groups that every room needs, one small class per concern."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from praca.platform.settings.group import SettingsGroup
from praca.platform.settings.params_file import old_name

__all__ = [
    "CoreSettings",
    "DatabaseSettings",
    "Environment",
    "HttpSettings",
    "JobsAccess",
    "JobsSettings",
    "LearningSettings",
    "ObjectSettings",
    "SignInSettings",
    "TaskSettings",
    "Tracking",
    "TrackingSettings",
]

_POSTGRESQL_URL = re.compile(r"postgres(ql)?(\+psycopg)?://")


class Environment(StrEnum):
    """Where Praça runs; decides whether conveniences for developers are allowed."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class JobsAccess(StrEnum):
    """Who may read and write the job centre's personal data."""

    STAFF = "staff"
    PUBLIC = "public"


class Tracking(StrEnum):
    """Where training runs are noted."""

    MLFLOW = "mlflow"
    OFF = "off"


class CoreSettings(SettingsGroup):
    """What everything needs."""

    env: Environment = Field(Environment.DEVELOPMENT, description="`development` or `production`.")
    data_dir: Path = Field(
        Path("./var"), description="Folder of the embedded database, the files and the secret key."
    )
    secret_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("PRACA_SECRET_KEY", *old_name("JWT_SECRET_KEY").choices[1:]),
        description="Signs access tokens; at least 32 characters. Required in production; in "
        "development one is made and kept in the data folder.",
    )
    log_level: str = Field("INFO", description="Lowest level that is logged.")


class DatabaseSettings(SettingsGroup):
    """Where the rows are.

    A server of your own must be PostgreSQL 15 or newer, its databases in UTF-8; anything else is
    refused before the first migration. The user needs to own the databases, nothing more, and no
    extension is used. The tests are run on PostgreSQL 15 and on the embedded 18.
    """

    database_url: SecretStr | None = Field(
        None,
        description="`postgresql://user:password@host/database`; without it Praça runs its own "
        "PostgreSQL in the data folder.",
    )
    identity_database_url: SecretStr | None = Field(
        None, description="A database of their own for the accounts; by default the same one."
    )
    database_pool_size: int = Field(
        10, ge=1, le=200, description="Connections each process keeps per database."
    )

    @field_validator("database_url", "identity_database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        # Told here, by the variable's name; the driver would quote the address and its password.
        if value is not None and not _POSTGRESQL_URL.match(value.get_secret_value()):
            raise ValueError("an address like postgresql://user:password@host/database is needed")
        return value


class ObjectSettings(SettingsGroup):
    """Where the files are."""

    objects_url: str | None = Field(
        None,
        description="A folder path, `file:///…` or `s3://bucket/prefix`; by default `objects` in "
        "the data folder.",
    )
    objects_endpoint: str | None = Field(
        None, description="Address of an S3-compatible service; none means AWS."
    )
    objects_region: str | None = Field(None, description="Region of the bucket.")
    objects_access_key_id: str | None = Field(
        None, description="Access key; by default the AWS variables and roles are used."
    )
    objects_secret_access_key: SecretStr | None = Field(None, description="Its secret.")


class HttpSettings(SettingsGroup):
    """How the API is served."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; `0` picks a free one.")
    public_url: str | None = Field(
        None,
        description="Where people reach this server, for links in e-mails, QR codes and sign-in by "
        "other providers; by default `http://` with host and port.",
    )
    api_processes: int = Field(1, ge=1, le=64, description="Number of API processes.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",),
        description="Origins, separated by commas, whose pages may call the API and open "
        "WebSockets; `*` for any. "
        "Cookies are never accepted from other origins.",
    )
    max_body_bytes: int = Field(
        10 * 1024 * 1024, ge=1024, description="Largest request body, in bytes."
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1",
        description="Proxies whose `X-Forwarded-For` is believed, separated by commas.",
    )
    shutdown_grace_s: int = Field(
        20,
        ge=0,
        description="Seconds that requests in flight get to finish on shutdown; event streams and "
        "WebSockets end before that.",
    )
    drain_s: float = Field(
        2,
        ge=0,
        le=600,
        description="Seconds that an API process goes on serving after SIGTERM, or after its "
        "successor serves, while each answer asks the client to connect anew; after SIGTERM "
        "`/api/v1/ready` is 503. Behind a load balancer: longer than it takes to notice.",
    )
    keep_alive_s: int = Field(
        75,
        ge=1,
        le=3600,
        description="Seconds after which an idle connection is closed; longer than a load balancer "
        "keeps one.",
    )

    @property
    def address(self) -> str:
        """Where people reach this server, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


class SignInSettings(SettingsGroup):
    """Tokens, and how often one may try."""

    access_token_minutes: float = Field(
        15, gt=0, le=60 * 24 * 30, description="Lifetime of an access token."
    )
    refresh_token_days: float = Field(
        7, gt=0, le=365, description="Lifetime of a refresh token that is not used."
    )
    refresh_retry_s: float = Field(
        10,
        ge=0,
        le=120,
        description="For how long a refresh token just used may be sent again, because the "
        "answer got lost on the way.",
    )
    sign_in_failures_per_account: int = Field(
        10, ge=1, description="Failed sign-ins per account within the window before 429."
    )
    sign_in_failures_per_address: int = Field(
        100, ge=1, description="Failed sign-ins per network address within the window before 429."
    )
    sign_ups_per_address: int = Field(
        100,
        ge=1,
        description="New accounts per network address within the window before 429, and with "
        "them registrations and changes refused because a CPF or e-mail is taken; those that an "
        "admin makes do not count.",
    )
    sign_in_window_s: int = Field(900, ge=1, description="That window, in seconds.")
    recovery_minutes: float = Field(
        15,
        gt=0,
        le=24 * 60,
        description="Lifetime of a code to recover a password, and then of the token for it.",
    )
    recoveries_per_account: int = Field(
        5, ge=1, description="Such codes per e-mail address within an hour before 429."
    )
    recoveries_per_address: int = Field(
        50, ge=1, description="Such codes per network address within an hour before 429."
    )
    default_username: str | None = Field(
        None,
        validation_alias=old_name("DEFAULT_USERNAME"),
        description="With the password: an account of a recruiter that is made at start if absent.",
    )
    default_password: SecretStr | None = Field(
        None,
        validation_alias=old_name("DEFAULT_PASSWORD"),
        description="Its password; there is none by default. An account that exists is not "
        "changed.",
    )


class TaskSettings(SettingsGroup):
    """Background work."""

    worker_concurrency: int = Field(2, ge=1, le=64, description="Tasks one worker runs at a time.")
    worker_heartbeat_s: float = Field(2, gt=0, description="How often a worker says that it lives.")
    worker_stalled_s: float = Field(
        10, gt=0, description="After this silence a worker's tasks are taken up by others."
    )


class LearningSettings(SettingsGroup):
    """What a new version of a model must keep to before it answers.

    [How versions come to answer](../architecture.md#models).
    """

    gate_margin: float = Field(
        0.02,
        ge=0,
        le=1,
        description="So much worse than the version that answers, in the model's own metric, is "
        "tolerated while it may be chance.",
    )
    gate_max_ece: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Largest expected calibration error of a version's probabilities; more is "
        "allowed where so few rows were held out that chance alone makes more.",
    )
    gate_max_latency_ms: float = Field(
        100, gt=0, description="Longest prediction (p99), in milliseconds."
    )
    gate_max_bytes: int = Field(
        256 * 1024 * 1024, ge=1024, description="Largest artefact, in bytes."
    )


class JobsSettings(SettingsGroup):
    """The job centre."""

    jobs_access: JobsAccess = Field(
        JobsAccess.STAFF,
        description="`staff`: candidates and applications need the token of a recruiter, operator "
        "or admin. `public`: open to everybody, as in the old system.",
    )
    import_max_errors: int = Field(
        100, ge=0, description="Bad records listed one by one in an import's report."
    )
    review_deadline_days: int = Field(
        15,
        ge=1,
        le=365,
        description="Days within which a person must decide a requested review of a score.",
    )
    drift_cron: str = Field(
        "0 5 * * *",
        description="When drift is checked by itself, as a cron expression in UTC; `off`: never.",
    )

    @field_validator("drift_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        # Few processes are given another time; it comes along with the queue.
        from croniter import croniter  # type: ignore[import-untyped]  # noqa: PLC0415

        if value != "off" and not croniter.is_valid(value):
            raise ValueError("a cron expression like `0 5 * * *` is needed, or `off`")
        return value

    @property
    def drift_schedule(self) -> str | None:
        """The cron expression; None: switched off."""
        return None if self.drift_cron == "off" else self.drift_cron


class TrackingSettings(SettingsGroup):
    """Notes about training runs.

    How to look at them: [See training runs](../howto/see-training-runs.md).
    """

    tracking: Tracking = Field(
        Tracking.MLFLOW,
        description="`mlflow`: every training run is noted in the city's database and store of "
        "files. `off`: none is.",
    )
    mlflow_port: int = Field(
        5001, ge=0, le=65535, description="Port of `praca mlflow`; `0` picks a free one."
    )
