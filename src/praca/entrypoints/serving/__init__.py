"""Serving the API: processes that take turns without a request being lost."""

from praca.entrypoints.serving.serve import serve

__all__ = ["serve"]
