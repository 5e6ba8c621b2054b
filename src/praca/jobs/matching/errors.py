"""What can go wrong in matching.

DomainError
├── NotEnoughDataError   too few applications to learn from
└── (learning) ArtifactError   the files of a model are refused
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["NotEnoughDataError"]


class NotEnoughDataError(DomainError):
    """There are too few applications with both a candidate and a vacancy to train on."""

    code: ClassVar[str] = "not_enough_training_data"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Not enough data to train"
