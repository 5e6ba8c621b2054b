"""What whoever deploys may choose: ``-c domain=praca.example.org -c certificate_arn=…``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from constructs import Node

from deploy.common.options import ContextOptions
from praca.platform.settings import Settings

__all__ = ["Options", "known_settings"]


@dataclass(frozen=True)
class Options(ContextOptions):
    """Choices of one deployment.

    Attributes:
        domain: name under which people reach Praça; its DNS is whoever deploys' own.
        certificate_arn: certificate of the Certificate Manager for that name.
        image_tag: of the repository ``praca``; that of the first release.
        first: nothing is started yet, since the database is empty: see docs/howto/ecs.md.
        alarm_email: who is told of alarms.
        database_class: instance class of the database, without ``db.``.
        database_gb: its storage at first; it grows by itself to ten times as much.
        backup_days: how long the database's backups are kept.
        nat_gateways: one is cheap; as many as zones outlive the loss of one.
        api_tasks: fewest API tasks.
        api_tasks_most: most of them.
        worker_tasks: fewest worker tasks.
        worker_tasks_most: most of them.
        requests_per_task: requests a minute and task above which another one is added.
        canary_minutes: how long a new release answers a tenth of the requests before all.
        collector_image: image of an OpenTelemetry collector that runs beside each container;
            none by default, and no traces are made.
        settings: more ``PRACA_*`` variables, a JSON object.
        secrets: ``PRACA_*`` variables and the names of the secrets that hold them, likewise.
    """

    NUMBERS: ClassVar[frozenset[str]] = frozenset(
        {
            "api_tasks",
            "api_tasks_most",
            "backup_days",
            "canary_minutes",
            "database_gb",
            "nat_gateways",
            "requests_per_task",
            "worker_tasks",
            "worker_tasks_most",
        }
    )

    domain: str
    certificate_arn: str
    image_tag: str
    first: bool = False
    alarm_email: str | None = None
    database_class: str = "t4g.medium"
    database_gb: int = 50
    backup_days: int = 14
    nat_gateways: int = 1
    api_tasks: int = 2
    api_tasks_most: int = 10
    worker_tasks: int = 1
    worker_tasks_most: int = 4
    requests_per_task: int = 6000
    canary_minutes: int = 5
    collector_image: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node) -> "Options":
        """Read the options from the context.

        Raises:
            ValueError: one that has no default is missing, or names no setting of Praça.
        """
        for name in ("domain", "certificate_arn", "image_tag"):
            if not node.try_get_context(name):
                raise ValueError(f"give -c {name}=…")
        found = super().of(node)
        return cls(
            **{one.name: getattr(found, one.name) for one in fields(cls)}
            | {
                "first": str(found.first).lower() == "true",
                "settings": _mapping("settings", found.settings),
                "secrets": _mapping("secrets", found.secrets),
            }
        )


def known_settings() -> frozenset[str]:
    """Return every ``PRACA_*`` variable that there is."""
    groups = [one.type for one in fields(Settings)]
    names = {name for group in groups for name in getattr(group, "model_fields", {})}
    return frozenset(f"PRACA_{name.upper()}" for name in names)


def _mapping(option: str, given: object) -> dict[str, str]:
    found = json.loads(given) if isinstance(given, str) else given
    if not isinstance(found, Mapping):
        raise ValueError(f"-c {option} is a JSON object of PRACA_* variables")  # noqa: TRY004
    if unknown := set(found) - known_settings():
        raise ValueError(f"-c {option}: no such settings: {', '.join(sorted(unknown))}")
    return {str(name): str(value) for name, value in found.items()}
