from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.running import City, short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@pytest.fixture
def new_city(folder: Path) -> Iterator[City]:
    """A city without data that was never started."""
    city = City(folder, ("--no-sample",))
    yield city
    city.clean_up()
