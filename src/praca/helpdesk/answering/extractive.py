"""Answers that are quoted: sentences of the articles, word by word, and where they are from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from praca.helpdesk.answering.facts import facts
from praca.helpdesk.answering.wants import Want, asked_for, cues_of, field_text
from praca.helpdesk.records import Answer, Article, Citation, Engine, Passage, Suggestion
from praca.kit.text import fold

__all__ = [
    "HUMAN",
    "MACHINE",
    "Quoted",
    "bare",
    "citations_of",
    "closing",
    "dont_know",
    "quote",
    "suggestion_of",
]

MACHINE: Final = "Sou um assistente automático"
HUMAN: Final = "Para falar com uma pessoa, escreva “atendente” no chat."
_LABELS: Final = {
    "cost": "Custo",
    "deadline": "Prazo",
    "agency": "Órgão responsável",
    "steps": "Como fazer",
}
_MISSING: Final = {
    Want.COST: "quanto custa",
    Want.DEADLINE: "quanto tempo leva",
    Want.AGENCY: "qual é o órgão responsável",
}
_CONTACTS: Final = (
    (
        re.compile(r"\bqual (?:e )?o (?:tele)?fone\b|\bnumero para ligar\b|^\W*telefone d[aeo]\b"),
        "o telefone",
        "digits",
    ),
    (re.compile(r"\bqual (?:e )?o e-?mail d[aeo]\b"), "o e-mail", "email"),
)
"""Ways to reach somebody; as a question asks for them, what they are called, and kind of fact."""
_ASK_AGAIN: Final = "Se puder, pergunte de outro jeito, com o nome do serviço e o que você precisa."


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an answer is composed of.

    Attributes:
        text: of the answer.
        citations: every piece of the articles that is in ``text``.
    """

    text: str
    citations: tuple[Citation, ...]


def quote(question: str, article: Article, passages: Sequence[Passage]) -> Quoted:
    """Return the answer that quotes ``passages`` of ``article``.

    Nothing in it is ours but the words around the quotations, which hold no number and no name.
    """
    lines = [f"Encontrei isto no artigo “{article.title}”:", ""]
    lines += _quotations(passages)
    missing = _missing(question, article, passages)
    lines += [missing] if missing else []
    if article.links:
        lines += ["", f"Saiba mais: {article.links[0]}"]
    lines += ["", f"{MACHINE} e só repito o que está nos artigos da prefeitura. {HUMAN}"]
    return Quoted("\n".join(lines), citations_of(passages))


def _quotations(passages: Sequence[Passage]) -> list[str]:
    """Return a line for each passage; what it is about is said where that changes."""
    lines, last = [], ""
    for passage in passages:
        label = _LABELS.get(passage.field, "") if passage.field != last else ""
        gap = "\n" if "\n" in passage.text else " "  # a list begins on a line of its own
        lines.append(f"• {label}:{gap}{passage.text}" if label else f"• {passage.text}")
        last = passage.field
    return lines


def _missing(question: str, article: Article, passages: Sequence[Passage]) -> str:
    """Say which of what was asked the article does not tell."""
    wanted = [
        want
        for want in asked_for(question)
        if want in _MISSING and not field_text(want, article).strip()
    ]
    text = "\n".join(passage.text for passage in passages)
    told = cues_of(text) if wanted else frozenset()
    missing = [_MISSING[want] for want in wanted if want not in told]
    missing += _contacts_missing(question, text)
    return f"O artigo não informa {' nem '.join(missing)}." if missing else ""


def _contacts_missing(question: str, text: str) -> list[str]:
    """Return which ways to reach somebody are asked for, and are not in ``text``."""
    folded = fold(question)
    asked = [(name, kind) for way, name, kind in _CONTACTS if way.search(folded)]
    told = {fact.partition(":")[0] for fact in facts(text)} if asked else set()
    return [name for name, kind in asked if kind not in told]


def bare(passages: Sequence[Passage]) -> Quoted:
    """Return the quotations alone."""
    return Quoted("\n".join(passage.text for passage in passages), citations_of(passages))


def closing(cited: Sequence[Passage]) -> str:
    """Return what follows a model's sentences: where to read on, and that it is a machine."""
    links = [passage.article.links[0] for passage in cited if passage.article.links]
    more = f"\n\nSaiba mais: {links[0]}" if links else ""
    return f"{more}\n\n{MACHINE} e resumi os artigos citados da prefeitura. {HUMAN}"


def citations_of(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Return the citations of ``passages``.

    Title and address of their articles are cited, too, as the text may hold them: no number and
    no link is in an answer that is not in what it cites.
    """
    quoted = [(passage.article, passage.text) for passage in passages]
    around = [
        (article, text) for article, _ in quoted for text in (article.title, *article.links[:1])
    ]
    return tuple(dict.fromkeys(_citation(article, text) for article, text in (*quoted, *around)))


def _citation(article: Article, passage: str) -> Citation:
    url = article.links[0] if article.links else None
    return Citation(article.id, article.key, article.title, passage, url)


def suggestion_of(article: Article) -> Suggestion:
    """Return ``article`` as a service that is near to what was asked."""
    return Suggestion(article.id, article.key, article.title)


def dont_know(suggestions: Sequence[Suggestion], confidence: float, revision: str) -> Answer:
    """Return the answer that says so, and offers the nearest services and a person."""
    lines = [f"{MACHINE} e não sei responder a isso com segurança, então prefiro não inventar."]
    if suggestions:
        lines += ["", "Talvez um destes serviços ajude:"]
        lines += [f"• {one.title}" for one in suggestions]
    lines += ["", f"{_ASK_AGAIN} {HUMAN}"]
    return Answer(
        text="\n".join(lines),
        is_answered=False,
        confidence=confidence,
        engine=Engine.EXTRACTIVE,
        suggestions=tuple(suggestions),
        revision=revision,
    )
