"""Every route of the five older systems, called as their clients call it.

The facts are in ``tests/compatibility/facts``. What is stricter than it was is refused to him whom
the old system let in, and is his again with the setting that the fact names.
"""

import json

import pytest
from tests.compatibility.facts import Route, load
from tests.compatibility.reading import unread
from tests.compatibility.walking import NotKeptError
from tests.integration.compatibility.conftest import Doors

from praca.platform.resources import Resources

# The last one ends with an order to erase all accounts.
_ORDER = (1, 2, 3, 5, 4)


async def test_every_route_answers_as_the_facts_say(doors: Doors, resources: Resources) -> None:
    wrong: list[str] = []
    for number in _ORDER:
        for route in load(number).routes:
            try:
                await _walk(doors, route, wrong)
            except NotKeptError as error:
                wrong.append(f"{route.call}: {error}")
    wrong += _files(resources)
    if wrong:
        pytest.fail("\n".join(wrong))


async def _walk(doors: Doors, route: Route, wrong: list[str]) -> None:
    if route.refuses is not None:
        wrong += await doors.closed.refused(route, route.refuses)
    wrong += await doors.closed.follow(route)
    if route.refuses is not None and route.setting is not None:
        wrong += await doors.opened.let_in(route, route.refuses)


def _files(resources: Resources) -> list[str]:
    """Return what is wrong with the files that the imports and exports have left."""
    store, wrong = resources.objects, []
    for file in load(1).files:
        if not file.reads:
            wrong += [f"{key} is there" for key in store.keys(file.key.rpartition("/")[0])]
            continue
        written = store.read(file.key).decode()
        found = json.loads(written) if file.key.endswith(".json") else written
        wrong += [f"{file.key}: {said}" for said in unread(found, file.reads)]
    return wrong
