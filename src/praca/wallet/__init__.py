"""The wallet: documents, transport cards, and the ledger under them."""

__all__: list[str] = []
