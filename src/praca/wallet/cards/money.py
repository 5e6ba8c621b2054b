"""Requests that move money: who asks, under which key, and what is answered."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Response

from praca.kit.errors import DomainError
from praca.platform.audit import AuditEntry
from praca.platform.idempotency import Claim, KeptAnswer, input_hash
from praca.platform.web.problems import domain_problem
from praca.wallet.auth import Caller
from praca.wallet.ledger.moving import Movement
from praca.wallet.ledger.postings import Posted, Posting

__all__ = ["REPLAYED_HEADER", "claimed", "move_money", "to_response"]

REPLAYED_HEADER = "Idempotency-Replayed"
_JSON = "application/json"


def claimed(posting: Posting, claim: Claim | None) -> Posting:
    """Return ``posting`` under the request's key, so that the ledger itself makes it once.

    The ledger keeps it for ever, so it keeps a hash: people put anything into a key.
    """
    if claim is None:
        return posting
    name = hashlib.sha256(f"{claim.actor_id}:{claim.key}".encode()).hexdigest()
    return posting.under(name, claim.input_hash)


async def move_money(
    caller: Caller,
    key: str | None,
    operation: str,
    arguments: tuple[Any, ...],
    *,
    posting: Callable[[], Awaitable[Posting]],
    accepted: Callable[[Posted], Any],
) -> Response:
    """Move money for a request and answer it; a repeated request gets the first one's answer.

    Args:
        caller: who asks, and the card that the audit names.
        key: the request's ``Idempotency-Key``.
        operation: name of what is asked for, for the audit and the comparison of repetitions.
        arguments: everything else that was asked.
        posting: returns the transfer, or raises what the city's rules of the day refuse.
        accepted: what is answered, as JSON, when it is made.

    Raises:
        DomainError: what ``posting`` raised, or see :meth:`Mover.move`.
    """
    hashed = input_hash(operation, *arguments)
    claim = None if key is None else Claim(caller.subject.id, key, hashed)

    def refused(error: DomainError) -> KeptAnswer:
        problem = domain_problem(caller.request, error)
        return KeptAnswer(problem.status_code, str(problem.media_type), bytes(problem.body))

    mover = caller.cards.mover
    try:
        asked = await posting()
    except DomainError:
        # What was made before is answered as it was then, whatever holds today.
        kept = None if claim is None else await mover.kept(claim)
        if kept is None:
            raise
        return to_response(kept, is_replayed=True)
    answered = await mover.move(
        Movement(
            claimed(asked, claim),
            AuditEntry(f"wallet.{operation}", "card", str(caller.card.id), caller.subject.id),
            claim,
            lambda posted: KeptAnswer(200, _JSON, orjson.dumps(accepted(posted))),
            refused,
        )
    )
    return to_response(answered.answer, is_replayed=answered.is_replayed)


def to_response(answer: KeptAnswer, *, is_replayed: bool) -> Response:
    """Return an answer as it was kept, and say so if it is that of an earlier request."""
    headers = {REPLAYED_HEADER: "true"} if is_replayed else None
    return Response(answer.body, answer.status, media_type=answer.media_type, headers=headers)
