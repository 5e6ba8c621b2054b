"""The architecture's page names every table of the rooms that it lists, and no other."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

from praca.platform.database.models import CityBase

_PAGE = (Path(__file__).parents[3] / "docs/architecture.md").read_text(encoding="utf-8")
_TABLE = re.compile(r"^\| Table of the schema `(\w+)` \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)


@pytest.mark.parametrize("room", ["helpdesk", "library"])
def test_every_table_has_a_row(room: str) -> None:
    package = importlib.import_module(f"praca.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"praca.{room}."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    tables = {table.name for table in CityBase.metadata.tables.values() if table.schema == room}
    rows = dict(_TABLE.findall(_PAGE))[room]
    named = [
        name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    assert sorted(named) == sorted(tables)
