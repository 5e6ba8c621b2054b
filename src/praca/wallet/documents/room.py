"""What the application keeps for documents: built once, asked on every request."""

from dataclasses import dataclass

from praca.platform.resources import Resources
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.inspection import Inspection
from praca.wallet.documents.objects import DocumentObjects
from praca.wallet.documents.service import DocumentService
from praca.wallet.documents.sharing import ShareService

__all__ = ["DocumentRoom", "open_documents"]


@dataclass(frozen=True, slots=True)
class DocumentRoom:
    """The documents of one process, and their shares."""

    documents: DocumentService
    shares: ShareService


def open_documents(resources: Resources) -> DocumentRoom:
    """Build it on the process's resources; opens nothing yet."""
    city, settings = resources.databases.city, resources.settings.documents
    keys = DataKeys(city, resources.encryption)
    documents = DocumentService(
        city,
        keys,
        DocumentObjects(city, resources.objects),
        Inspection(settings),
        settings.document_max_per_person,
    )
    return DocumentRoom(documents, ShareService(city, keys, documents))
