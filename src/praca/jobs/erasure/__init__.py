"""Erasing a candidate: from the tables at once, from files and saved indexes soon after.

The rows go in one transaction, which also enqueues the clean-up of everything that is copied from
them. The code stays, alone, so that no old file brings the person back.
"""

from praca.jobs.erasure.service import erase_candidate, erase_reviews_of, repeat_erasure
from praca.jobs.erasure.tasks import CLEAN_ERASED, request_cleaning

__all__ = [
    "CLEAN_ERASED",
    "erase_candidate",
    "erase_reviews_of",
    "repeat_erasure",
    "request_cleaning",
]
