"""All groups together, read once, with what must hold between them."""

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from praca.platform.settings.aws import AwsSettings
from praca.platform.settings.backup import BackupSettings
from praca.platform.settings.dashboard import DashboardSettings
from praca.platform.settings.documents import DocumentSettings
from praca.platform.settings.encryption import EncryptionSettings
from praca.platform.settings.groups import (
    CoreSettings,
    DatabaseSettings,
    Environment,
    HttpSettings,
    JobsSettings,
    LearningSettings,
    ObjectSettings,
    SignInSettings,
    TaskSettings,
    TrackingSettings,
)
from praca.platform.settings.helpdesk import HelpdeskSettings
from praca.platform.settings.hiring import HiringSettings
from praca.platform.settings.journal import JournalSettings
from praca.platform.settings.library import LibrarySettings
from praca.platform.settings.llm import LlmSettings
from praca.platform.settings.mail import MailSettings
from praca.platform.settings.metrics import MetricsSettings
from praca.platform.settings.params_file import FILE_VARIABLE, ParamsFileError
from praca.platform.settings.pix import PixSettings
from praca.platform.settings.social import SocialSettings
from praca.platform.settings.telemetry import TelemetrySettings
from praca.platform.settings.wallet import WalletSettings

__all__ = ["Settings", "SettingsError"]

_SHORTEST_SECRET = 32


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """All settings, read once at start-up and handed on explicitly."""

    core: CoreSettings
    database: DatabaseSettings
    objects: ObjectSettings
    http: HttpSettings
    sign_in: SignInSettings
    tasks: TaskSettings
    jobs: JobsSettings
    tracking: TrackingSettings
    learning: LearningSettings
    hiring: HiringSettings
    mail: MailSettings
    social: SocialSettings
    encryption: EncryptionSettings
    wallet: WalletSettings
    pix: PixSettings
    documents: DocumentSettings
    library: LibrarySettings
    journal: JournalSettings
    dashboard: DashboardSettings
    helpdesk: HelpdeskSettings
    llm: LlmSettings
    aws: AwsSettings
    telemetry: TelemetrySettings
    metrics: MetricsSettings
    backup: BackupSettings

    @classmethod
    def load(cls, *, needs_secrets: bool = True) -> "Settings":
        """Read every group from the environment.

        Args:
            needs_secrets: false for a program that signs, seals and takes payments nowhere, such
                as the functions on AWS: what it has no use for it is not to be given.

        Raises:
            SettingsError: a value does not fit, or production lacks its secret.
        """
        try:
            settings = cls(
                core=CoreSettings(),
                database=DatabaseSettings(),
                objects=ObjectSettings(),
                http=HttpSettings(),
                sign_in=SignInSettings(),
                tasks=TaskSettings(),
                jobs=JobsSettings(),
                tracking=TrackingSettings(),
                learning=LearningSettings(),
                hiring=HiringSettings(),
                mail=MailSettings(),
                social=SocialSettings(),
                encryption=EncryptionSettings(),
                wallet=WalletSettings(),
                pix=PixSettings(),
                documents=DocumentSettings(),
                library=LibrarySettings(),
                journal=JournalSettings(),
                dashboard=DashboardSettings(),
                helpdesk=HelpdeskSettings(),
                llm=LlmSettings(),
                aws=AwsSettings(),
                telemetry=TelemetrySettings(),
                metrics=MetricsSettings(),
                backup=BackupSettings(),
            )
        except ParamsFileError as error:
            raise SettingsError(f"{FILE_VARIABLE}: {error}") from error
        except ValidationError as error:
            lines = [
                f"PRACA_{str(item['loc'][0]).upper().removeprefix('PRACA_')}: {item['msg']}"
                for item in error.errors()
            ]
            raise SettingsError("\n".join(lines)) from error
        if needs_secrets:
            settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would be insecure.

        Raises:
            SettingsError: a secret is missing in production or too short, or a default account
                lacks its name or its password.
        """
        secret = self.core.secret_key
        if secret is None:
            if self.is_production:
                raise SettingsError(
                    "PRACA_SECRET_KEY: required when PRACA_ENV=production; "
                    "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
                )
        elif len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise SettingsError(f"PRACA_SECRET_KEY: at least {_SHORTEST_SECRET} characters")
        encryption = self.encryption
        if self.is_production and not (encryption.keys or encryption.kms_key_id):
            raise SettingsError(
                "PRACA_ENCRYPTION_KEYS: required when PRACA_ENV=production; make one with: python "
                "-c 'import base64, os; print(\"k1:\" + base64.b64encode(os.urandom(32)).decode())'"
            )
        sign_in = self.sign_in
        if (sign_in.default_username is None) != (sign_in.default_password is None):
            raise SettingsError(
                "PRACA_DEFAULT_USERNAME, PRACA_DEFAULT_PASSWORD: give both or neither"
            )
        self._check_pix()

    def _check_pix(self) -> None:
        secrets_given = self.pix.webhook_secrets
        if any(len(secret) < _SHORTEST_SECRET for secret in secrets_given):
            raise SettingsError(
                f"PRACA_PIX_WEBHOOK_SECRET: at least {_SHORTEST_SECRET} characters each"
            )
        if self.is_production and self.pix.pix_simulator and not secrets_given:
            raise SettingsError("PRACA_PIX_WEBHOOK_SECRET: required when PRACA_ENV=production")

    @property
    def is_production(self) -> bool:
        """Whether conveniences for developers are off."""
        return self.core.env is Environment.PRODUCTION

    @property
    def data_dir(self) -> Path:
        """The data folder, absolute."""
        return self.core.data_dir.expanduser().resolve()

    @cached_property
    def signing_key(self) -> str:
        """The secret that signs tokens; in development made once and kept in the data folder."""
        if self.core.secret_key is not None:
            return self.core.secret_key.get_secret_value()
        return self.kept_secret("secret-key")

    def kept_secret(self, name: str) -> str:
        """Return the secret in the file ``name`` of the data folder, made if absent."""
        return _kept_secret(self.data_dir / name)


def _kept_secret(path: Path) -> str:
    """Return the secret in ``path``, making it if absent; safe when two processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        # A hard link either takes the name or fails: whoever comes second reads the first's secret.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
