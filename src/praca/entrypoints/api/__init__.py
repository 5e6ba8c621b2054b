"""The HTTP API."""

from praca.entrypoints.api.app import create_app, serve_from_environment

__all__ = ["create_app", "serve_from_environment"]
