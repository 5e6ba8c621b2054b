"""What is kept of people who sign in by way of other providers."""

from pydantic import JsonValue

from praca.identity.social import repository
from praca.platform.database.engine import Database

__all__ = ["SocialData"]


class SocialData:
    """The links of an account: which provider, who one is there, since when."""

    name = "social"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, account_id: int) -> JsonValue:
        """Return the account's links."""
        async with self._database.read() as session:
            links = await repository.list_links(session, account_id)
        return [
            {
                "provider": link.provider,
                "subject": link.subject,
                "since": link.created_at.isoformat(),
            }
            for link in links
        ]

    async def erase(self, account_id: int) -> None:
        """Remove the account's links; attempts and registrations go by themselves within an hour.

        They cannot be found by account: they are of people who had none yet.
        """
        async with self._database.write() as session:
            await repository.delete_links_of(session, account_id)
