"""Gathering the catalogue from a bookshop: pages, politeness, a frontier that survives anything."""

__all__: list[str] = []
