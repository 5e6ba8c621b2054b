"""The gathering of the catalogue on the wire, in the words of system 4."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "QUARANTINED",
    "TASK_ID",
    "LastCrawl",
    "PageCounts",
    "QuarantinedPage",
    "ScrapeOverview",
    "ScrapeProgress",
    "ScrapeStarted",
    "ScrapeState",
    "ScrapeStatus",
]

TASK_ID: Final = "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"
_RESULT: Final[dict[str, Any]] = {
    "total_encontrado": 1000,
    "novos": 0,
    "alterados": 12,
    "inalterados": 988,
    "ausentes": 1,
    "paginas": 1050,
    "bytes": 289341,
    "falhas": 0,
    "quarentena": 0,
    "avisos": [],
}
_PROGRESS: Final[dict[str, Any]] = {
    "concluidas": 1050,
    "total": 1050,
    "mensagem": "1050 de 1050 páginas lidas",
}
_STATUS: Final[dict[str, Any]] = {
    "id_tarefa": TASK_ID,
    "estado": "CONCLUIDA",
    "resultado": _RESULT,
    "progresso": _PROGRESS,
}
QUARANTINED: Final[dict[str, Any]] = {
    "url": "https://books.toscrape.com/catalogue/soumission_998/index.html",
    "campo": "preco",
    "motivo": "não há preço",
    "em": "2026-11-22T04:01:12Z",
}
_STARTED: Final = "Processo de raspagem iniciado em segundo plano."


class ScrapeState(StrEnum):
    """Where a crawl's task stands."""

    PENDENTE = "PENDENTE"
    EXECUTANDO = "EXECUTANDO"
    CONCLUIDA = "CONCLUIDA"
    ERRO = "ERRO"
    CANCELADA = "CANCELADA"


class ScrapeStarted(BaseModel):
    """A crawl has been put into the queue."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id_tarefa": TASK_ID, "message": _STARTED}}
    )

    id_tarefa: UUID = Field(description="Id of the task; follow it at `/raspagem/status/…`.")
    message: str = Field(_STARTED, description="What happens now.")


class ScrapeProgress(BaseModel):
    """How far a crawl is, in pages."""

    concluidas: int = Field(description="Pages that need no further look.")
    total: int | None = Field(description="Pages found so far; it grows while lists are read.")
    mensagem: str = Field(description="What it is doing.")


class ScrapeStatus(BaseModel):
    """One crawl's task."""

    model_config = ConfigDict(json_schema_extra={"example": _STATUS})

    id_tarefa: UUID
    estado: ScrapeState
    resultado: dict[str, Any] | None = Field(
        description='`null` while it waits; `{"mensagem": …}` while it runs; the figures, with '
        '`total_encontrado`, when it has succeeded; `{"erro": …}` when it has failed.'
    )
    progresso: ScrapeProgress


class PageCounts(BaseModel):
    """The shop's pages by what has become of them."""

    descobertas: int = Field(description="Still to be read.")
    em_andamento: int = Field(description="Being read.")
    concluidas: int = Field(description="Read.")
    falhas: int = Field(description="Could not be fetched.")
    quarentena: int = Field(description="Fetched, but not as they are known.")


class LastCrawl(ScrapeStatus):
    """The crawl that was asked for last."""

    iniciada_em: datetime | None
    terminada_em: datetime | None


class ScrapeOverview(BaseModel):
    """The shop, its pages, and the last crawl."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "loja": "https://books.toscrape.com",
                "agendamento": "0 4 * * *",
                "livros": 1000,
                "paginas": {
                    "descobertas": 0,
                    "em_andamento": 0,
                    "concluidas": 1050,
                    "falhas": 0,
                    "quarentena": 0,
                },
                "ultima": {
                    **_STATUS,
                    "iniciada_em": "2026-11-22T04:00:00Z",
                    "terminada_em": "2026-11-22T04:02:11Z",
                },
            }
        }
    )

    loja: str = Field(description="Address of the shop.")
    agendamento: str | None = Field(description="Cron expression (UTC); `null`: switched off.")
    livros: int = Field(description="Books in the catalogue that shops still have.")
    paginas: PageCounts = Field(description="Of the last crawl of this shop.")
    ultima: LastCrawl | None = Field(description="`null`: there was none, or it is forgotten.")


class QuarantinedPage(BaseModel):
    """A page that is not as such pages are known."""

    model_config = ConfigDict(json_schema_extra={"example": QUARANTINED})

    url: str
    campo: str = Field(description="What could not be read.")
    motivo: str = Field(description="Why not.")
    em: datetime = Field(description="When it was last tried.")
