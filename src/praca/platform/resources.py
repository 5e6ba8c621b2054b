"""Everything a process holds: built once by its entry point and handed on explicitly."""

from collections.abc import Iterable
from dataclasses import dataclass

from praca.platform.database.engine import Databases
from praca.platform.encryption import KeyEncryption, open_key_ring
from praca.platform.mail import Mail, open_mail
from praca.platform.objects import ObjectStore
from praca.platform.settings import Settings
from praca.platform.tasks.kinds import TaskKind
from praca.platform.tasks.queue import TaskQueue

__all__ = ["Resources", "open_resources"]


@dataclass(frozen=True, slots=True)
class Resources:
    """Settings, databases, files, tasks, e-mails and encryption keys of one process."""

    settings: Settings
    databases: Databases
    objects: ObjectStore
    tasks: TaskQueue
    mail: Mail
    encryption: KeyEncryption

    async def close(self) -> None:
        """Give everything back."""
        await self.databases.dispose()


def open_resources(settings: Settings, city_url: str, kinds: Iterable[TaskKind]) -> Resources:
    """Build the resources on the city's database at ``city_url``; opens no connection yet."""
    identity = settings.database.identity_database_url
    databases = Databases(
        city_url,
        identity.get_secret_value() if identity else None,
        pool_size=settings.database.database_pool_size,
    )
    return Resources(
        settings=settings,
        databases=databases,
        objects=ObjectStore(settings.objects, settings.data_dir),
        tasks=TaskQueue(kinds, databases.city.dsn),
        mail=open_mail(settings.mail, is_production=settings.is_production),
        encryption=open_key_ring(settings),
    )
