"""What was encoded a moment ago, remembered within bounds of memory.

Keys are digests, so nobody's text is kept; values are counted by the bytes of their arrays, so that
large requests push each other out instead of filling the process.
"""

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile

__all__ = ["Remembered"]

ProfileT = TypeVar("ProfileT", bound=CandidateProfile | VacancyProfile)
ValueT = TypeVar("ValueT")


class Remembered(Generic[ProfileT, ValueT]):
    """A function of profiles that keeps its last values.

    Args:
        function: what is remembered; it may be called by several threads at once.
        weigh: bytes that a value holds.
        most_bytes: bytes kept at most; a value that is larger by itself is not kept.
    """

    def __init__(
        self,
        function: Callable[[ProfileT], ValueT],
        weigh: Callable[[ValueT], int],
        most_bytes: int,
    ) -> None:
        self._function: Callable[[ProfileT], ValueT] = function
        self._values: LRUCache[bytes, ValueT] = LRUCache(most_bytes, getsizeof=weigh)
        self._weigh = weigh
        self._lock = Lock()

    def __call__(self, profile: ProfileT) -> ValueT:
        """Return the function's value for ``profile``."""
        key = _digest(profile)
        with self._lock:
            if (known := self._values.get(key)) is not None:
                return known
        value = self._function(profile)
        if self._weigh(value) <= self._values.maxsize:
            with self._lock:
                self._values[key] = value
        return value

    @property
    def nbytes(self) -> int:
        """Bytes held by what is remembered."""
        with self._lock:
            return int(self._values.currsize)


def _digest(profile: CandidateProfile | VacancyProfile) -> bytes:
    text = "\0".join([str(getattr(profile, name)) for name in profile.__slots__])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
