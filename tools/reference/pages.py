"""Which pages there are, and how one is put together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.reference.api import api
from tools.reference.cli import cli
from tools.reference.errors import errors
from tools.reference.settings import settings

__all__ = ["FOLDER", "pages"]

FOLDER: Final = Path(__file__).parents[2] / "docs/reference"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_PLACE: Final = "<!-- generated -->"


def pages() -> Mapping[str, str]:
    """Return every page of the reference by the name of its file."""
    made = {"api.md": api, "cli.md": cli, "errors.md": errors, "settings.md": settings}
    return {name: _page(name, make()) for name, make in made.items()}


def _page(name: str, generated: str) -> str:
    template = (_TEMPLATES / name).read_text(encoding="utf-8")
    if template.count(_PLACE) != 1:
        raise ValueError(f"the template {name} needs one line `{_PLACE}`")
    return template.replace(_PLACE, generated.strip())
