"""The answering engine as an application opens it."""

from collections.abc import Sequence
from typing import Final

from praca.helpdesk.answering.breaker import Breaker
from praca.helpdesk.answering.cache import Kept
from praca.helpdesk.answering.llm import open_model
from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.shelf import SearchIndex
from praca.helpdesk.answering.telling import Teller, Told
from praca.helpdesk.records import Article, KnowledgeSource
from praca.platform.settings import LlmSettings, Settings

__all__ = ["open_responder"]

_KEPT: Final = 2048
"""Answers of a model that are remembered; what was not asked for longest goes first."""


def open_responder(
    settings: Settings, source: KnowledgeSource, cache: Kept[Told] | None = None
) -> Answering:
    """Return what answers questions from the articles of ``source``; nothing is read yet.

    Args:
        settings: how sure it must be, which model words answers.
        source: of the articles.
        cache: what a model has told; by default this process's own.

    Raises:
        SettingsError: a model is named, but ``praca[llm]`` is not installed.
    """
    helpdesk = settings.helpdesk
    limits = Limits(
        min_confidence=helpdesk.helpdesk_min_confidence,
        max_chars=helpdesk.question_max_chars,
        fresh_s=helpdesk.helpdesk_fresh_s,
        given_chars=settings.llm.llm_max_input_chars,
    )
    return Answering(source, _index, limits, _teller(settings.llm, cache))


def _teller(settings: LlmSettings, cache: Kept[Told] | None) -> Teller | None:
    model = open_model(settings)
    if model is None:
        return None
    return Teller(
        model,
        timeout_s=settings.llm_timeout_s,
        max_tokens=settings.llm_max_tokens,
        breaker=Breaker(settings.llm_breaker_failures, settings.llm_breaker_s),
        kept=Kept(_KEPT) if cache is None else cache,
    )


def _index(articles: Sequence[Article]) -> SearchIndex:
    # Loaded with the first articles: numpy takes longer than the rest of a cold start.
    from praca.helpdesk.answering.index import ArticleIndex  # noqa: PLC0415

    return ArticleIndex.build(articles)
