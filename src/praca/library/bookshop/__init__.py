"""A small bookshop of our own, with the mark-up of the shops that the scraper reads."""

__all__: list[str] = []
