"""What is wrong with a ledger, told by its tables alone.

The hash of an entry is spelled here once more, in SQL: a mistake in ``ledger/chain.py`` is not
repeated.
"""

from typing import Final

import psycopg

__all__ = ["faults_of", "last_audited", "moved_under"]

_ORDER = "WINDOW w AS (PARTITION BY e.account_id ORDER BY e.number)"

_QUESTIONS: Final[dict[str, str]] = {
    "balances do not sum to zero": (
        "SELECT sum(balance) FROM wallet.accounts HAVING sum(balance) <> 0"
    ),
    "entries do not sum to zero": (
        "SELECT sum(amount) FROM wallet.entries HAVING sum(amount) <> 0"
    ),
    "a transfer has not one entry on each side": """
        SELECT t.id FROM wallet.transfers t LEFT JOIN wallet.entries e ON e.transfer_id = t.id
        GROUP BY t.id, t.source_id, t.destination_id, t.amount
        HAVING count(*) <> 2 OR sum(e.amount) <> 0
            OR count(*) FILTER (WHERE e.account_id = t.source_id AND e.amount = -t.amount) <> 1
            OR count(*) FILTER (WHERE e.account_id = t.destination_id AND e.amount = t.amount) <> 1
    """,
    "numbers of entries have a gap": f"""
        SELECT account_id, number FROM (
            SELECT e.account_id, e.number, row_number() OVER w AS expected
            FROM wallet.entries e {_ORDER}) x
        WHERE number <> expected
    """,
    "a running balance is not the sum": f"""
        SELECT account_id, number FROM (
            SELECT e.account_id, e.number, e.balance, sum(e.amount) OVER w AS expected
            FROM wallet.entries e {_ORDER}) x
        WHERE balance <> expected
    """,
    "a hash does not follow from the one before": f"""
        SELECT account_id, number FROM (
            SELECT e.account_id, e.number, e.hash, sha256(
                coalesce(lag(e.hash) OVER w, ''::bytea)
                || convert_to(concat_ws('|', '', e.account_id, e.number,
                    e.transfer_id,
                    CASE WHEN e.amount < 0 THEN t.destination_id ELSE t.source_id END,
                    e.amount, e.balance, t.kind,
                    (extract(epoch FROM t.created_at) * 1000000)::bigint, t.reference),
                    'UTF8')) AS expected
            FROM wallet.entries e JOIN wallet.transfers t ON t.id = e.transfer_id {_ORDER}) x
        WHERE hash <> expected
    """,
    "an account is not what its last entry says": """
        SELECT a.id FROM wallet.accounts a LEFT JOIN LATERAL (
            SELECT e.number, e.balance, e.hash, t.created_at
            FROM wallet.entries e JOIN wallet.transfers t ON t.id = e.transfer_id
            WHERE e.account_id = a.id ORDER BY e.number DESC LIMIT 1) l ON true
        WHERE (a.entries, a.balance, a.head) IS DISTINCT FROM
                (coalesce(l.number, 0), coalesce(l.balance, 0), coalesce(l.hash, ''))
            OR a.latest_at IS DISTINCT FROM l.created_at
    """,
    "an account was below its floor": """
        SELECT e.account_id, e.number FROM wallet.entries e
        JOIN wallet.accounts a ON a.id = e.account_id WHERE e.balance < a.floor
    """,
    "a card has held more than it may": """
        SELECT e.account_id, e.number FROM wallet.entries e
        JOIN wallet.accounts a ON a.id = e.account_id
        WHERE a.kind = 'card' AND e.balance > %(ceiling)s
    """,
    "money moved on a card that gave back all and was closed": """
        SELECT id FROM wallet.accounts WHERE state = 'closed' AND balance <> 0
    """,
    "time went back": f"""
        SELECT account_id FROM (
            SELECT e.account_id, t.created_at, lag(t.created_at) OVER w AS earlier
            FROM wallet.entries e JOIN wallet.transfers t ON t.id = e.transfer_id {_ORDER}) x
        WHERE created_at < earlier
    """,
    "a key moved money twice": """
        SELECT idempotency_key FROM wallet.transfers WHERE idempotency_key IS NOT NULL
        GROUP BY 1 HAVING count(*) > 1
    """,
    "an answer tells of a transfer that was not made": """
        SELECT k.key FROM platform.idempotent_answers k
        LEFT JOIN wallet.transfers t ON t.idempotency_key
            = encode(sha256(convert_to(k.actor_id || ':' || k.key, 'UTF8')), 'hex')
        WHERE (k.status = 200) <> (t.id IS NOT NULL) OR t.input_hash <> k.input_hash
    """,
    "a request's transfer has no answer": """
        SELECT t.id FROM wallet.transfers t
        LEFT JOIN platform.idempotent_answers k ON t.idempotency_key
            = encode(sha256(convert_to(k.actor_id || ':' || k.key, 'UTF8')), 'hex')
        WHERE t.kind IN ('recharge', 'debit', 'card_transfer')
            AND t.idempotency_key IS NOT NULL AND k.key IS NULL
    """,
    "the audit does not know each movement once": """
        SELECT made, noted FROM
            (SELECT count(*) AS made FROM wallet.transfers
             WHERE kind IN ('recharge', 'debit', 'card_transfer')) t,
            (SELECT count(*) AS noted FROM platform.audit_log
             WHERE id > %(audited)s AND action = ANY(%(actions)s)) n
        WHERE made <> noted
    """,
}
_ACTIONS = ["wallet.card_recharged", "wallet.card_debited", "wallet.card_transferred"]


def faults_of(dsn: str, *, ceiling: int, audited: int) -> list[str]:
    """Return a sentence for each rule that the tables break.

    Args:
        dsn: of a database on which nobody works any more.
        ceiling: what a card may hold at most, in centavos.
        audited: last audit record before the ledger began.
    """
    params = {"ceiling": ceiling, "audited": audited, "actions": _ACTIONS}
    found = []
    with psycopg.connect(dsn) as connection:
        for sentence, query in _QUESTIONS.items():
            rows = connection.execute(query.encode(), params).fetchmany(3)
            if rows:
                found.append(f"{sentence}: {rows}")
    return found


def moved_under(dsn: str) -> dict[str, int]:
    """Return how many transfers each key made."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT k.key, count(*) FROM platform.idempotent_answers k JOIN wallet.transfers t"
            " ON t.idempotency_key"
            " = encode(sha256(convert_to(k.actor_id || ':' || k.key, 'UTF8')), 'hex') GROUP BY 1"
        )
        return {str(key): int(count) for key, count in rows.fetchall()}


def last_audited(dsn: str) -> int:
    """Return the id of the newest audit record, 0 if there is none."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM platform.audit_log").fetchone()
        return int(row[0]) if row else 0
