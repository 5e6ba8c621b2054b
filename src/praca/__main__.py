"""``python -m praca`` is the ``praca`` command."""

from praca.entrypoints.cli import app

app(prog_name="praca")
