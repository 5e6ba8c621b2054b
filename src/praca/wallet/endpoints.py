"""Everything of the wallet over HTTP."""

from praca.wallet.cards.endpoints import router as cards
from praca.wallet.documents.endpoints import router as documents
from praca.wallet.documents.share_endpoints import router as shares
from praca.wallet.pix.endpoints import router as pix
from praca.wallet.statements.endpoints import router as statements

__all__ = ["routers"]

routers = (cards, statements, pix, documents, shares)
