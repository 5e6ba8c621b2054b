"""The faults: in which file, which words, and what stands there instead."""

from dataclasses import dataclass
from typing import Final

__all__ = ["FAULTS", "Fault"]

_CHAIN = "wallet/ledger/chain.py"
_RULES = "wallet/ledger/rules.py"
_ROWS = "wallet/ledger/repository.py"
_SERVICE = "wallet/ledger/service.py"
_MOVING = "wallet/ledger/moving.py"
_CARDS = "wallet/cards/service.py"
_MONEY = "wallet/cards/money.py"
_KEYS = "platform/idempotency.py"
_ENGINE = "platform/database/engine.py"
_TABLES = "migrations/city/versions/20261122_0700_ledger.py"

_NO_FLOOR_RULE = (
    _RULES,
    "lacks = source.floor is not None and source.balance - posting.amount < source.floor",
    "lacks = False",
)
_NO_FLOOR_TABLE = (_TABLES, "CHECK (balance >= floor)", "CHECK (true)")
_NO_LOCK = (_ROWS, "ORDER BY id FOR NO KEY UPDATE", "ORDER BY id")
_NO_GUARD = (_ROWS, "WHERE a.id = n.id AND a.entries = n.before", "WHERE a.id = n.id")
_CLAIMED = "found = await claim_all(connection, list(claims.values()))"
_LEFT = "left = [index for index, outcome in enumerate(outcomes) if outcome is None]"
_KEYLESS = """postings = [
                    replace(p, key=None, input_hash=None)
                    for p in (group[index].movement.posting for index in left)
                ]"""
_TOO_LATE = """told = _answered(group[index], result, batch)
                    if earlier[index] is None:
                        outcomes[index] = told
                    else:
                        batch.answers.pop()"""
_WRITTEN = """                if batch.posted or batch.answers:
                    await repository.write(connection, batch)
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake that somebody could make.

    Attributes:
        changes: file below ``praca``, words that are there once, words instead.
        harmless: why it may survive; empty: it may not.
    """

    name: str
    changes: tuple[tuple[str, str, str], ...]
    harmless: str = ""

    @property
    def touches_rules(self) -> bool:
        """Whether tests without a database can notice it."""
        return any(name in {_RULES, _CHAIN} for name, *_ in self.changes)


def _fault(name: str, file: str, old: str, new: str, harmless: str = "") -> Fault:
    return Fault(name, ((file, old, new),), harmless)


_MONEY_FAULTS: Final = (
    _fault(
        "both signs swapped",
        _RULES,
        """_enter(source, -posting.amount, posting, transfer_id, created_at),
        _enter(destination, posting.amount,""",
        """_enter(source, posting.amount, posting, transfer_id, created_at),
        _enter(destination, -posting.amount,""",
    ),
    _fault(
        "destination credited twice",
        _RULES,
        "_enter(destination, posting.amount,",
        "_enter(destination, posting.amount * 2,",
    ),
    _fault(
        "source not debited in full",
        _RULES,
        "_enter(source, -posting.amount,",
        "_enter(source, -max(1, posting.amount - 1),",
    ),
    _fault(
        "floor check one centavo too strict",
        _RULES,
        "source.balance - posting.amount < source.floor",
        "source.balance - posting.amount <= source.floor",
    ),
    Fault("floor not checked by the rules", (_NO_FLOOR_RULE,)),
    Fault("floor not checked by the database", (_NO_FLOOR_TABLE,)),
    Fault("floor not checked by anybody", (_NO_FLOOR_RULE, _NO_FLOOR_TABLE)),
    _fault(
        "ceiling not checked",
        _RULES,
        "if is_card and destination.balance + posting.amount > limits.card_balance:",
        "if is_card and limits.card_balance < 0:",
    ),
    _fault(
        "ceiling one centavo too strict",
        _RULES,
        "destination.balance + posting.amount > limits",
        "destination.balance + posting.amount >= limits",
    ),
    _fault(
        "blocked card takes money",
        _RULES,
        "if destination.state is State.BLOCKED:",
        "if destination.state is None:",
    ),
    _fault(
        "blocked card pays",
        _RULES,
        "if source.state is State.BLOCKED and not posting.from_blocked:",
        "if source.state is None:",
    ),
    _fault(
        "cancelled card takes money",
        _RULES,
        "for account in (source, destination):\n        if",
        "for account in (source,):\n        if",
    ),
    _fault(
        "cancelled card not noticed",
        _RULES,
        "if account.state is State.CLOSED:",
        "if account.state is None:",
    ),
    _fault(
        "transfer of everything ignores the floor",
        _RULES,
        "amount=source.balance - (source.floor or 0)",
        "amount=source.balance",
    ),
    _fault(
        "transfer of everything from an empty card",
        _RULES,
        "if is_empty or lacks:",
        "if lacks:",
    ),
    _fault(
        "largest amount not checked", _CARDS, "if amount > self._settings", "if 0 > self._settings"
    ),
    _fault(
        "transfer to the same card", _CARDS, "if source.id == destination.id:", "if source.id == 0:"
    ),
    _fault(
        "card cancelled with the balance read earlier",
        _CARDS,
        "if state is State.CLOSED and account.balance:",
        "if state is State.CLOSED and card.balance:",
    ),
)

