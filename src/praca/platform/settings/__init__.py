"""Settings: one small class per concern, all read from ``PRACA_*`` variables.

Every field has help text, and a group's docstring may hold notes; ``docs/reference/settings.md`` is
made of both. Outside development Praça refuses to start without a secret of its own.
"""

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
    JobsAccess,
    JobsSettings,
    LearningSettings,
    ObjectSettings,
    SignInSettings,
    TaskSettings,
    Tracking,
    TrackingSettings,
)
from praca.platform.settings.helpdesk import HelpdeskSettings
from praca.platform.settings.hiring import HiringSettings
from praca.platform.settings.journal import JournalSettings
from praca.platform.settings.library import LibrarySettings, MlAccess, ScrapeAccess
from praca.platform.settings.llm import LlmSettings
from praca.platform.settings.load import Settings, SettingsError
from praca.platform.settings.mail import MailSettings
from praca.platform.settings.metrics import MetricsSettings
from praca.platform.settings.pix import PixSettings
from praca.platform.settings.social import SocialSettings
from praca.platform.settings.telemetry import TelemetrySettings
from praca.platform.settings.wallet import WalletSettings

__all__ = [
    "AwsSettings",
    "BackupSettings",
    "CoreSettings",
    "DashboardSettings",
    "DatabaseSettings",
    "DocumentSettings",
    "EncryptionSettings",
    "Environment",
    "HelpdeskSettings",
    "HiringSettings",
    "HttpSettings",
    "JobsAccess",
    "JobsSettings",
    "JournalSettings",
    "LearningSettings",
    "LibrarySettings",
    "LlmSettings",
    "MailSettings",
    "MetricsSettings",
    "MlAccess",
    "ObjectSettings",
    "PixSettings",
    "ScrapeAccess",
    "Settings",
    "SettingsError",
    "SignInSettings",
    "SocialSettings",
    "TaskSettings",
    "TelemetrySettings",
    "Tracking",
    "TrackingSettings",
    "WalletSettings",
]
