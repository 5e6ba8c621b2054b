"""Random orders from a seed: whatever the reference says, the service has to say and do."""

import os

from tests.integration.wallet_ledger.simulation import Simulation, simulated_settings

from praca.platform.resources import Resources
from praca.platform.settings import Settings

# More of them, or others: LEDGER_OPERATIONS=5000000 LEDGER_SEED=7 (or benchmarks.ledger_soak).
_OPERATIONS = int(os.environ.get("LEDGER_OPERATIONS", "50000"))
_SEED = int(os.environ.get("LEDGER_SEED", "20261122"))
_EVERYTHING = {
    "again made",
    "again refused balance_limit",
    "again refused card_blocked",
    "again refused card_cancelled",
    "again refused insufficient_funds",
    "blocked",
    "closed",
    "made",
    "open",
    "raised balance_limit",
    "raised card_blocked",
    "raised card_cancelled",
    "raised card_not_empty",
    "raised card_state",
    "raised idempotency_key_reused",
    "raised insufficient_funds",
    "raised invalid_amount",
    "raised movement_key_reused",
    "raised request_in_flight",
    "raised same_card",
    "refused balance_limit",
    "refused card_blocked",
    "refused card_cancelled",
    "refused insufficient_funds",
}


async def test_the_service_does_what_the_reference_says(
    settings: Settings, resources: Resources
) -> None:
    simulation = Simulation(simulated_settings(settings), resources.databases.city, _SEED)
    await simulation.run(_OPERATIONS)
    assert simulation.faults() == [], f"seed {_SEED}"
    # A draw in which some things never happen would prove little about them.
    if simulation.done >= 50_000:
        assert set(simulation.heard) >= _EVERYTHING
