"""The words of a question and of an article, as both are compared.

A question is mostly frame ("como faço para", "quais documentos preciso apresentar", "o que acontece
se o pedido for negado"): words that are asked of every service and say nothing of which. Rarity
among articles does not show that, since few articles are worded as questions. So a question's word
weighs less the more services it is asked about: 1 / (1 + 8 s), where s is the share of services
with a question that uses it. The table is of questions about 81 services of a city (those on which
everything here was chosen), rounded to tenths, without the words that name a service of that city.
How it was made, what it adds: ``docs/explain/answering-quality.md``. Idea: weighting a query's
terms by a collection of queries, as in Lioma, Ounis, "A syntactically-based query reformulation
technique for information retrieval", Information Processing & Management 44 (2008).
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from praca.kit.text import bounded, fold
from praca.learning.retrieval.grams import character_grams
from praca.learning.text import Tokenizer

__all__ = [
    "FRAME_WEIGHTS",
    "MAX_QUESTION_CHARS",
    "frame_weights",
    "pairs_of",
    "pieces_of",
    "pieces_of_word",
    "readable",
    "terms_of",
    "weighted_pairs",
    "weighted_pieces",
    "words_of",
]

MAX_QUESTION_CHARS: Final = 2_000
"""Of a longer question the rest is not read."""

terms_of: Final = Tokenizer()
"""Folded, stemmed words without stop words; of questions, articles and passages alike."""

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_MOST_CHARS: Final = 100_000
_LONGEST_WORD: Final = 40
_STRENGTH: Final = 8
_FEW: Final = 0.05

_FRAMES: Final = {
    0.2: "algum document exist poss precis prefeitur",
    0.3: "acontec dias encontr especif exat fac garant praz process solicit tip",
    0.4: "aind apos apresent cas comprov consegu criteri dar dev faz form inform neg oferec ped "
    "pod receb sab temp tiv",
    0.5: "acess acompanh ajud alem antes aprov are atend ativ consider detalh entrad feit horari "
    "lev list numer onlin pass preench problem public realiz realment recorr servic ute valor",
    0.6: "afet andament aplic canal cont corret cumpr decisa dentr dificuldad dispon entend envi "
    "evit formulari funcion ir med melhor model mult necessari nom notific nov obter pag proced "
    "protocol prox requer resolv segund ser suport tecnic tom usar utiliz verific",
    0.7: "adequ agiliz apen apoi atualiz auxili caus certez cidad consig dat direit duv eleg "
    "encaix facil feir fic especial esper exig garanti gost impact lo necess ness particip pert "
    "pesso pessoal possivel presencial prioriz quer recurs regia relacion report resposta respost "
    "restrica result seri setor situaca",
}
_SPOKEN: Final = """
    agora aí daí então olá oi obrigado obrigada favor gente né moço moça alguém alô socorro
"""
"""Words of talk, which written questions lack and which name no service; put here by hand."""
_SPOKEN_WEIGHT: Final = 0.05
FRAME_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    dict.fromkeys(terms_of(_SPOKEN), _SPOKEN_WEIGHT)
    | {term: weight for weight, terms in _FRAMES.items() for term in terms.split()}
)
"""Term -> how much it says in a question of which service is meant; 1 if it is not here."""


def frame_weights(questions: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return the table above from ``questions``: service -> what is asked about it."""
    asked: dict[str, int] = {}
    for texts in questions.values():
        for term in {term for text in texts for term in terms_of(text)}:
            asked[term] = asked.get(term, 0) + 1
    shares = {term: number / len(questions) for term, number in asked.items()}
    return {
        term: round(1 / (1 + _STRENGTH * share), 1)
        for term, share in sorted(shares.items())
        if share >= _FEW
    }


def readable(question: str) -> str:
    """Return as much of ``question`` as is read, safe to normalise."""
    return bounded(question, MAX_QUESTION_CHARS)


def pieces_of(text: str) -> list[str]:
    """Return the pieces of all words of ``text``, one after another."""
    return [piece for word in words_of(text) for piece in pieces_of_word(word)]


def weighted_pieces(text: str, frames: Mapping[str, float]) -> dict[str, float]:
    """Return the pieces of a question's words, each weighing what its words weigh together."""
    weights: dict[str, float] = {}
    for word in words_of(text):
        if fold(word) in terms_of.stop_words:
            continue
        weight = frames.get(_term(word), 1.0)
        for piece in pieces_of_word(word):
            weights[piece] = weights.get(piece, 0.0) + weight
    return weights


def pairs_of(text: str) -> list[str]:
    """Return terms of ``text`` that stand near each other, joined in alphabetical order.

    Near is next to each other or with one term between; stop words do not count. Numbers count as
    terms here, and those of two digits and more also alone: "90 dias" tells services apart where
    neither word does. Source: Tao, Zhai, "An exploration of proximity measures in information
    retrieval", SIGIR (2007).
    """
    terms = [term for word in words_of(text) if (term := _term_or_number(word))]
    near = [(one, two) for step in (1, 2) for one, two in zip(terms, terms[step:], strict=False)]
    numbers = [term for term in terms if term[0].isdecimal() and len(term) > 1]
    return [f"{min(pair)} {max(pair)}" for pair in near] + numbers


def weighted_pairs(text: str, frames: Mapping[str, float]) -> dict[str, float]:
    """Return the pairs of a question, each weighing the product of what its terms weigh."""
    return {pair: math.prod(frames.get(t, 1.0) for t in pair.split()) for pair in pairs_of(text)}


def words_of(text: str) -> list[str]:
    """Return lower-case words and numbers, accents composed."""
    return _WORD.findall(unicodedata.normalize("NFKC", bounded(text, _MOST_CHARS)).lower())


@lru_cache(maxsize=50_000)
def pieces_of_word(word: str) -> tuple[str, ...]:
    """Return the pieces (3 to 5 characters) of ``word``, without accents."""
    plain = fold(word)
    return tuple(character_grams([plain])) if 1 < len(plain) <= _LONGEST_WORD else ()


@lru_cache(maxsize=50_000)
def _term_or_number(word: str) -> str:
    return word.replace(".", "") if _is_number(word) else _term(word)


def _is_number(word: str) -> bool:
    return word.replace(".", "").replace(",", "").isdecimal()


@lru_cache(maxsize=50_000)
def _term(word: str) -> str:
    return terms_of.term(word)
