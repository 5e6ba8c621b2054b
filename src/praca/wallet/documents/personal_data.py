"""What documents keep about a person: for his copy of it, and its erasure."""

from typing import Final

from pydantic import JsonValue

from praca.platform.resources import Resources
from praca.wallet.documents import key_repository, repository, share_repository
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.objects import DocumentObjects
from praca.wallet.documents.schemas import DocumentRead
from praca.wallet.documents.sealing import opened
from praca.wallet.documents.share_repository import Share, View

__all__ = ["DocumentsHolder"]

_EVERY: Final = 2**31 - 1


class DocumentsHolder:
    """The documents of an account.

    Args:
        resources: the process's.
    """

    name = "documentos"

    def __init__(self, resources: Resources) -> None:
        self._city = resources.databases.city
        self._keys = DataKeys(self._city, resources.encryption)
        self._objects = DocumentObjects(self._city, resources.objects)

    async def export(self, account_id: int) -> JsonValue:
        """Return the documents in the plain and who opened which share.

        A file is named by its address, where its owner can get it.
        """
        async with self._city.read() as session:
            rows = await repository.list_own(session, account_id, skip=0, limit=_EVERY)
            shares = await share_repository.list_of_account(session, account_id)
            views = await share_repository.list_views(session, [share.id for share in shares])
        key = await self._keys.find(account_id) if rows else None
        documents = [] if key is None else [DocumentRead.of(opened(key, row)) for row in rows]
        return {
            "documentos": [document.model_dump(mode="json") for document in documents],
            "compartilhamentos": [_share(share, views) for share in shares],
        }

    async def erase(self, account_id: int) -> None:
        """Destroy the account's data key, and remove its documents, their files and their shares.

        Without the key no copy of a row or an object, in a backup or anywhere, can be read. What
        of the objects could not be removed is noted, and the daily sweep removes it.
        """
        async with self._city.write() as session:
            await key_repository.destroy(session, account_id)
            await share_repository.delete_all(session, account_id)
            object_ids = await repository.delete_all(session, account_id)
        for object_id in object_ids:
            await self._objects.discard(object_id)


def _share(share: Share, views: list[View]) -> dict[str, JsonValue]:
    return {
        "id": str(share.id),
        "documento": share.document_id,
        "campos": list(share.fields),
        "criado_em": share.created_at.isoformat(),
        "expira_em": share.expires_at.isoformat(),
        "uso_unico": share.single_use,
        "revogado_em": None if share.revoked_at is None else share.revoked_at.isoformat(),
        "aberto": [
            {
                "em": view.at.isoformat(),
                "o_que": view.what,
                "rede": view.address,
                "programa": view.user_agent,
            }
            for view in views
            if view.share_id == share.id
        ],
    }
