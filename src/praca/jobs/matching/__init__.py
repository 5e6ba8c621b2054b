"""Matching of people and vacancies: the model, its training, and what it answers from."""

from praca.jobs.matching.service import Matcher
from praca.jobs.matching.snapshots import forget_people
from praca.jobs.matching.tasks import INDEX_MATCH, TRAIN_MATCH, request_index

__all__ = ["INDEX_MATCH", "TRAIN_MATCH", "Matcher", "forget_people", "request_index"]
