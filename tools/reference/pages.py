"""Which pages and pictures there are, and how a page is put together."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from tools.reference.api import api
from tools.reference.cli import cli
from tools.reference.errors import errors
from tools.reference.layers import layers
from tools.reference.settings import settings

__all__ = ["FOLDER", "pages"]

FOLDER: Final = Path(__file__).parents[2] / "docs"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_PLACE: Final = "<!-- generated -->"
_GENERATED: Final = {"api": api, "cli": cli, "errors": errors, "settings": settings}


@cache
def pages() -> Mapping[str, str]:
    """Return all that is made of the code, by the names of the files below ``docs/``."""
    made = {f"reference/{name}.md": _page(name, make()) for name, make in _GENERATED.items()}
    return made | {"images/layers.svg": layers()}


def _page(name: str, generated: str) -> str:
    template = (_TEMPLATES / f"{name}.md").read_text(encoding="utf-8")
    if template.count(_PLACE) != 1:
        raise ValueError(f"the template {name}.md needs one line `{_PLACE}`")
    return template.replace(_PLACE, generated.strip())
