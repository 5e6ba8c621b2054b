"""Movements of money that come as requests: many at once, one transaction for all that wait.

While one transaction commits, the movements that arrive wait for the next; so the busier the
ledger is, the more share a commit, and one that comes alone waits for nobody. Each keeps its own
outcome, audit entry and answer. Source: "group commit", DeWitt et al. (1984).
"""

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import structlog

from praca.kit.errors import DomainError
from praca.platform.audit import AuditEntry
from praca.platform.context import RequestContext, current_context
from praca.platform.database.engine import Database
from praca.platform.idempotency import Claim, KeptAnswer, RequestInFlightError, claim_all, claim_one
from praca.wallet.errors import LedgerBusyError, MovementKeyExpiredError, MovementKeyReusedError
from praca.wallet.ledger import repository
from praca.wallet.ledger.metrics import note_posted
from praca.wallet.ledger.postings import Posted, Posting
from praca.wallet.ledger.repository import Batch, LedgerConflictError
from praca.wallet.ledger.service import Ledger

__all__ = ["Answered", "Movement", "Mover"]

_log = structlog.get_logger("praca.ledger")
_MOST_AT_ONCE: Final = 256
_MOST_WAITING: Final = 10_000


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer that a request asks for.

    Attributes:
        note: what the audit says of it.
        claim: the request's key, if it has one.
        accepted: what is answered when the transfer is made.
        refused: what is answered when it is not, if there is a key; else the error is raised.
    """

    posting: Posting
    note: AuditEntry
    claim: Claim | None
    accepted: Callable[[Posted], KeptAnswer]
    refused: Callable[[DomainError], KeptAnswer]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and whether it is that of an earlier request with the same key."""

    answer: KeptAnswer
    is_replayed: bool


@dataclass(slots=True)
class _Waiting:
    movement: Movement
    context: RequestContext
    outcome: "asyncio.Future[Answered]"

    def settle(self, outcome: Answered | BaseException) -> None:
        if self.outcome.done():  # the client has gone; the transfer is as good as any
            return
        if isinstance(outcome, Answered):
            self.outcome.set_result(outcome)
        else:
            self.outcome.set_exception(outcome)


class Mover:
    """Moves money for the requests of one process."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._waiting: list[_Waiting] = []
        self._claims: set[tuple[int, str]] = set()
        self._running: asyncio.Task[None] | None = None

    async def move(self, movement: Movement) -> Answered:
        """Make one transfer in a transaction of its own, or one shared with others.

        Raises:
            RequestInFlightError: a request with the same key has not been answered yet.
            IdempotencyKeyReusedError: the key was used for another request.
            MovementKeyExpiredError: it was used so long ago that the answer is gone.
            LedgerBusyError: too many are waiting.
            DomainError: the rules refuse it, and there is no key to keep an answer under.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise LedgerBusyError
        claim = movement.claim
        name = None if claim is None else (claim.actor_id, claim.key)
        if name is not None and name in self._claims:
            raise RequestInFlightError
        outcome: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(movement, current_context(), outcome)
        if name is not None:
            self._claims.add(name)
            outcome.add_done_callback(lambda _: self._claims.discard(name))
        self._waiting.append(waiting)
        if self._running is None or self._running.done():
            # In a context of its own: it works for others, too, and its log lines say so.
            self._running = asyncio.create_task(self._run(), context=contextvars.Context())
        return await outcome

    async def kept(self, claim: Claim) -> KeptAnswer | None:
        """Return the answer that was kept under the key, if there is one.

        Raises:
            RequestInFlightError, IdempotencyKeyReusedError: see :meth:`move`.
        """
        async with self._database.write() as session:
            return await claim_one(session, claim)

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            await self._settle(group)

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        outcomes: Sequence[Answered | BaseException] = [LedgerBusyError()] * len(group)
        try:
            outcomes = await self._together_or_apart(group)
        except Exception as error:  # noqa: BLE001  # told to those who asked
            outcomes = [error] * len(group)
        finally:  # also when the process is being stopped
            for waiting, outcome in zip(group, outcomes, strict=True):
                waiting.settle(outcome)

    async def _together_or_apart(
        self, group: Sequence[_Waiting]
    ) -> Sequence[Answered | BaseException]:
        try:
            return await self._together(group)
        except (psycopg.Error, LedgerConflictError) as error:
            if isinstance(error, psycopg.OperationalError) and not _may_be_tried_again(error):
                raise  # the database is not there, for none of them
            # One of them spoils it for all: each by itself, and the one is found.
            _log.info("ledger.apart", movements=len(group), error=type(error).__name__)
            return [await self._alone(waiting) for waiting in group]

    async def _alone(self, waiting: _Waiting) -> Answered | BaseException:
        try:
            return (await self._together([waiting], look_for_keys=True))[0]
        except Exception as error:  # noqa: BLE001  # told to the one who asked for it
            return error

    async def _together(
        self, group: Sequence[_Waiting], *, look_for_keys: bool = False
    ) -> list[Answered | BaseException]:
        """Settle a group in one transaction; return the outcomes once it is committed."""
        batch = Batch()
        async with self._database.transaction() as connection:
            outcomes = await _replays(connection, group)
            left = [index for index, outcome in enumerate(outcomes) if outcome is None]
            if left:
                postings = [group[index].movement.posting for index in left]
                settled, batch = await self._ledger.settle(
                    connection, postings, look_for_keys=look_for_keys
                )
                for index, result in zip(left, settled, strict=True):
                    outcomes[index] = _answered(group[index], result, batch)
                if batch.posted or batch.answers:
                    await repository.write(connection, batch)
        note_posted(batch.posted)
        return [outcome for outcome in outcomes if outcome is not None]


def _may_be_tried_again(error: psycopg.OperationalError) -> bool:
    """Tell whether the transaction met another one: a deadlock, or a lock that did not come."""
    return (error.sqlstate or "")[:2] in {"40", "55"}


async def _replays(
    connection: "psycopg.AsyncConnection[Any]", group: Sequence[_Waiting]
) -> list[Answered | BaseException | None]:
    """Return the outcomes of those whose key is known already, and None for the others."""
    claims = {i: w.movement.claim for i, w in enumerate(group) if w.movement.claim is not None}
    outcomes: list[Answered | BaseException | None] = [None] * len(group)
    if claims:
        found = await claim_all(connection, list(claims.values()))
        for index, answer in zip(claims, found, strict=True):
            outcomes[index] = (
                Answered(answer, is_replayed=True) if isinstance(answer, KeptAnswer) else answer
            )
    return outcomes


def _answered(
    waiting: _Waiting, result: Posted | DomainError, batch: Batch
) -> Answered | BaseException:
    movement = waiting.movement
    if isinstance(result, MovementKeyReusedError):
        return result  # of a key whose answer is gone; the next may ask for what was made then
    if isinstance(result, Posted) and not result.is_new:
        return MovementKeyExpiredError()
    if isinstance(result, DomainError):
        if movement.claim is None:
            return result
        answer = movement.refused(result)
    else:
        answer = movement.accepted(result)
        batch.notes.append((movement.note, waiting.context))
    if movement.claim is not None:
        batch.answers.append((movement.claim, answer))
    return Answered(answer, is_replayed=False)
