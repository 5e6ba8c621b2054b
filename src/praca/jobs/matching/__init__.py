"""Matching of people and vacancies: the model, its training, and what it answers from."""

from praca.jobs.matching.service import Matcher, matcher_of
from praca.jobs.matching.tasks import TRAIN_MATCH

__all__ = ["TRAIN_MATCH", "Matcher", "matcher_of"]
