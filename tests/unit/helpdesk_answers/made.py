"""Articles, a source that can be changed, and an engine with a model on loopback."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from praca.helpdesk.answering.breaker import Breaker
from praca.helpdesk.answering.cache import Kept
from praca.helpdesk.answering.llm import open_model
from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.telling import Teller
from praca.helpdesk.records import Article, Knowledge
from praca.platform.settings import LlmSettings

CARD = Article(
    id=1,
    key="cartao-segunda-via",
    version=1,
    title="Segunda via do cartão de transporte",
    summary="Peça outro cartão quando o seu foi perdido, roubado ou quebrado.",
    body="O cartão perdido é bloqueado na hora. O saldo passa para o cartão novo.",
    steps="Entre na sua conta. Escolha o cartão perdido. Toque em pedir segunda via.",
    more="Dúvidas: ligue 3460-1746, de segunda a sexta, das 8h às 17h, ou escreva para "
    "cartao@cidade.example.",
    cost="A segunda via custa R$ 12,50.",
    deadline="O cartão chega em até 10 dias úteis.",
    agency="Secretaria de Transportes",
    links=("https://cidade.example/cartao",),
)
TREE = Article(
    id=2,
    key="poda",
    version=1,
    title="Poda de árvore na rua",
    summary="A prefeitura poda árvores em ruas e praças.",
    steps="Informe o endereço da árvore. Envie uma foto do galho.",
    cost="Gratuito.",
    deadline="A vistoria acontece em 15 dias.",
    agency="Parques e Jardins",
)
PRICE = "quanto custa a segunda via do cartão?"


@dataclass(frozen=True, slots=True)
class Hit:
    article: Article
    score: float
    confidence: float


class WordIndex:
    """Finds articles by the words they share with a question: enough for what is tested here."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles

    def search(self, question: str, top: int = 10) -> list[Hit]:
        asked = set(question.lower().replace("?", "").split())
        hits = []
        for article in self._articles:
            words = set(f"{article.title} {article.steps} {article.body}".lower().split())
            share = len(asked & words) / len(asked)
            hits.append(Hit(article, share, min(1.0, 1.5 * share)))
        found = [hit for hit in hits if hit.score]
        return sorted(found, key=lambda hit: -hit.score)[:top]


@dataclass
class Source:
    """Articles that change; a source that may be down."""

    articles: tuple[Article, ...] = (CARD, TREE)
    number: int = 1
    is_down: bool = False
    loads: int = 0
    asked: int = 0
    files: list[str] = field(default_factory=list)

    def change(self, article: Article) -> None:
        newer = replace(article, version=article.version + 1)
        self.articles = tuple(newer if one.id == article.id else one for one in self.articles)
        self.number += 1

    async def revision(self) -> str:
        self.asked += 1
        if self.is_down:
            raise ConnectionError("down")
        return str(self.number)

    async def load(self) -> Knowledge:
        self.loads += 1
        return Knowledge(str(self.number), self.articles)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Engine:
    answering: Answering
    teller: Teller
    breaker: Breaker
    source: Source


@contextlib.asynccontextmanager
async def opened_engine(
    url: str, clock: Clock | None = None, source: Source | None = None, **llm: Any
) -> AsyncIterator[Engine]:
    """Open an engine with the model at ``url``, by the real client."""
    values = {"llm_timeout_s": 5.0, "llm_tries": 1, "llm_breaker_failures": 3, **llm}
    settings = LlmSettings(llm_base_url=url, **values)
    model = open_model(settings)
    assert model is not None
    breaker = Breaker(
        settings.llm_breaker_failures, settings.llm_breaker_s, *([clock] if clock else [])
    )
    teller = Teller(
        model,
        timeout_s=settings.llm_timeout_s,
        max_tokens=settings.llm_max_tokens,
        breaker=breaker,
        kept=Kept(100),
    )
    source = source or Source()
    answering = Answering(source, WordIndex, Limits(fresh_s=0), teller)
    try:
        yield Engine(answering, teller, breaker, source)
    finally:
        await answering.stop()
