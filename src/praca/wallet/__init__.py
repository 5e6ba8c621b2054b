"""The wallet: documents, transport cards, and the ledger under them."""

from praca.wallet.cards.service import Cards

__all__ = ["Cards"]
