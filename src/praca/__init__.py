"""Praça: one account and four counters of digital services for a Brazilian city."""

__all__ = ["__version__"]

__version__ = "0.1.0"
