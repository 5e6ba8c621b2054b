from collections.abc import Callable

import pytest
import pytest_asyncio
from tests.integration.wallet_ledger import checks
from tests.integration.wallet_ledger.simulation import CEILING, simulated_settings
from tests.integration.wallet_ledger.till import Till

from praca.platform.database import Database
from praca.platform.resources import Resources
from praca.platform.settings import Settings

Faults = Callable[[], list[str]]


@pytest.fixture
def database(resources: Resources) -> Database:
    return resources.databases.city


@pytest_asyncio.fixture
async def till(settings: Settings, database: Database) -> Till:
    opened = Till(simulated_settings(settings), database)
    await opened.open()
    return opened


@pytest.fixture
def faults(city_dsn: str) -> Faults:
    """Return what tells the faults of this test's ledger."""
    audited = checks.last_audited(city_dsn)
    return lambda: checks.faults_of(city_dsn, ceiling=CEILING, audited=audited)
