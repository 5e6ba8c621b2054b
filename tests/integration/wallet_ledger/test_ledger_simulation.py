"""Random orders from a seed: whatever the reference says, the service has to say and do."""

import os
import time

from tests.integration.wallet_ledger.simulation import Simulation, simulated_settings

from praca.platform.resources import Resources
from praca.platform.settings import Settings

# More of them, other ones: LEDGER_OPERATIONS=5000000 LEDGER_SEED=7 (or benchmarks/ledger_soak.py).
_OPERATIONS = int(os.environ.get("LEDGER_OPERATIONS", "200000"))
_SEED = int(os.environ.get("LEDGER_SEED", "20261122"))


async def test_the_service_does_what_the_reference_says(
    settings: Settings, resources: Resources
) -> None:
    simulation = Simulation(simulated_settings(settings), resources.databases.city, _SEED)
    t=time.time(); c=time.process_time()
    await simulation.run(_OPERATIONS)
    print("RUN", simulation.done, time.time()-t, time.process_time()-c, simulation.reference.transfers)
    t=time.time(); c=time.process_time()
    assert simulation.faults() == [], f"seed {_SEED}"
    print("CHECK", time.time()-t)
