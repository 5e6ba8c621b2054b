"""The files of the job centre: in and out, streaming, without losing a field."""

from praca.jobs.transfer.errors import BrokenFileError
from praca.jobs.transfer.exporting import export_records
from praca.jobs.transfer.importing import import_records
from praca.jobs.transfer.report import ImportMode, ImportReport, Progress, TransferKind
from praca.jobs.transfer.stream import open_plain_or_gzip
from praca.jobs.transfer.tasks import TRANSFER_KINDS

__all__ = [
    "TRANSFER_KINDS",
    "BrokenFileError",
    "ImportMode",
    "ImportReport",
    "Progress",
    "TransferKind",
    "export_records",
    "import_records",
    "open_plain_or_gzip",
]