_HISTORY_FAULTS: Final = (
    _fault(
        "entry number reused",
        _RULES,
        "account.entries += 1",
        "account.entries = max(1, account.entries)",
    ),
    _fault(
        "running balance off by one",
        _RULES,
        "transfer_id, amount, account.balance, account.head)",
        "transfer_id, amount, account.balance + 1, account.head)",
    ),
    _fault(
        "running balance of before the entry",
        _RULES,
        "transfer_id, amount, account.balance, account.head)",
        "transfer_id, amount, account.balance - amount, account.head)",
    ),
    _fault(
        "hash not chained",
        _RULES,
        "account.head = entry_hash(\n        account.head,",
        'account.head = entry_hash(\n        b"",',
    ),
    _fault(
        "head not kept by the account",
        _ROWS,
        "entries = n.entries, head = decode(n.head, 'hex'),",
        "entries = n.entries,",
    ),
    _fault("hash omits the amount", _CHAIN, "|{counterpart_id}|{amount}|", "|{counterpart_id}|"),
    _fault("hash omits the kind", _CHAIN, "|{kind}|", "|"),
    _fault("hash omits the time", _CHAIN, "|{microseconds}|", "|"),
    _fault("hash of whole seconds", _CHAIN, "// _MICROSECOND", "// (_MICROSECOND * 1000000)"),
    _fault(
        "hash names the wrong counterpart",
        _RULES,
        "posting.destination_id if amount < 0",
        "posting.destination_id if amount > 0",
    ),
    _fault(
        "time goes back with the clock",
        _RULES,
        "moments = [now, *(account.latest_at for account in (source, destination)"
        " if account.latest_at)]",
        "moments = [now]",
    ),
    _fault(
        "time of the last entry not kept",
        _ROWS,
        "head = decode(n.head, 'hex'), latest_at = n.latest_at",
        "head = decode(n.head, 'hex')",
    ),
    _fault(
        "only one side of a transfer entered",
        _ROWS,
        "for e in (p.source, p.destination)),",
        "for e in (p.source,)),",
    ),
    _fault(
        "movement not audited",
        _MOVING,
        "batch.notes.append((movement.note, waiting.context))",
        "pass",
    ),
    _fault(
        "entries may be updated",
        _TABLES,
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.entries",
        "BEFORE DELETE OR TRUNCATE ON wallet.entries",
    ),
    _fault(
        "transfers may be truncated",
        _TABLES,
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.transfers",
        "BEFORE UPDATE OR DELETE ON wallet.transfers",
    ),
    _fault(
        "accounts may be deleted",
        _TABLES,
        "BEFORE DELETE OR TRUNCATE ON wallet.accounts",
        "BEFORE TRUNCATE ON wallet.accounts",
    ),
    _fault(
        "a card's floor may be changed",
        _TABLES,
        "BEFORE UPDATE OF id, kind, floor ON",
        "BEFORE UPDATE OF id, kind ON",
    ),
    _fault("transfers of nothing", _TABLES, "CHECK (amount > 0)", "CHECK (amount >= 0)"),
)

