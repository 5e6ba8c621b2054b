"""A walk through all entries, account by account, that recomputes what each must say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from praca.wallet.ledger.chain import entry_hash_at, microseconds_of
from praca.wallet.ledger.heads import EarlierHeads

__all__ = ["Chain", "Problems", "Walk"]

_MOST_KEPT: Final = 100
_SINCE_2000: Final = microseconds_of(datetime(2000, 1, 1, tzinfo=UTC))
"""PostgreSQL counts from then; the hashes from 1970."""


class Problems:
    """What is wrong, in Portuguese; of very many the first hundred.

    Attributes:
        kept: those.
        found: how many there were.
    """

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.found = 0

    def add(self, problem: str) -> None:
        """Note one."""
        self.found += 1
        if len(self.kept) < _MOST_KEPT:
            self.kept.append(problem)


@dataclass(slots=True)
class Chain:
    """What an account's entries say it is after the last of them.

    Attributes:
        microseconds: when that was made, since 2000; None before the first.
        lowest: the least that was ever in the account, after ``lowest_number``.
    """

    account_id: int
    number: int = 0
    balance: int = 0
    hash: bytes = b""
    microseconds: int | None = None
    lowest: int = 0
    lowest_number: int = 0


class Walk:
    """Takes entries in the order of accounts and numbers.

    Attributes:
        entries: how many it has taken.
    """

    def __init__(self, problems: Problems, earlier: EarlierHeads | None) -> None:
        self._problems = problems
        self._earlier = earlier
        self._chain: Chain | None = None
        self._kept: tuple[int, bytes] | None = None
        self.entries = 0

    def feed(self, rows: Sequence[tuple[Any, ...]]) -> list[Chain]:
        """Check entries, each with its transfer; return the chains that ended before the last."""
        ended: list[Chain] = []
        chain = self._chain
        for row in rows:
            if chain is None or row[0] != chain.account_id:
                if chain is not None:
                    self._end(chain)
                    ended.append(chain)
                chain = self._begin(row[0])
            self._entry(chain, row)
        self._chain = chain
        self.entries += len(rows)
        return ended

    def finish(self) -> list[Chain]:
        """Return the last chain."""
        chain, self._chain = self._chain, None
        if chain is not None:
            self._end(chain)
        if self._earlier is not None:
            for account_id, entries, _ in self._earlier.finish():
                self._lost(account_id, entries)
        return [] if chain is None else [chain]

    def _entry(self, chain: Chain, row: tuple[Any, ...]) -> None:
        _, number, transfer_id, amount, balance, digest, _, _, moved, _, _, microseconds = row
        follows = number == chain.number + 1
        if not follows:
            # Its hash and balance follow from what is not there.
            self._tell(row, f"devia ser o lançamento {chain.number + 1}: falta algum, ou sobra")
        elif balance != chain.balance + amount:
            self._tell(row, f"o saldo é {balance}, em vez de {chain.balance + amount}")
        if moved is None:
            self._tell(row, f"a transferência {transfer_id} não existe")
        else:
            self._transfer(chain, row, follows=follows)
        if self._kept is not None and self._kept[0] == number and self._kept[1] != digest:
            self._tell(row, "o hash não é o que foi guardado: a história foi reescrita")
        if balance < chain.lowest:
            chain.lowest, chain.lowest_number = balance, number
        chain.number, chain.balance, chain.hash = number, balance, digest
        if microseconds is not None:
            chain.microseconds = microseconds

    def _transfer(self, chain: Chain, row: tuple[Any, ...], *, follows: bool) -> None:
        """Check an entry against its transfer, which exists."""
        (account_id, number, transfer_id, amount, balance, digest,
         source_id, destination_id, moved, kind, reference, microseconds) = row  # fmt: skip
        if amount > 0:
            is_side, counterpart_id = account_id == destination_id, source_id
        else:
            is_side, counterpart_id = account_id == source_id, destination_id
        if not is_side or abs(amount) != moved:
            self._tell(row, f"o valor {amount} não é um lado da transferência {transfer_id}")
        if chain.microseconds is not None and microseconds < chain.microseconds:
            self._tell(row, "vem de antes do lançamento anterior")
        if follows and digest != entry_hash_at(
            chain.hash, account_id, number, transfer_id, counterpart_id,
            amount, balance, kind, _SINCE_2000 + microseconds, reference,
        ):  # fmt: skip
            self._tell(row, "o hash não é o do que está escrito")

    def _tell(self, row: tuple[Any, ...], what: str) -> None:
        self._problems.add(f"conta {row[0]}, lançamento {row[1]}: {what}")

    def _begin(self, account_id: int) -> Chain:
        if self._earlier is not None:
            for lost_id, entries, _ in self._earlier.before(account_id):
                self._lost(lost_id, entries)
            self._kept = self._earlier.take(account_id)
        return Chain(account_id)

    def _end(self, chain: Chain) -> None:
        if self._kept is not None and self._kept[0] > chain.number:
            self._fewer(chain.account_id, self._kept[0], chain.number)

    def _lost(self, account_id: int, entries: int) -> None:
        if entries:
            self._fewer(account_id, entries, 0)

    def _fewer(self, account_id: int, before: int, now: int) -> None:
        self._problems.add(
            f"conta {account_id}, lançamento {now}: já teve {before} lançamentos e tem {now}: "
            "a história foi reescrita"
        )
