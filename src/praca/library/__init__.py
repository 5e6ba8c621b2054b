"""The library: a catalogue of books gathered from the web, and models trained on it."""

from praca.library.service import Catalogue

__all__ = ["Catalogue"]
