"""What a question asks for: the cost, how long it takes, how it is done, who is in charge."""

import re
from enum import Enum
from functools import lru_cache
from typing import Final

from praca.helpdesk.records import Article
from praca.kit.text import fold

__all__ = ["Want", "asked_for", "cues_of", "field_text", "is_asking"]


class Want(Enum):
    """What is asked for; ``value`` is the field of an article that says it."""

    COST = "cost"
    DEADLINE = "deadline"
    AGENCY = "agency"
    STEPS = "steps"
    DOCUMENTS = "documents"
    PLACE = "place"
    PEOPLE = "people"


# Folded text. The order is that of an answer.
_ASKED: Final = {
    Want.COST: re.compile(
        r"\bquanto (?:e que )?(?:eu )?(?:custa|pago|paga|sai|fica|vou pagar|tenho que pagar|e\b)"
        r"|\b(?:preco|valor|custo|custa|custam|taxa|taxas|tarifa|gratis|gratuit[oa]s?|cobra\w*"
        r"|de graca|pago|paga|pagar)\b"
    ),
    Want.DEADLINE: re.compile(
        r"\bquanto tempo\b|\bquantos? (?:dias?|horas?|meses|semanas)\b|\bprazos?\b|\bdemora\w*\b"
        r"|\bquando (?:fica|sai|vem|chega|recebo|vao|vou receber|sera|serei)\b|\bate quando\b"
        r"|\bleva quanto\b|\bem quanto\b"
    ),
    Want.AGENCY: re.compile(
        r"\b(?:qual|que) (?:e )?(?:o |a )?(?:orgao|secretaria|setor|departamento)\b"
        r"|\bquem (?:e )?(?:o |a )?(?:cuida|faz|resolve|responde|responsavel|atende|organiza)\b"
        r"|\bresponsavel\b|\bquem e que (?:cuida|faz|resolve)\b"
    ),
    Want.DOCUMENTS: re.compile(
        r"\bdocument\w*\b"
        r"|\bo que (?:e |eu )?(?:preciso|precisa|necessario) (?:levar|apresentar|ter)"
        r"|\bpreciso levar\b|\bpapeis\b|\bpapelada\b|\bcomprovantes?\b"
    ),
    Want.PLACE: re.compile(
        r"\b(?:onde|aonde|endereco|local|telefone|site|link|e-?mail|contato|ligar|numero d[aeo])\b"
        r"|\bem (?:que|qual) (?:lugar|posto|local)\b"
    ),
    Want.PEOPLE: re.compile(
        r"\bquem (?:pode|tem direito|precisa|deve)\b|\b(?:tenho|tem) direito\b|\bposso\b"
        r"|\brequisitos?\b|\bcriterios?\b|\bcondic(?:ao|oes)\b"
    ),
    Want.STEPS: re.compile(
        r"\bcomo\b|\bpasso a passo\b|\bo que (?:devo|tenho que|preciso|faco|fazer)\b|\betapas?\b"
        r"|\bsolicit\w+\b|\bpedir\b|\bquero\b|\bpreciso\b|\bcancelar\b|\bagendar\b|\bmarcar\b"
        r"|\btirar\b|\bfazer\b"
    ),
}
_CUES: Final = {
    Want.COST: re.compile(
        r"r\$|\bgratuit|\bgratis\b|\bcusto|\btaxas?\b|\bpreco|\bvalor|\bpag[ao]|\bpagar"
        r"|\bpagamento|\breais\b|\bisen[tc]|\btarifa|\bsem custo"
    ),
    Want.DEADLINE: re.compile(
        r"\bprazo|\bdias?\b|\bhoras?\b|\b\d+ ?h\b|\bmeses\b|\bmes\b|\bsemanas?\b"
        r"|\bimediat|\bna hora\b|\bminutos?\b|\banos?\b"
    ),
    Want.AGENCY: re.compile(
        r"\bsecretaria\b|\bresponsa|\borgao\b|\bcoordenador|\bsubsecretaria\b|\bcompanhia\b"
        r"|\bfundacao\b|\bdepartamento\b|\bcentral d"
    ),
    Want.DOCUMENTS: re.compile(
        r"\bdocument|\bcpf\b|\brg\b|\bidentidade\b|\bcomprovante|\bcertidao|\bapresent|\bcopia"
        r"|\bcarteira\b|\bformulario|\bcnpj\b|\bcadastr"
    ),
    Want.PLACE: re.compile(
        r"\bendereco|\brua\b|\bavenida\b|\bav\.|\bpraca\b|\btelefone|\bligue|\bligar\b|\bsite\b"
        r"|\bportal\b|https?:|www\.|@|\bposto|\bunidade|\bpresencial|\baplicativo\b|\blink"
    ),
    Want.PEOPLE: re.compile(
        r"\bpode[mr]?\b|\bdireito|\brequisito|\bcriterio|\bmaior(?:es)? de\b|\bter \d|\bidade\b"
        r"|\bmorador|\bresid|\bdestinad|\bpara quem\b|\bfamilias?\b|\bcidadaos?\b|\bpessoas?\b"
    ),
    Want.STEPS: re.compile(
        r"\bacess|\bcliq|\bclic|\bescolh|\bpreench|\bsolicit|\benvi|\bligue|\bcompare|\bapresent"
        r"|\bagend|\bfac[ao]\b|\binform|\bentre\b|\babr[ae]\b|\bselecion|\bcadastr|\bregistr|\bpasso"
    ),
}
_INTERROGATIVE: Final = re.compile(
    r"\W*(?:(?:e|a|o|em|de|por|ate|com|pra|para) ){0,2}"
    r"(?:que|quem|qua(?:l|is)|quando|onde|quant\w+)\b"
)
_FIELDS: Final = frozenset({Want.COST, Want.DEADLINE, Want.AGENCY, Want.STEPS})


@lru_cache(maxsize=1024)
def asked_for(question: str) -> tuple[Want, ...]:
    """Return what ``question`` asks for; nothing in particular: an empty tuple.

    How something is done counts only where nothing narrower is asked: "como faço para pagar" is
    about the payment.
    """
    folded = fold(question)
    found = tuple(want for want, asked in _ASKED.items() if asked.search(folded))
    narrow = tuple(want for want in found if want is not Want.STEPS)
    return narrow if narrow and not _asks_how(folded) else found


def _asks_how(folded: str) -> bool:
    return re.search(r"\bcomo\b|\bpasso a passo\b", folded) is not None


def is_asking(question: str) -> bool:
    """Tell whether ``question`` begins as one does: who, which, when; and is no story."""
    return _INTERROGATIVE.match(fold(question)) is not None


def field_text(want: Want, article: Article) -> str:
    """Return the text of the field that is about ``want``; empty if there is no such field."""
    return str(getattr(article, want.value)) if want in _FIELDS else ""


def cues_of(text: str) -> frozenset[Want]:
    """Return what ``text`` looks as if it told."""
    folded = fold(text)
    return frozenset(want for want, cue in _CUES.items() if cue.search(folded))
