"""The card service as a till uses it: an order in, a short sentence out."""

from tests.integration.wallet_ledger.reference import Order

from praca.identity import Role, Subject
from praca.kit.errors import DomainError
from praca.platform.audit import AuditEntry
from praca.platform.database import Database
from praca.platform.idempotency import Claim, KeptAnswer, input_hash
from praca.platform.settings import Settings
from praca.wallet.cards.card import Card
from praca.wallet.cards.money import claimed
from praca.wallet.cards.service import Cards
from praca.wallet.ledger.moving import Movement
from praca.wallet.ledger.postings import AccountKind, Posted, Posting

__all__ = ["OWNER", "Till", "said"]

OWNER = Subject(id=77, username="dona", role=Role.USUARIO, cpf=None)
_ACTIONS = {"recharge": "card_recharged", "debit": "card_debited", "transfer": "card_transferred"}


class Till:
    """Sends orders to the mover of one process, as the endpoints do.

    Attributes:
        cards: in the order in which they were issued; orders name them by their place.
    """

    def __init__(
        self, settings: Settings, database: Database, cards: list[Card] | None = None
    ) -> None:
        self.settings, self.database = settings, database
        self.service = Cards(settings, database)
        self.cards = [] if cards is None else cards

    def another(self) -> "Till":
        """Return the till of another process, so to say, for the same cards."""
        return Till(self.settings, self.database, self.cards)

    async def open(self) -> None:
        """See to it that the city's accounts are there."""
        while not self.service.ledger.city_accounts:  # made first, then committed, then known
            async with self.database.transaction() as connection:
                await self.service.ledger.account_of_city(connection, AccountKind.PIX)

    async def issue(self, balance: int = 0) -> int:
        """Issue a card and return its place."""
        async with self.database.write() as session:
            self.cards.append(await self.service.issue(session, OWNER))
        place = len(self.cards) - 1
        if balance:
            heard = await self.ask(Order("recharge", place, None, balance))
            assert heard.startswith("made"), heard
        return place

    async def ask(self, order: Order) -> str:
        """Return what the order is answered."""
        try:
            movement = await self.movement(order)
            answered = await self.service.mover.move(movement)
        except DomainError as error:
            return f"raised {error.code}"
        return ("again " if answered.is_replayed else "") + answered.answer.body.decode()

    async def movement(self, order: Order) -> Movement:
        operation = _ACTIONS[order.what]
        claim = None
        if order.key is not None:
            hashed = input_hash(operation, order.card, order.other, order.amount)
            claim = Claim(OWNER.id, order.key, hashed)
        card = self.cards[order.card]
        return Movement(
            claimed(await self._posting(order, card), claim),
            AuditEntry(f"wallet.{operation}", "card", str(card.id), OWNER.id),
            claim,
            lambda posted: KeptAnswer(200, "text/plain", said(posted).encode()),
            lambda error: KeptAnswer(409, "text/plain", f"refused {error.code}".encode()),
        )

    async def _posting(self, order: Order, card: Card) -> Posting:
        match order.what:
            case "recharge":
                return await self.service.recharge_posting(card, order.amount or 0)
            case "debit":
                return await self.service.debit_posting(card, order.amount or 0)
        other = self.cards[order.other or 0]
        return self.service.transfer_posting(card, other, order.amount)


def said(posted: Posted) -> str:
    """Return a transfer's amount, and balance and number of entries on both sides after it."""
    source, destination = posted.source, posted.destination
    return (
        f"made {posted.posting.amount} {source.balance} {source.number}"
        f" {destination.balance} {destination.number}"
    )
