"""``python -m praca`` is the ``praca`` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the ``praca`` command.

    ``health`` is looked at first: it is run every few seconds, and the other commands take ten
    times as long to load as it takes to run.
    """
    if sys.argv[1:2] == ["health"]:
        from typer import Typer  # noqa: PLC0415

        from praca.entrypoints.health import health  # noqa: PLC0415

        quick = Typer(add_completion=False)
        quick.command()(health)
        quick(sys.argv[2:], prog_name="praca health")
    from praca.entrypoints.cli import app  # noqa: PLC0415

    app(prog_name="praca")


if __name__ == "__main__":
    main()
