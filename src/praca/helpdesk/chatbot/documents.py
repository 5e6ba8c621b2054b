"""What people type about a document: its type, its number, the day it expires."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import Final

from praca.helpdesk.chatbot.wording import plain
from praca.kit.cpf import is_valid_cpf
from praca.kit.text import squeeze

__all__ = [
    "is_impossible_date",
    "is_no_date",
    "mask_number",
    "read_date",
    "read_number",
    "read_type",
    "type_named_in",
]

_LONGEST: Final = 50
_SHOWN: Final = 3
_CPF: Final = "CPF"
_CNH: Final = "CNH"
_RG: Final = "RG"
# Folded ways to name a type -> how it is kept.
_TYPES: Final = {
    "rg": _RG,
    "identidade": _RG,
    "carteira de identidade": _RG,
    "registro geral": _RG,
    "cpf": _CPF,
    "cnh": _CNH,
    "habilitacao": _CNH,
    "carteira de motorista": _CNH,
    "carteira de habilitacao": _CNH,
    "carta de motorista": _CNH,
    "titulo": "Título de eleitor",
    "titulo de eleitor": "Título de eleitor",
    "passaporte": "Passaporte",
    "carteira de trabalho": "Carteira de trabalho",
    "ctps": "Carteira de trabalho",
    "certidao de nascimento": "Certidão de nascimento",
    "certidao de casamento": "Certidão de casamento",
    "cartao do sus": "Cartão do SUS",
    "cartao sus": "Cartão do SUS",
    "sus": "Cartão do SUS",
    "reservista": "Certificado de reservista",
    "certificado de reservista": "Certificado de reservista",
    "rne": "RNE",
    "crlv": "CRLV",
}
_NAMED: Final = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _TYPES), key=len, reverse=True)) + r")\b"
)
_FILLER: Final = re.compile(
    r"^(?:(?:e|eh|é|o|a|um|uma|meu|minha|quero|guardar|salvar|documento|tipo|de|do|da)\s+)+",
    re.IGNORECASE,
)
# Words before a number, or a date, which are no part of it.
_BEFORE_NUMBER: Final = re.compile(
    r"^(?:(?:é|eh|o|meu|minha|número|numero|nº|n°|do|da|documento|rg|cpf|cnh|passaporte|seria)"
    r"(?:\s*:\s*|\s+))+",
    re.IGNORECASE,
)
_BEFORE_DATE: Final = re.compile(
    r"^(?:(?:é|eh|a|data|de|do|dia|vence|expira|validade|válido|valido|válida|valida|vai|até|ate|em"
    r"|no)(?:\s*:\s*|\s+))+",
    re.IGNORECASE,
)
_MOST_DIGITS_IN_TYPE: Final = 3
_RG_LEAST: Final = 5
_RG_MOST: Final = 14
_CNH_DIGITS: Final = 11
_ELEVEN: Final = 11
_TEN: Final = 10
_NO_DATE: Final = frozenset(
    {
        *("nao", "n", "nn", "nao tem", "nao tenho", "nenhuma", "nenhum", "pular", "pula", "sem"),
        *("sem validade", "nao tem validade", "nao vence", "nao expira", "indeterminada"),
        *("nao ha", "nao possui", "nao se aplica", "vitalicio", "sem data", "nada"),
        *("prazo indeterminado", "validade indeterminada", "nao precisa", "proximo", "seguir"),
    }
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        [
            "janeiro",
            "fevereiro",
            "marco",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
        1,
    )
}
_DAY_FIRST: Final = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH_ONLY: Final = re.compile(r"(\d{1,2})\s*/\s*(\d{4})")
_IN_WORDS: Final = re.compile(r"(\d{1,2})o? de ([a-z]+) (?:de |do )?(\d{4})")
_YEARS: Final = range(1900, 2201)
_LAST_SHORT_YEAR: Final = 69
"""30 is 2030 and 98 is 1998, as POSIX reads years of two digits."""


def type_named_in(message: str) -> str | None:
    """Return the one type of document that a sentence names; None for none or several."""
    found = {_TYPES[name] for name in _NAMED.findall(plain(message))}
    return found.pop() if len(found) == 1 else None


def read_type(message: str) -> str | None:
    """Return the type as it is kept, or None if this cannot be one."""
    text = squeeze(unicodedata.normalize("NFC", message))
    text = _FILLER.sub("", text) or text
    known = _TYPES.get(plain(text))
    if known is not None:
        return known
    digits = sum(char.isdecimal() for char in text)
    if not any(char.isalpha() for char in text) or digits > _MOST_DIGITS_IN_TYPE:
        return None
    return text if len(text) <= _LONGEST else type_named_in(message)


def read_number(kind: str, message: str) -> tuple[str | None, str]:
    """Return the number as it is kept, or None and what is wrong with it, in Portuguese."""
    text = _BEFORE_NUMBER.sub("", squeeze(unicodedata.normalize("NFKC", message)))
    if len(text) > _LONGEST:
        return None, f"O número pode ter até {_LONGEST} caracteres. Qual é o número?"
    letters_and_digits = "".join(char for char in text if char.isalnum())
    if not any(char.isdecimal() for char in text):
        return None, "Não encontrei nenhum número no que você escreveu. Qual é o número?"
    problem = _problem_of(kind, letters_and_digits)
    return (None, problem) if problem else (text, "")


def _problem_of(kind: str, characters: str) -> str:
    if kind == _CPF and not is_valid_cpf(characters):
        return "Esse CPF não confere; veja se faltou ou sobrou algum dígito. Qual é o número?"
    if kind == _CNH and not _is_valid_cnh(characters):
        return "Esse número de CNH não confere: são 11 dígitos. Qual é o número de registro?"
    is_rg = characters.isascii() and _RG_LEAST <= len(characters) <= _RG_MOST
    if kind == _RG and not (is_rg and sum(map(str.isdecimal, characters)) >= _RG_LEAST):
        return "Esse número de RG não confere: costuma ter de 5 a 14 dígitos. Qual é o número?"
    return ""


def _is_valid_cnh(digits: str) -> bool:
    """Check the two last digits of a driving licence's register number.

    Source: Denatran, Portaria 15/2002 (weights 9 to 1 and 1 to 9, module 11).
    """
    if len(digits) != _CNH_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return False
    if len(set(digits)) == 1:
        return False
    values = [int(char) for char in digits]
    first = sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=False))
    second = sum(value * weight for value, weight in zip(values, range(1, 10), strict=False))
    # A rest of ten is written as zero, and is then two less of the second sum.
    second_rest = (second % _ELEVEN - (2 if first % _ELEVEN == _TEN else 0)) % _ELEVEN
    return values[9:] == [first % _ELEVEN % _TEN, second_rest % _TEN]


def is_no_date(message: str) -> bool:
    """Tell whether the message says that the document does not expire, or skips the question."""
    return plain(message) in _NO_DATE


def read_date(message: str) -> date | None:
    """Return the day that the message is, day first; of a month alone its last day."""
    found = _date_in(message)
    return None if found is None else _day(*found)


def is_impossible_date(message: str) -> bool:
    """Tell whether the message is written as a date that no calendar has, like 31/02."""
    found = _date_in(message)
    return found is not None and _day(*found) is None


def _date_in(message: str) -> tuple[int, int, int | None] | None:
    """Return year, month and day as they are written."""
    text = _BEFORE_DATE.sub("", squeeze(unicodedata.normalize("NFKC", message)))
    if found := _DAY_FIRST.fullmatch(text):
        return _year(found[3]), int(found[2]), int(found[1])
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _MONTH_ONLY.fullmatch(text):
        return int(found[2]), int(found[1]), None
    found = _IN_WORDS.fullmatch(plain(text))
    if found and found[2] in _MONTHS:
        return int(found[3]), _MONTHS[found[2]], int(found[1])
    return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004
        return year
    return year + (2000 if year <= _LAST_SHORT_YEAR else 1900)


def _day(year: int, month: int, day: int | None) -> date | None:
    if year not in _YEARS or not 1 <= month <= len(_MONTHS):
        return None
    last = monthrange(year, month)[1]
    number = last if day is None else day
    return date(year, month, number) if 1 <= number <= last else None


def mask_number(number: str) -> str:
    """Return the first three characters, or fewer of a short number, as lists show it."""
    return number[: min(_SHOWN, len(number) // 2)] + "…"
