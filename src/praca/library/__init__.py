"""The library: a catalogue of books gathered from the web, and models trained on it.

Whoever changes a book, a price of its history or what is in the shop raises
``library.catalogue.revision`` in the same transaction: what processes keep is renewed by that alone.
"""

from praca.library.service import Catalogue

__all__ = ["Catalogue"]
