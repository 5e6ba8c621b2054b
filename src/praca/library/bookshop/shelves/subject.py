"""What a category's invented books are made of."""

from dataclasses import dataclass

__all__ = ["Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One category of the shop.

    Attributes:
        name: as the shop shows it.
        weight: how often a book falls to it, beside the others.
        heads: beginnings of titles.
        tails: ends of titles; any of them goes with any beginning.
        terms: what its books are about, as noun phrases without an article.
    """

    name: str
    weight: int
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    terms: tuple[str, ...]
