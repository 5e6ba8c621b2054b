"""Normalisation of Portuguese text for search and matching."""

import unicodedata

__all__ = ["fold", "squeeze"]


def fold(text: str) -> str:
    """Return ``text`` lower-cased, without accents or other combining marks.

    ``"Ação"`` becomes ``"acao"``: people type queries without accents, so both sides of every
    comparison go through this function.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Return ``text`` with every run of white space replaced by one blank, ends stripped."""
    return " ".join(text.split())
