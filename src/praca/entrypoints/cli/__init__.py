"""The ``praca`` command."""

from praca.entrypoints.cli.commands import app

__all__ = ["app"]
