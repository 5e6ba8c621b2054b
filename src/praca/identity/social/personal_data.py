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
        """Remove the account's links, and registrations of the same person that wait.

        Attempts tell nobody's name, and go by themselves within an hour.
        """
        async with self._database.write() as session:
            await repository.delete_registrations_of(session, account_id)
            await repository.delete_links_of(session, account_id)
