"""Everything of Pix, built from what a process holds."""

from dataclasses import dataclass

from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.wallet.cards.service import Cards
from praca.wallet.pix.charges import Charges
from praca.wallet.pix.errors import PixOffError, SimulatorOffError
from praca.wallet.pix.reconciling import Reconciler
from praca.wallet.pix.settling import Settlement
from praca.wallet.pix.simulator import SimulatedProvider

__all__ = ["Pix", "has_simulator", "open_pix", "webhook_secrets"]


def has_simulator(settings: Settings) -> bool:
    """Tell whether the simulated provider takes this city's payments."""
    chosen = settings.pix.pix_simulator
    return not settings.is_production if chosen is None else chosen


def webhook_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secrets that sign notices, the one to sign with first; none: none counts."""
    given = settings.pix.webhook_secrets
    if given or settings.is_production:
        return given
    return (settings.kept_secret("pix-webhook-secret"),)


@dataclass(frozen=True, slots=True)
class Pix:
    """The parts of Pix.

    Attributes:
        provider: none where the city has none.
        secrets: sign the provider's notices.
        tolerance_s: for how long a signature counts.
    """

    charges: Charges
    settlement: Settlement
    provider: SimulatedProvider | None
    reconciler: Reconciler | None
    secrets: tuple[str, ...]
    tolerance_s: int

    def require_reconciler(self) -> Reconciler:
        """Return what asks the provider.

        Raises:
            PixOffError: there is none.
        """
        if self.reconciler is None:
            raise PixOffError
        return self.reconciler

    def require_simulator(self) -> SimulatedProvider:
        """Return the simulated provider.

        Raises:
            SimulatorOffError: this city has none.
        """
        if self.provider is None:
            raise SimulatorOffError
        return self.provider


def open_pix(resources: Resources, cards: Cards | None = None) -> Pix:
    """Build the parts; a worker, which serves no cards, has some made for it."""
    settings, database = resources.settings, resources.databases.city
    cards = cards or Cards(settings, database)
    settlement = Settlement(database, cards.ledger, resources.tasks)
    provider = SimulatedProvider(database, resources.tasks) if has_simulator(settings) else None
    reconciler = None
    if provider is not None:
        reconciler = Reconciler(settings.pix, database, provider, settlement)
    return Pix(
        charges=Charges(settings, database, cards, provider, settlement),
        settlement=settlement,
        provider=provider,
        reconciler=reconciler,
        secrets=webhook_secrets(settings),
        tolerance_s=settings.pix.pix_webhook_tolerance_s,
    )
