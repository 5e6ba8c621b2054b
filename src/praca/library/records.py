"""A book as a shop's page tells it: what the scraper reads and the catalogue stores."""

from dataclasses import dataclass

__all__ = ["ScrapedBook"]


@dataclass(frozen=True, slots=True)
class ScrapedBook:
    """Everything that one product page says of a book.

    Attributes:
        upc: the shop's own number of it, by which it is known again.
        url: absolute address of its page.
        titulo: its whole title.
        preco_centavos: price in hundredths of ``moeda``.
        moeda: ISO 4217 code, for example ``GBP``.
        rating: stars, 0 to 5.
        disponibilidade: whether it can be bought.
        estoque: how many there are.
        categoria: the shop's category.
        imagem: absolute address of its cover.
        descricao: what the page tells of it; empty if nothing.
    """

    upc: str
    url: str
    titulo: str
    preco_centavos: int
    moeda: str
    rating: int
    disponibilidade: bool
    estoque: int
    categoria: str
    imagem: str
    descricao: str
