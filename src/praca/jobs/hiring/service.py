"""The hiring model of one process: the promoted version, loaded when it is first needed."""

from collections.abc import Mapping
from typing import TypeAlias

from praca.jobs.hiring.model import MODEL_NAME, HiringModel
from praca.learning.serving import Serving
from praca.platform.resources import Resources

__all__ = ["HiringServing", "open_serving"]

HiringServing: TypeAlias = Serving[HiringModel]


def open_serving(resources: Resources) -> HiringServing:
    """Return what holds the model of this process; nothing is loaded yet."""
    return Serving(resources, MODEL_NAME, _read)


def _read(files: Mapping[str, bytes]) -> HiringModel:
    return HiringModel.from_files(files)
