"""The wallet: documents, transport cards, and the ledger under them."""

from praca.wallet.cards.personal_data import CardsHolder
from praca.wallet.cards.service import Cards
from praca.wallet.statements.service import Statements
from praca.wallet.tasks import FORGET_ANSWERS

__all__ = ["FORGET_ANSWERS", "Cards", "CardsHolder", "Statements"]
