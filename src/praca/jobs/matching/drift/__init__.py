"""Drift of what the match model reads, answers and learns from."""

from praca.jobs.matching.drift.checking import Scope
from praca.jobs.matching.drift.reference import Reference, reference_files
from praca.jobs.matching.drift.reports import latest
from praca.jobs.matching.drift.tasks import CHECK_DRIFT, DEFAULT_DAYS

__all__ = ["CHECK_DRIFT", "DEFAULT_DAYS", "Reference", "Scope", "latest", "reference_files"]
