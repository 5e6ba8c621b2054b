"""All tables that any module defines."""

import importlib
import pkgutil

import praca


def load_all_tables() -> None:
    """Load every module that defines tables, so that ``alembic check`` misses none."""
    for module in pkgutil.walk_packages(praca.__path__, "praca."):
        if module.name.endswith(("models", "idempotency")):
            importlib.import_module(module.name)
