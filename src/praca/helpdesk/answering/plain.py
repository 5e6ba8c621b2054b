"""Text as its facts are looked for: what is seen, in one spelling, numbers in digits.

The same is done to an answer and to what it cites, so that nothing is gained by writing a number
in another alphabet, in words, behind invisible characters or in pieces.
"""

import html
import re
import unicodedata
from typing import Final

from praca.helpdesk.answering.numerals import in_digits
from praca.kit.text import bounded, fold

__all__ = ["has_hidden", "plain"]

_MOST_CHARS: Final = 50_000
# Dots, dashes and slashes of other alphabets, which no normal form unites; ordinal signs.
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("。｡۔·․", "."),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("⁄∕／", "/"),
        **dict.fromkeys("＠﹫", "@"),
        **dict.fromkeys("٪﹪％", "%"),
        **dict.fromkeys("˚°", "º"),
        **dict.fromkeys("٬’‘ʼ", "'"),
        "٫": ",",
    }
)
_HIDDEN_CATEGORIES: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS: Final = frozenset({"Mn", "Me"})
_ORDINARY: Final = frozenset("\n\r\t")
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_VARIATION: Final = "\ufe0f"
"""Makes an emoji of a sign; harmless, and common."""
_MARKDOWN: Final = re.compile(r"[*`~]+|</?[a-zA-Z]{1,10}\s*/?>|\\(?=\W)")
_AT: Final = re.compile(r"\s*(?:\(\s*(?:at|arroba)\s*\)|\[\s*(?:at|arroba)\s*\]|\barroba\b|@)\s*")
_DOT: Final = re.compile(r"\s*(?:\(\s*(?:dot|ponto)\s*\)|\[\s*(?:dot|ponto)\s*\])\s*")
_ENDINGS: Final = r"(?:com|br|gov|org|net|rio|edu|info|app|me|io|site|online|leg|jus|mp|xyz|link)"
_SPOKEN_DOT: Final = re.compile(rf"\s+ponto\s+(?={_ENDINGS}\b)|[^\S\n]+\. ?(?={_ENDINGS}\b)")
_BLANKS: Final = re.compile(r"\s{2,}|[^\S\n ]")


def plain(text: str) -> str:
    """Return ``text`` lower-cased, without accents, marks or formatting, numbers in digits.

    ``"Até dois DIAS"`` and ``"até **2** dias"`` become ``"ate 2 dias"``.
    """
    text = bounded(text, _MOST_CHARS)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _seen(text)
    text = _BLANKS.sub(_one_blank, _MARKDOWN.sub("", fold(text)))
    text = _SPOKEN_DOT.sub(".", _DOT.sub(".", _AT.sub("@", text)))
    return in_digits(text)


def _one_blank(found: re.Match[str]) -> str:
    return "\n" if "\n" in found[0] else " "


def has_hidden(text: str) -> bool:
    """Tell whether ``text`` holds what is not seen, or turns around what is.

    A mark that writes from right to left shows other digits than there are.
    """
    return not text.isascii() and any(
        char in _FILLERS
        or (char not in _ORDINARY and unicodedata.category(char) in _HIDDEN_CATEGORIES)
        for char in text
    )


def _seen(text: str) -> str:
    """Return what a reader sees, digits of all alphabets as ours."""
    kept = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    return "".join(_digit(char) for char in kept if not _is_unseen(char))


def _is_unseen(char: str) -> bool:
    if char.isascii():
        return False
    return char in _FILLERS or unicodedata.category(char) in {"Cf", "Cc", "Me"}


def _digit(char: str) -> str:
    if char.isascii() or not char.isnumeric():
        return char
    value = unicodedata.decimal(char, None)
    # Signs for other numbers (三, Ⅷ) stay apart from any word, so that they are found.
    return str(value) if value is not None else f" {char} "
