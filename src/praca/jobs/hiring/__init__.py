"""The old model server's model: how likely an application ends in a hire, from three texts."""

from praca.jobs.hiring.service import HiringServing, open_serving
from praca.jobs.hiring.tasks import TRAIN_HIRING

__all__ = ["TRAIN_HIRING", "HiringServing", "open_serving"]
