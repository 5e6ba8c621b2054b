"""What the city's Pix keeps about a person."""

from dataclasses import asdict
from typing import Final

from pydantic import JsonValue, TypeAdapter

from praca.kit.clock import utc_now
from praca.platform.database.engine import ReadSession
from praca.platform.resources import Resources
from praca.wallet.pix import repository
from praca.wallet.pix.charge import ChargeStatus, ChargeView
from praca.wallet.pix.charges import views_of

__all__ = ["PixHolder"]

_PAGE: Final = 500
_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)


class PixHolder:
    """Charges with their states and payments; the provider is never told whose they are."""

    name = "pix"

    def __init__(self, resources: Resources) -> None:
        self._database = resources.databases.city

    async def export(self, account_id: int) -> JsonValue:
        """Return every charge of the person."""
        async with self._database.read() as session:
            return [_exported(view) for view in await _all_of(session, account_id)]

    async def erase(self, account_id: int) -> None:
        """Forget whose the charges are.

        The rows stay, for the ledger names them. What is unpaid is cancelled; money that still
        comes for it goes back.
        """
        async with self._database.write() as session:
            for charge_id in await repository.list_open_of(session, account_id):
                await repository.add_state(session, charge_id, ChargeStatus.CANCELLED, utc_now())
            await repository.forget_owner(session, account_id)


async def _all_of(session: ReadSession, account_id: int) -> list[ChargeView]:
    views: list[ChargeView] = []
    total = 1
    while len(views) < total:
        total, charges = await repository.list_charges(
            session, account_id, offset=len(views), limit=_PAGE
        )
        if not charges:
            break
        views += await views_of(session, charges)
    return views


def _exported(view: ChargeView) -> JsonValue:
    charge = asdict(view.charge)
    for internal in ("user_id", "card_id", "account_id", "asked"):
        del charge[internal]
    payments = [asdict(payment) for payment in view.payments]
    for payment in payments:
        del payment["charge_id"], payment["tries"]
    states = [asdict(state) for state in view.states]
    dumped = TypeAdapter(dict).dump_python(
        {**charge, "states": states, "payments": payments}, mode="json"
    )
    return _JSON.validate_python(dumped)
