"""What can go wrong with gathering the catalogue.

DomainError
├── ScrapeRunningError   409  a crawl is queued or running; ``task_id`` names its task
├── ScrapeFailedError     –   a crawl ended without a catalogue: nothing was found, or no answer
└── (platform) TaskNotFoundError  404  no crawl has this id
"""

from typing import ClassVar
from uuid import UUID

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["ScrapeFailedError", "ScrapeRunningError"]


class ScrapeRunningError(DomainError):
    """A crawl is queued or running; ``task_id`` names its task."""

    code: ClassVar[str] = "scrape_running"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Crawl already running"
    sample: ClassVar[tuple[UUID, str]] = (
        UUID("01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"),
        "EXECUTANDO",
    )

    def __init__(self, task_id: UUID, estado: str) -> None:
        super().__init__(
            f"Já existe uma tarefa de raspagem em andamento (ID: {task_id}, Estado: {estado}).",
            extra={"task_id": str(task_id)},
        )


class ScrapeFailedError(DomainError):
    """A crawl ended without a catalogue; the stored one stays as it was.

    It found no book, the shop does not answer, or it asks to be left alone for more than half an
    hour.
    """

    code: ClassVar[str] = "scrape_failed"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Crawl failed"
    sample: ClassVar[tuple[str]] = ("A loja não respondeu.",)
