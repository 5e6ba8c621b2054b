"""What Praça asks of a Pix provider, whoever it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["Payment", "PixProvider"]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the provider knows it at one moment; later ones only know more.

    Attributes:
        end_to_end_id: names the payment in the whole of Pix.
        txid: of the charge that was paid.
        amount: centavos.
        paid_at: when the provider took the money.
        refunded_at: when it gave all of it back.
    """

    end_to_end_id: str
    txid: str
    amount: int
    paid_at: datetime
    refunded_at: datetime | None = None


class PixProvider(Protocol):
    """A provider that takes payments on the city's account.

    Every call may be made again with the same arguments and then does nothing more. No call is
    made while a transaction of ours is open.
    """

    async def create_charge(self, txid: str, *, amount: int, expires_at: datetime) -> str:
        """Announce a charge; return the address that its code names, without ``https://``.

        Raises:
            ProviderUnavailableError: nobody answers.
        """
        ...

    async def status_of(self, txid: str) -> list[Payment]:
        """Return every payment of the charge, the first one first; none of an unknown charge.

        Raises:
            ProviderUnavailableError: nobody answers.
        """
        ...

    async def refund(self, end_to_end_id: str, *, refund_id: str, amount: int) -> datetime | None:
        """Give a payment back; return when that was done, or None while it is being done.

        Raises:
            ProviderUnavailableError: nobody answers.
        """
        ...
