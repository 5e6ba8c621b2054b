"""What the accounts' own tables tell of their owner."""

from typing import Any

from pydantic import JsonValue

from praca.identity import repository as accounts
from praca.identity.models import AuditRecord
from praca.identity.personal_data import repository
from praca.platform.database.engine import Database

__all__ = ["export_account"]


async def export_account(database: Database, account_id: int) -> JsonValue:
    """Return the account, its sessions and the audit of it; never a secret or its hash."""
    async with database.read() as session:
        account = await accounts.get_account(session, account_id)
        if account is None:
            return None
        sessions = await repository.sign_ins(session, account_id)
        entries = await repository.audit_entries(session, account_id)
        columns = repository.account_columns(account)
    return {
        **{name: _plain(value) for name, value in columns.items()},
        "sessoes": [
            {name: _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001  # public
            for row in sessions
        ],
        "auditoria": [_entry(entry, account_id) for entry in entries],
    }


def _entry(entry: AuditRecord, account_id: int) -> JsonValue:
    """Return an entry; where somebody else was when he did it is his own affair."""
    by_owner = entry.actor_id == account_id
    return {
        "quando": _plain(entry.at),
        "acao": entry.action,
        "recurso": entry.resource_type,
        "pela_propria_pessoa": by_owner,
        "endereco": entry.address if by_owner else None,
    }


def _plain(value: Any) -> JsonValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
