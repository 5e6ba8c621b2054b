"""The answering engine as an application opens it."""

from collections.abc import Sequence

from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.shelf import SearchIndex
from praca.helpdesk.records import Article, KnowledgeSource
from praca.platform.settings import Settings

__all__ = ["open_responder"]


def open_responder(settings: Settings, source: KnowledgeSource) -> Answering:
    """Return what answers questions from the articles of ``source``; nothing is read yet.

    Args:
        settings: how sure it must be, which model words answers.
        source: of the articles.
    """
    helpdesk = settings.helpdesk
    limits = Limits(
        min_confidence=helpdesk.helpdesk_min_confidence,
        max_chars=helpdesk.question_max_chars,
        fresh_s=helpdesk.helpdesk_fresh_s,
    )
    return Answering(source, _index, limits)


def _index(articles: Sequence[Article]) -> SearchIndex:
    # Loaded with the first articles: numpy takes longer than the rest of a cold start.
    from praca.helpdesk.answering.index import ArticleIndex  # noqa: PLC0415

    return ArticleIndex.build(articles)
