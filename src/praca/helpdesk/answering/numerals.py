"""Numbers in words, rewritten in digits: ``vinte e cinco mil`` becomes ``25000``."""

import re
from typing import Final

__all__ = ["UNITS", "in_digits"]

_ONES: Final = {
    "zero": 0, "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5,
    "seis": 6, "sete": 7, "oito": 8, "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13,
    "catorze": 14, "quatorze": 14, "quinze": 15, "dezesseis": 16, "dezasseis": 16,
    "dezessete": 17, "dezassete": 17, "dezoito": 18, "dezenove": 19, "dezanove": 19,
}  # fmt: skip
_TENS: Final = {
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "cincoenta": 50, "sessenta": 60,
    "setenta": 70, "oitenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS: Final = {
    "cem": 100, "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300,
    "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500,
    "quinhentas": 500, "seiscentos": 600, "seiscentas": 600, "setecentos": 700,
    "setecentas": 700, "oitocentos": 800, "oitocentas": 800, "novecentos": 900,
    "novecentas": 900,
}  # fmt: skip
_WORDS: Final = {**_ONES, **_TENS, **_HUNDREDS, "mil": 1000}
_ORDINALS: Final = {
    "primeir": 1, "segund": 2, "terceir": 3, "quart": 4, "quint": 5, "sext": 6, "setim": 7,
    "oitav": 8, "non": 9, "decim": 10, "vigesim": 20, "trigesim": 30, "centesim": 100,
}  # fmt: skip
_THOUSAND: Final = 1000
_ARTICLES: Final = frozenset({"um", "uma"})
UNITS: Final = {
    "dia": "dia", "dias": "dia", "hora": "hora", "horas": "hora", "h": "hora", "hs": "hora",
    "hr": "hora", "hrs": "hora", "minuto": "minuto", "minutos": "minuto", "min": "minuto",
    "mins": "minuto", "segundos": "segundo", "semana": "semana", "semanas": "semana",
    "mes": "mes", "meses": "mes", "ano": "ano", "anos": "ano", "km": "km", "quilometro": "km",
    "quilometros": "km", "m": "m", "metro": "m", "metros": "m", "cm": "cm", "centimetros": "cm",
    "m2": "m2", "m3": "m3", "kg": "kg", "quilo": "kg", "quilos": "kg", "kilos": "kg", "g": "g",
    "gramas": "g", "l": "l", "litro": "l", "litros": "l", "mb": "mb", "megabytes": "mb",
    "gb": "gb", "kb": "kb", "salario": "salario", "salarios": "salario",
    "bimestre": "bimestre", "bimestres": "bimestre", "trimestre": "trimestre",
    "trimestres": "trimestre", "semestre": "semestre", "semestres": "semestre",
    "decada": "decada", "decadas": "decada", "seculo": "seculo", "seculos": "seculo",
}  # fmt: skip
"""Words after a number that make another number of it if they are changed."""
_COUNTED: Final = frozenset(
    {*UNITS, "real", "reais", "centavo", "centavos", "%", "mil", "milhao", "vez"}
)

_WORD: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
# Not "dez" of "15/dez/2024".
# Nor "mil" of "2,5 mil", which is read with its number.
_RUN: Final = re.compile(
    rf"(?<![\w/])(?!(?<=\d )mil\b)(?:{_WORD})\b(?!/)(?:(?: e |,? )(?:{_WORD})\b(?!/))*"
)
_NEXT: Final = re.compile(r"[ (]*([a-z0-9%]+)")
_ORDINAL: Final = re.compile(
    # "Segundo a prefeitura" and "Primeiro, acesse" are no numbers of anything.
    r"\b(?!segundo (?:os?|as?|uns?|umas?|est[ea]s?|ess[ea]s?|informa\w*|dados)\b|primeiro,)"
    rf"({'|'.join(_ORDINALS)})[oa]s?\b(?!-)"
)
_PER_CENT: Final = re.compile(r"\bpor ?cento\b|\bporcento\b")
_HALF: Final = (
    (re.compile(r"\bmeia ?-?hora\b|(?<=\be )meia\b"), "30 minutos"),
    (
        re.compile(
            r"\bmei[oa](?= (?:salario|mes|ano|dia|quilo|litro|metro|preco|valor|tarifa"
            r"|passagem|entrada)\b)"
        ),
        "0,5",
    ),
    (re.compile(r"\bmeio ?-?dia\b"), "12 horas"),
    (re.compile(r"\bmeia ?-?noite\b"), "0 horas"),
)
# "3 (três) dias" says the same twice.
_REPEATED: Final = re.compile(r"(?<![\w.,])(\d[\d.,]*) ?\( ?(\d[\d.,]*) ?\)")


def in_digits(text: str) -> str:
    """Return folded ``text`` with its numbers in digits: cardinals, ordinals and ``por cento``.

    "Um" and "uma" are numbers only before what is measured: "uma hora", but not "uma pessoa".
    """
    text = _PER_CENT.sub("%", text)
    for words, digits in _HALF:
        text = words.sub(digits, text)
    text = _RUN.sub(lambda run: _rewritten(run[0], text[run.end() : run.end() + 20]), text)
    text = _ORDINAL.sub(lambda found: f"{_ORDINALS[found[1]]}o", text)
    return _REPEATED.sub(lambda found: found[1] if found[1] == found[2] else found[0], text)


def _rewritten(run: str, after: str) -> str:
    """Return a run of words for numbers as the numbers it tells, one after the other."""
    words = run.replace(",", " , ").split()
    said: list[str] = []
    at = 0
    while at < len(words):
        if words[at] not in _WORDS:
            said.append(words[at])
            at += 1
            continue
        value, end = _number(words, at)
        is_article = end == at + 1 and words[at] in _ARTICLES
        follows = words[end] if end < len(words) else (_NEXT.match(after) or [None, ""])[1]
        said.append(words[at] if is_article and follows not in _COUNTED else str(value))
        at = end
    return " ".join(said).replace(" ,", ",")


def _number(words: list[str], at: int) -> tuple[int, int]:
    """Return the number that begins at ``at``, and where it ends.

    Each part is smaller than the one before it: "vinte e cinco" is one number, "cinco e vinte"
    are two.
    """
    total = group = 0
    below = float("inf")
    end = at
    while at < len(words):
        word = words[at]
        if word == "e" and end > 0 and at == end and at + 1 < len(words):
            at += 1
            continue
        value = _WORDS.get(word)
        if value is None or not _fits(value, below, group, total):
            break
        if value == _THOUSAND:
            total, group, below = total + (group or 1) * _THOUSAND, 0, _THOUSAND
        else:
            group, below = group + value, _magnitude(value)
        at += 1
        end = at
    return total + group, end


def _fits(value: int, below: float, group: int, total: int) -> bool:
    if below == float("inf"):
        return True  # the first word
    if value == _THOUSAND:
        return group > 0 and total == 0
    return 0 < value < below


def _magnitude(value: int) -> int:
    """Return below what another word may follow: "vinte e cinco", but not "cinco e vinte"."""
    if value in _HUNDREDS.values():
        return 100
    return 10 if value in _TENS.values() else 0
