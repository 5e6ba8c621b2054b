"""What whoever deploys may choose, by the CDK's context: ``-c alarm_email=…``."""

from dataclasses import dataclass
from typing import ClassVar

from deploy.common.options import ContextOptions

__all__ = ["Options"]


@dataclass(frozen=True)
class Options(ContextOptions):
    """Choices of one deployment.

    Attributes:
        alarm_email: who is told of alarms.
        cors_origin: whose pages may call the API; any by default, as system 5 did.
        llm_base_url: endpoint of a language model; without it answers are quoted.
        llm_model: its name.
        llm_secret_name: secret of the Secrets Manager that holds its key.
        requests_per_second: that the gateways let through, together.
        concurrency: most calls of the answering function at a time; none: as many as there are.
        tries: deliveries of a message before it is laid aside.
    """

    NUMBERS: ClassVar[frozenset[str]] = frozenset({"requests_per_second", "concurrency", "tries"})

    alarm_email: str | None = None
    cors_origin: str = "*"
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_secret_name: str | None = None
    requests_per_second: int = 100
    concurrency: int | None = None
    tries: int = 5
