"""Names in a text: agencies, people, places, brands, documents, as far as they can be told."""

import re
from collections.abc import Iterable
from typing import Final

from praca.kit.text import fold

__all__ = ["names", "unnamed"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_BEGINS: Final = re.compile(r"(?:^|[.!?:;…“\"(•\n])\W*$")
"""What stands before a word that is written large because a sentence begins with it."""
_SMALL = "a o as os um uma e em no na nos nas de do da dos das para por pelo pela com se ao aos"
_LITTLE: Final = frozenset(_SMALL.split())
_OURS: Final = frozenset({"prefeitura", "municipio", "cidade", "voce", "senhor", "senhora"})
"""May be said of what every article is about, and to whoever asks."""
# Written small, too, by who makes them up; and offices of another level of government.
_OFTEN = """
    detran inss procon poupatempo correio cartorio tribunal defensoria ministerio bombeiro
    delegacia policia cras creas ubs upa sus caixa loterica serpro ibge anatel aneel anvisa
    receita fazenda whatsapp telegram facebook instagram google youtube tiktok pix boleto
    cpf cnpj rg cnh nis pis ctps passaporte gov estadual estaduai federal federai nacional
    nacionai internacional particular privado privada
    """
_KNOWN: Final = frozenset(_OFTEN.split())


def names(text: str) -> frozenset[str]:
    """Return the names in ``text``, folded: what is written large within a sentence, and known."""
    return frozenset(_names(text))


def unnamed(text: str, passages: Iterable[str]) -> frozenset[str]:
    """Return the names of ``text`` of which no word is in ``passages``."""
    own = names(text) - _OURS
    if not own:
        return own
    return own - {_bare(word) for passage in passages for word in _WORD.findall(fold(passage))}


def _names(text: str) -> Iterable[str]:
    for found in _WORD.finditer(text):
        word = found[0]
        folded = _bare(fold(word))
        is_large = word[0].isupper() and folded not in _LITTLE
        is_first = _BEGINS.search(text[max(0, found.start() - 4) : found.start()]) is not None
        is_short = len(word) > 1 and word.isupper()  # INSS
        if folded in _KNOWN or (is_large and (is_short or not is_first)):
            yield folded


def _bare(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word  # noqa: PLR2004
