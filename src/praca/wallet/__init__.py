"""The wallet: documents, transport cards, and the ledger under them."""

from praca.wallet.cards.card import Card, CardStatus
from praca.wallet.cards.personal_data import CardsHolder
from praca.wallet.cards.service import Cards
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.errors import DocumentConflictError, DocumentLimitError
from praca.wallet.documents.room import DocumentRoom
from praca.wallet.documents.schemas import DocumentCreate
from praca.wallet.documents.sealing import Document
from praca.wallet.documents.service import DocumentPlace, DocumentService
from praca.wallet.errors import (
    CardCancelledError,
    CardNotEmptyError,
    CardNotFoundError,
    NotCardOwnerError,
)
from praca.wallet.statements.service import Statements
from praca.wallet.statements.words import as_day, as_money
from praca.wallet.tasks import FORGET_ANSWERS

__all__ = [
    "FORGET_ANSWERS",
    "Card",
    "CardCancelledError",
    "CardNotEmptyError",
    "CardNotFoundError",
    "CardStatus",
    "Cards",
    "CardsHolder",
    "DataKeys",
    "Document",
    "DocumentConflictError",
    "DocumentCreate",
    "DocumentLimitError",
    "DocumentPlace",
    "DocumentRoom",
    "DocumentService",
    "NotCardOwnerError",
    "Statements",
    "as_day",
    "as_money",
]
