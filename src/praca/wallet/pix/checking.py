"""Whether charges, payments and the ledger say the same."""

from typing import Any, Final

import psycopg

__all__ = ["check_pix"]

_BALANCE: Final = """
SELECT coalesce((SELECT balance FROM wallet.accounts WHERE kind = 'pix'), 0),
    coalesce((SELECT sum(amount) FROM wallet.pix_payments WHERE status = 'credited'), 0)::bigint
"""
# Each yields what should not be; %s in the sentence is what it yields.
_CHECKS: Final = (
    (
        "o pagamento %s consta como creditado, sem uma transferência igual no razão",
        """
        SELECT p.end_to_end_id FROM wallet.pix_payments p
        JOIN wallet.pix_charges c ON c.id = p.charge_id
        LEFT JOIN wallet.transfers t ON t.idempotency_key = 'pix:' || c.id || ':credit'
            AND t.kind = 'pix_recharge' AND t.amount = p.amount AND p.amount = c.amount
        WHERE p.status = 'credited' AND t.id IS NULL
        """,
    ),
    (
        "a transferência %s credita um Pix que não consta como creditado",
        """
        SELECT t.id FROM wallet.transfers t
        WHERE t.kind = 'pix_recharge' AND NOT EXISTS (
            SELECT FROM wallet.pix_payments p
            WHERE p.status = 'credited'
                AND t.idempotency_key = 'pix:' || p.charge_id || ':credit')
        AND NOT EXISTS (
            SELECT FROM wallet.transfers r
            WHERE r.kind = 'pix_refund' AND r.amount = t.amount
                AND r.idempotency_key = replace(t.idempotency_key, ':credit', ':return'))
        """,
    ),
    (
        "o pagamento %s foi devolvido pelo provedor e continua creditado",
        """
        SELECT end_to_end_id FROM wallet.pix_payments
        WHERE status = 'credited' AND returned_at IS NOT NULL
        """,
    ),
    (
        "a cobrança %s não está no último estado registrado",
        """
        SELECT c.id FROM wallet.pix_charges c
        WHERE c.status IS DISTINCT FROM (
            SELECT s.status FROM wallet.pix_charge_states s
            WHERE s.charge_id = c.id ORDER BY s.number DESC LIMIT 1)
        """,
    ),
    (
        "o estado da cobrança %s não condiz com os seus pagamentos",
        """
        SELECT c.id FROM wallet.pix_charges c
        LEFT JOIN wallet.pix_payments p ON p.charge_id = c.id
        GROUP BY c.id
        HAVING NOT CASE c.status
            WHEN 'credited' THEN coalesce(bool_or(p.status = 'credited'), false)
            WHEN 'refunding' THEN coalesce(bool_or(p.status = 'refunding')
                AND NOT bool_or(p.status = 'credited'), false)
            WHEN 'refunded' THEN coalesce(bool_or(p.status = 'refunded')
                AND NOT bool_or(p.status = 'credited'), false)
            WHEN 'paid' THEN false  -- it is passed through within one transaction
            ELSE count(p.end_to_end_id) = 0 END
        """,
    ),
)


async def check_pix(connection: "psycopg.AsyncConnection[Any]") -> list[str]:
    """Return, in Portuguese, everything that does not add up; nothing if all is well.

    The city's Pix account owes exactly what has been credited and not taken back; every credit
    has its transfer and the other way round; a charge's status follows from its payments.
    """
    problems = []
    cursor = await connection.execute(_BALANCE)
    row = await cursor.fetchone()
    balance, credited = row or (0, 0)
    if balance != -credited:
        problems.append(f"a conta Pix tem {balance} centavos, mas {credited} foram creditados")
    for sentence, query in _CHECKS:
        cursor = await connection.execute(query)
        problems += [f"Pix: {sentence % found}" for (found,) in await cursor.fetchall()]
    return problems
