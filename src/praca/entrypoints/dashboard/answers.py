"""What the API tells, typed; what is not shown is left out.

Names in Portuguese are those of the wire.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = [
    "BookModel",
    "CacheStatus",
    "CrawlProgress",
    "Drift",
    "DriftColumn",
    "DriftDomain",
    "GateCheck",
    "ModelVersion",
    "NotedRequest",
    "Operator",
    "PredictionOutput",
    "PredictionPoint",
    "PredictionTimeline",
    "Quarantined",
    "RequestPage",
    "RequestPoint",
    "RequestTimeline",
    "RequestsSummary",
    "RouteFigures",
    "Scraping",
    "Started",
    "StatusCount",
    "Task",
    "TaskPage",
    "TokenPair",
]

TaskState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TokenPair(_Answer):
    """What a sign-in gives."""

    access_token: str
    refresh_token: str


class Operator(_Answer):
    """Who has signed in."""

    username: str
    perfil: str


class RequestsSummary(_Answer):
    """All requests of a period; ``errors`` are those answered with 5xx."""

    total: int
    errors: int
    error_rate: float | None
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    dropped: int


class RouteFigures(_Answer):
    """The requests of one route."""

    method: str
    route: str | None
    count: int
    errors: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    @property
    def name(self) -> str:
        """Return method and route as people say it."""
        return f"{self.method} {self.route or '(rota desconhecida)'}"


class StatusCount(_Answer):
    """How often a status was answered."""

    status: int
    count: int


class RequestPoint(_Answer):
    """The requests of one stretch of time."""

    at: datetime
    count: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class RequestTimeline(_Answer):
    """Requests over time, in stretches of ``bucket_s`` seconds."""

    bucket_s: float
    points: list[RequestPoint]


class NotedRequest(_Answer):
    """One request."""

    at: datetime
    method: str
    route: str | None
    status: int
    ms: float
    user_id: int | None


class RequestPage(_Answer):
    """Some requests of ``total``, the newest first."""

    total: int
    data: list[NotedRequest]


class PredictionPoint(_Answer):
    """A model's predictions of one stretch of time."""

    at: datetime
    model: str
    count: int
    p50_ms: float | None
    p95_ms: float | None


class PredictionTimeline(_Answer):
    """Predictions over time, in stretches of ``bucket_s`` seconds."""

    bucket_s: float
    points: list[PredictionPoint]


class PredictionOutput(_Answer):
    """How often a model gave an answer."""

    model: str
    version: int
    output: str
    count: int

    @field_validator("output", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return value if isinstance(value, str) else str(value)


_Figures = dict[str, float]


class BookModel(_Answer):
    """One of the library's models that are in memory.

    Attributes:
        metricas: accuracy (``acuracia``) and macro F1 (``f1_score_macro``), 0 to 1.
        intervalos: of each metric the lower and the upper bound.
        referencias: what a majority (``maioria``) and a random guess (``acaso``) reach, by metric.
        livros: how many books it learned from.
        livros_fora: books of which category were left out; these are never predicted.
    """

    nome: str
    alvo: str
    versao: int | None = None
    sinal: str | None = None
    metricas: _Figures = Field(default_factory=dict)
    intervalos: dict[str, tuple[float, float]] = Field(default_factory=dict)
    referencias: dict[str, _Figures] = Field(default_factory=dict)
    livros: int | None = None
    livros_fora: dict[str, int] = Field(default_factory=dict)
    treinado_em: datetime | None = None

    @field_validator("metricas", "intervalos", "referencias", mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        # "N/A" where a model was published without figures.
        return value if isinstance(value, dict) else {}

    @property
    def has_signal(self) -> bool | None:
        """Whether it beats guessing; None: not said."""
        return None if self.sinal is None else self.sinal != "sem sinal"


class CacheStatus(_Answer):
    """The library's models that answer now."""

    modelos_carregados: list[str]
    detalhes_modelos: list[BookModel]


class GateCheck(_Answer):
    """One question of the gate; ``passed`` None: it could not be asked."""

    name: str
    passed: bool | None
    reason: str


class _Gate(_Answer):
    accepted: bool
    checks: list[GateCheck]


class ModelVersion(_Answer):
    """One published version of a model."""

    name: str
    version: int
    is_champion: bool
    is_shadow: bool
    created_at: datetime
    metrics: dict[str, float]
    code_version: str
    gate: _Gate | None


class _Progress(_Answer):
    done: int
    total: int | None
    message: str


class Task(_Answer):
    """One piece of background work."""

    id: str
    kind: str
    status: TaskState
    progress: _Progress
    error: str | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in {"queued", "running"}

    def seconds(self, now: datetime) -> float | None:
        """Return how long it took, or has taken so far; None: not begun."""
        if self.started_at is None:
            return None
        return ((self.finished_at or now) - self.started_at).total_seconds()


class TaskPage(_Answer):
    """Some tasks of ``total``, the newest first."""

    total: int
    data: list[Task]


class CrawlProgress(_Answer):
    """How far a crawl is, in pages."""

    concluidas: int
    total: int | None
    mensagem: str


class _LastCrawl(_Answer):
    estado: str
    iniciada_em: datetime | None
    terminada_em: datetime | None
    progresso: CrawlProgress | None
    resultado: dict[str, Any] | None


class Scraping(_Answer):
    """The state of the scraper."""

    loja: str
    agendamento: str | None
    livros: int
    paginas: dict[str, int]
    ultima: _LastCrawl | None


class Started(_Answer):
    """Something was begun in the background."""

    message: str


class Quarantined(_Answer):
    """A page whose layout no longer fits."""

    url: str
    campo: str
    motivo: str
    em: datetime


class DriftColumn(_Answer):
    """One column of the data, now against the training."""

    label: str
    group: str
    psi: float
    effect: float
    q: float | None
    alarm: bool
    may_alarm: bool
    reference_rows: int
    current_rows: int


class DriftDomain(_Answer):
    """A set of vectors, told apart by a classifier; ``auc`` 0.5 is not at all."""

    label: str
    auc: float | None
    alarm: bool


class _Window(_Answer):
    until: datetime
    description: str
    rows: dict[str, int]


class _Rule(_Answer):
    material_psi: float


class Drift(_Answer):
    """The latest drift report."""

    model: str
    version: int
    has_drift: bool
    is_tested: bool
    alarms: list[str]
    rule: _Rule
    reference_at: datetime
    window: _Window
    features: list[DriftColumn]
    domains: list[DriftDomain]
