from collections.abc import Iterator

import pytest
from tests.integration.backup.commands import Commands


@pytest.fixture(scope="session")
def praca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Run a command of Praça, of which all that it loads has been loaded."""
    with Commands(tmp_path_factory.mktemp("commands")) as commands:
        yield commands
