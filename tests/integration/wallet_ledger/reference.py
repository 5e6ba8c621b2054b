"""What the ledger should do, in a few lines of plain Python that share nothing with it.

One movement after the other, on a dictionary; no batches, no locks, no database.
"""

from dataclasses import dataclass, field, replace

__all__ = ["Order", "Pocket", "Reference"]


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that somebody asks for.

    Attributes:
        what: recharge, debit, transfer, pix, block, unblock or cancel.
        card: which it is about.
        other: card that takes the money of a transfer.
        amount: centavos; None: everything.
        key: the request's, if it has one.
    """

    what: str
    card: int
    other: int | None = None
    amount: int | None = 0
    key: str | None = None

    @property
    def asked(self) -> "Order":
        """Everything but the key."""
        return replace(self, key=None)


@dataclass(slots=True)
class Pocket:
    """A card's money, or the city's on one side of all cards."""

    balance: int = 0
    state: str = "open"
    statement: list[tuple[int, int]] = field(default_factory=list)

    def change(self, amount: int) -> None:
        self.balance += amount
        self.statement.append((amount, self.balance))


class Reference:
    """A ledger that is slow, single, and easy to believe.

    Args:
        ceiling: most that a card may hold.
        largest: most that a recharge or a debit may move.
    """

    def __init__(self, ceiling: int, largest: int) -> None:
        self._ceiling, self._largest = ceiling, largest
        self.pockets: dict[int | str, Pocket] = {
            name: Pocket() for name in ("recharges", "fares", "pix")
        }
        self.answers: dict[str, tuple[Order, str]] = {}
        self.transfers = 0

    def move(self, order: Order) -> str:
        """Return what a request to move money is answered."""
        if order.what != "transfer" and (order.amount or 0) > self._largest:
            return "raised invalid_amount"
        if order.card == order.other:
            return "raised same_card"
        if order.key is None:
            said = self._try(order)
            return said.replace("refused", "raised")
        if order.key in self.answers:
            asked, said = self.answers[order.key]
            return f"again {said}" if asked == order.asked else "raised idempotency_key_reused"
        said = self._try(order)
        self.answers[order.key] = (order.asked, said)
        return said

    def _try(self, order: Order) -> str:
        names: dict[str, tuple[int | str | None, int | str | None]] = {
            "recharge": ("recharges", order.card),
            "debit": (order.card, "fares"),
            "transfer": (order.card, order.other),
        }
        giver, taker = names[order.what]
        return self._pass_on(order, giver, taker)

    def _pass_on(self, order: Order, giver: int | str | None, taker: int | str | None) -> str:
        source, target = self.pockets[giver or 0], self.pockets[taker or 0]
        amount = source.balance if order.amount is None else order.amount
        if "closed" in {source.state, target.state}:
            return "refused card_cancelled"
        if target.state == "blocked" or (source.state == "blocked" and order.what != "transfer"):
            return "refused card_blocked"
        if giver not in {"recharges", "pix"} and not 0 < amount <= source.balance:
            return "refused insufficient_funds"
        if taker != "fares" and target.balance + amount > self._ceiling:
            return "refused balance_limit"
        source.change(-amount)
        target.change(amount)
        self.transfers += 1
        counts = len(source.statement), len(target.statement)
        return f"made {amount} {source.balance} {counts[0]} {target.balance} {counts[1]}"

    def credit(self, orders: list[Order]) -> list[str]:
        """Return what comes of several Pix recharges of which all are made, or none."""
        before = {order.card: self.pockets[order.card] for order in orders}
        kept = {name: (p.balance, len(p.statement)) for name, p in before.items()}
        pix = self.pockets["pix"]
        kept_pix, made, answers = (pix.balance, len(pix.statement)), self.transfers, {}
        said: list[str] = []
        for order in orders:
            known = self.answers.get(order.key or "")
            if known:
                said.append(f"again {known[1]}" if known[0] == order.asked else "reused")
            else:
                said.append(self._pass_on(order, "pix", order.card))
                answers[order.key or ""] = (order.asked, said[-1])
        refused = [one for one in said if one == "reused" or one.startswith("refused")]
        if refused:
            for pocket, (balance, length) in [
                (pix, kept_pix),
                *((before[n], kept[n]) for n in before),
            ]:
                pocket.balance = balance
                del pocket.statement[length:]
            self.transfers = made
            first = refused[0].replace("reused", "movement_key_reused").removeprefix("refused ")
            return [f"raised {first}"]
        self.answers.update(answers)
        return said

    def change_state(self, order: Order) -> str:
        """Return what comes of blocking, unblocking or cancelling a card."""
        pocket = self.pockets[order.card]
        if pocket.state == "closed":
            return "raised card_cancelled"
        if order.what == "cancel" and pocket.balance:
            return "raised card_not_empty"
        if order.what != "cancel" and pocket.state != {"block": "open", "unblock": "blocked"}.get(
            order.what
        ):
            return "raised card_state"
        pocket.state = {"block": "blocked", "unblock": "open", "cancel": "closed"}[order.what]
        return pocket.state
