"""What the journal knows about an account: which of its requests were answered when."""

from typing import Final

from pydantic import JsonValue

from praca.platform.database import Database
from praca.platform.journal import repository
from praca.platform.journal.models import RequestLine

__all__ = ["JournalHolder"]

_SHOWN: Final = 1_000
_BATCH: Final = 5_000


class JournalHolder:
    """The account's requests.

    An erasure leaves the lines, which then are nobody's. Some may still wait in the buffer of a
    process: the sweeps of the hour after an erasure reach those that are written meanwhile, and
    what waits, or lasts, longer than half of that is written without a name.
    """

    name = "acessos"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, account_id: int) -> JsonValue:
        """Return how many requests the account made, and the last thousand of them."""
        async with self._database.read() as session:
            total = await repository.count_of_account(session, account_id)
            lines = await repository.list_of_account(session, account_id, _SHOWN)
        return {"total": total, "ultimos": [_shown(line) for line in lines]}

    async def erase(self, account_id: int) -> None:
        """Take the account from its requests, a few thousand at a time."""
        while True:
            async with self._database.write() as session:
                if await repository.disown(session, account_id, _BATCH) < _BATCH:
                    return


def _shown(line: RequestLine) -> JsonValue:
    return {
        "quando": line.at.isoformat(),
        "metodo": line.method,
        "rota": line.route,
        "situacao": line.status,
        "ms": line.ms,
    }