_LOCK_FAULTS: Final = (
    Fault("accounts not locked", (_NO_LOCK,)),
    Fault("accounts neither locked nor guarded", (_NO_LOCK, _NO_GUARD)),
    Fault("account overwritten, whatever it was before", (_NO_GUARD,)),
    _fault(
        "conflict not noticed",
        _ROWS,
        "if cursor.rowcount != len(batch.before):",
        "if cursor.rowcount < 0:",
    ),
    _fault("lock order reversed", _ROWS, "ORDER BY id FOR", "ORDER BY id DESC FOR"),
    Fault(
        "accounts locked in the order of the request",
        (
            (
                _ROWS,
                "ORDER BY id FOR NO KEY UPDATE",
                "ORDER BY array_position(%(ids)s::bigint[], id) FOR NO KEY UPDATE",
            ),
            (
                _SERVICE,
                "{i for p in postings for i in (p.source_id, p.destination_id)}",
                "[i for p in postings for i in (p.source_id, p.destination_id)]",
            ),
        ),
    ),
    _fault(
        "ids of transfers reused",
        _SERVICE,
        "taken, self._ids = self._ids[:count], self._ids[count:]",
        "taken = self._ids[:count]",
    ),
    _fault(
        "ids given twice while others are fetched",
        _SERVICE,
        "fetched = await repository.transfer_ids(connection, wanted)\n"
        "            self._ids += fetched",
        "self._ids += await repository.transfer_ids(connection, wanted)",
    ),
    _fault(
        "errors committed instead of rolled back",
        _ENGINE,
        "            async with connection.transaction():\n                yield connection\n",
        "            try:\n                yield connection\n"
        "            finally:\n                await connection.commit()\n",
    ),
    _fault(
        "client told before the commit",
        _MOVING,
        "        note_posted(batch.posted)\n",
        "            for waiting, told in zip(group, outcomes, strict=True):\n"
        "                if told is not None:\n"
        "                    waiting.settle(told)\n"
        "        note_posted(batch.posted)\n",
    ),
    _fault(
        "made again after the connection was lost",
        _MOVING,
        "raise  # the database is not there, for none of them",
        "return [await self._alone(waiting) for waiting in group]",
    ),
    _fault(
        "answers of a group shifted by one",
        _MOVING,
        "for index, result in zip(left, settled, strict=True):",
        "for index, result in zip(left, [*settled[1:], settled[0]], strict=True):",
    ),
    _fault(
        "one of 257 forgotten",
        _MOVING,
        "self._waiting[_MOST_AT_ONCE:]",
        "self._waiting[_MOST_AT_ONCE + 1 :]",
    ),
    _fault(
        "half of what is asked for together is made",
        _SERVICE,
        "            if isinstance(outcome, DomainError):\n                raise outcome\n",
        "            if isinstance(outcome, DomainError) and outcome is outcomes[0]:\n"
        "                raise outcome\n",
    ),
)

_KEY_FAULTS: Final = (
    _fault("keys not looked for", _MOVING, _CLAIMED, "found = [None] * len(claims)"),
    Fault(
        "key looked for after the effect",
        (
            (_MOVING, "import dataclass\n", "import dataclass, replace\n"),
            (_MOVING, _LEFT, "earlier, left = list(outcomes), list(range(len(group)))"),
            (
                _MOVING,
                "postings = [group[index].movement.posting for index in left]",
                _KEYLESS,
            ),
            (_MOVING, "outcomes[index] = _answered(group[index], result, batch)", _TOO_LATE),
        ),
    ),
    _fault(
        "known keys settled once more",
        _MOVING,
        _LEFT,
        "left = list(range(len(group)))",
    ),
    _fault(
        "refusals not kept",
        _MOVING,
        "    if movement.claim is not None:\n        batch.answers",
        "    if movement.claim is not None and isinstance(result, Posted):\n        batch.answers",
    ),
    _fault(
        "answers kept in a transaction of their own",
        _MOVING,
        _WRITTEN,
        """                answers, batch.answers = batch.answers, []
                if batch.posted:
                    await repository.write(connection, batch)
                if answers:
                    async with self._database.transaction() as other:
                        await repository.write(other, Batch(answers=answers))
""",
    ),
    _fault(
        "key in flight not reserved in the process",
        _MOVING,
        "if name is not None and name in self._claims:",
        "if name is not None and name in ():",
    ),
    _fault(
        "key in flight not reserved in the database",
        _KEYS,
        "SELECT pg_try_advisory_xact_lock(hashtextextended(c.actor_id || ':' || c.key, 7226004)),",
        "SELECT true,",
    ),
    _fault(
        "key with another body answered",
        _KEYS,
        "if known_hash != claim.input_hash:",
        "if known_hash is None:",
    ),
    _fault(
        "key of the ledger with another input answered",
        _SERVICE,
        "same = made.posting.input_hash == posting.input_hash",
        "same = True",
    ),
    _fault(
        "ledger does not look for keys",
        _SERVICE,
        "if look_for_keys and keys else {}",
        "if look_for_keys is None and keys else {}",
    ),
    _fault(
        "ledger's keys without the person",
        _MONEY,
        'hashlib.sha256(f"{claim.actor_id}:{claim.key}".encode())',
        "hashlib.sha256(claim.key.encode())",
    ),
    _fault(
        "ledger's keys not unique",
        _TABLES,
        "CONSTRAINT uq_transfers_idempotency_key UNIQUE (idempotency_key),",
        "CONSTRAINT uq_transfers_idempotency_key UNIQUE (id, idempotency_key),",
    ),
    _fault(
        "known transfer written once more",
        _SERVICE,
        "if isinstance(item, Posted) and item.is_new]",
        "if isinstance(item, Posted)]",
    ),
    _fault(
        "forgotten answer taken for a new one",
        _MOVING,
        "    if isinstance(result, Posted) and not result.is_new:\n"
        "        return MovementKeyExpiredError()\n",
        "",
    ),
)

FAULTS: Final = (*_MONEY_FAULTS, *_HISTORY_FAULTS, *_LOCK_FAULTS, *_KEY_FAULTS)
