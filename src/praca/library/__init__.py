"""The library: a catalogue of books gathered from the web, and models trained on it.

Whoever changes a book, a price of its history or what is in the shop raises
``library.catalogue.revision`` in the same transaction: only by that do processes know that what
they keep is old.
"""

from praca.library.service import Catalogue

__all__ = ["Catalogue"]
