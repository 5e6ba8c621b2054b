"""Figures of the ledger: what has moved, and whether it was found right."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import event

from praca.platform.audit import AuditEntry
from praca.platform.database import WriteSession
from praca.platform.metrics import Counter, Figure, Reading
from praca.wallet.ledger.postings import Posted

__all__ = ["LEDGER_READINGS", "note_posted", "note_when_committed", "verified"]

_POSTINGS: Final = Counter(
    "praca_ledger_transfers_total", "Transfers that were made, by kind.", ("kind",)
)
_CENTAVOS: Final = Counter(
    "praca_ledger_moved_centavos_total", "Money that they moved, in centavos.", ("kind",)
)
_GOOD: Final = "wallet.ledger_verified"
_BAD: Final = "wallet.ledger_verification_failed"
_LEDGER: Final = "ledger"

LEDGER_READINGS: Final = (
    Reading(
        "ledger_accounts",
        (
            Figure(
                "praca_ledger_account_centavos",
                "Balance of an account of the city's own, in centavos.",
                ("account",),
            ),
            Figure("praca_ledger_account_entries", "Entries of that account.", ("account",)),
        ),
        "SELECT kind, balance, entries FROM wallet.accounts WHERE kind <> 'card'",
    ),
    Reading(
        "ledger_verification",
        (
            Figure(
                "praca_ledger_last_verification_timestamp_seconds",
                "When `praca ledger verify` last looked at everything, in Unix time.",
            ),
            Figure("praca_ledger_last_verification_ok", "Whether it found everything right."),
        ),
        f"""
        SELECT extract(epoch FROM at), (action = '{_GOOD}')::int FROM platform.audit_log
        WHERE resource_type = '{_LEDGER}' AND action IN ('{_GOOD}', '{_BAD}')
        ORDER BY id DESC LIMIT 1
        """,
    ),
)


def note_posted(posted: Sequence[Posted]) -> None:
    """Count transfers whose transaction is committed."""
    for one in posted:
        kind = str(one.posting.kind)
        _POSTINGS.add(kind)
        _CENTAVOS.add(kind, amount=one.posting.amount)


def note_when_committed(session: WriteSession, posted: Sequence[Posted]) -> None:
    """Count transfers once ``session`` has committed them, and not if it never does."""

    def committed(_: Any) -> None:
        note_posted(posted)

    if posted:
        event.listen(session.sync_session, "after_commit", committed, once=True)


def verified(*, is_good: bool) -> AuditEntry:
    """Return what the audit says of a verification."""
    return AuditEntry(_GOOD if is_good else _BAD, _LEDGER)
