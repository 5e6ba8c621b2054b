"""A book as the shop keeps it, and how the shop writes its address and its price."""

import re
from dataclasses import dataclass

from praca.kit.text import fold

__all__ = ["CURRENCY_SYMBOLS", "ShopBook", "price_text", "slug_of"]

CURRENCY_SYMBOLS = {"BRL": "R$", "EUR": "€", "GBP": "£", "USD": "$"}
"""How each currency (ISO 4217) is written before a price."""

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ShopBook:
    """One book of the shop.

    Attributes:
        number: the shop's own number of it, unique; part of its address.
        upc: its product code, unique.
        titulo: its whole title.
        preco_centavos: price in hundredths of ``moeda``.
        moeda: ISO 4217 code, one of :data:`CURRENCY_SYMBOLS`.
        rating: stars, 1 to 5.
        estoque: how many there are; none: it cannot be bought.
        categoria: name of its category.
        descricao: what its page tells of it; empty: the page has no such section.
        slug: its title as it stands in its address.
        image_path: where its cover lies, from the root of the shop, without a leading slash.
    """

    number: int
    upc: str
    titulo: str
    preco_centavos: int
    moeda: str
    rating: int
    estoque: int
    categoria: str
    descricao: str
    slug: str
    image_path: str

    @property
    def folder(self) -> str:
        """Name of the folder of its page, under ``catalogue/``."""
        return f"{self.slug}_{self.number}"

    @property
    def path(self) -> str:
        """Where its page lies, from the root of the shop."""
        return f"catalogue/{self.folder}/index.html"


def slug_of(text: str) -> str:
    """Return ``text`` as a part of an address: ASCII letters, digits and hyphens."""
    return _NOT_IN_SLUGS.sub("-", fold(text)).strip("-")


def price_text(centavos: int, moeda: str) -> str:
    """Return a price as the mark-up has it: symbol, units, a point, two digits (``£51.77``)."""
    return f"{CURRENCY_SYMBOLS[moeda]}{centavos // 100}.{centavos % 100:02}"
