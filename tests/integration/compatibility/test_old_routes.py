"""Every route of the five older systems, called as their clients call it.

The facts are in ``tests/compatibility/facts``. What is stricter than it was is refused to him whom
the old system let in, and is his again with the setting that the fact names.
"""

import pytest
from tests.compatibility.facts import Route, load
from tests.integration.compatibility.conftest import Doors

# The last one ends with an order to erase all accounts.
_ORDER = (1, 2, 3, 5, 4)


async def test_every_route_answers_as_the_facts_say(doors: Doors) -> None:
    wrong: list[str] = []
    for number in _ORDER:
        for route in load(number).routes:
            wrong += await _walk(doors, route)
    if wrong:
        pytest.fail("\n".join(wrong))


async def _walk(doors: Doors, route: Route) -> list[str]:
    wrong = []
    if route.refuses is not None:
        wrong += await doors.closed.refused(route, route.refuses)
    wrong += await doors.closed.follow(route)
    if route.refuses is not None and route.setting is not None:
        wrong += await doors.opened.let_in(route, route.refuses)
    return wrong
