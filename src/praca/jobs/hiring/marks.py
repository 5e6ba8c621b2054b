"""Which applications a version was trained on, told to nobody but the city itself."""

import hashlib
import hmac
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Marks"]

_PURPOSE: Final = b"praca hiring applications"
_NOBODY: Final = (0, 0)  # codes begin at 1


class Marks:
    """Gives applications 64 bits each that only the holder of the city's secret can compute.

    Codes are small numbers: of plain hashes, anybody who has a model's files could find out who
    applied for what by trying all of them.

    Args:
        signing_key: the city's secret; every process and machine of a city has the same.
    """

    def __init__(self, signing_key: str) -> None:
        self._key = hmac.digest(signing_key.encode(), _PURPOSE, hashlib.sha256)

    def of(self, vacancies: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the mark of each application, shape (rows,), from its two codes."""
        pairs = zip(vacancies.tolist(), candidates.tolist(), strict=True)
        return np.array([self._mark(*pair) for pair in pairs], dtype=np.uint64)

    @property
    def own(self) -> NDArray[np.uint64]:
        """The mark that tells marks of this secret from those of another, shape (1,)."""
        return np.array([self._mark(*_NOBODY)], dtype=np.uint64)

    def _mark(self, codigo_vaga: int, codigo_candidato: int) -> int:
        pair = f"{codigo_vaga}:{codigo_candidato}".encode()
        return int.from_bytes(hashlib.blake2b(pair, digest_size=8, key=self._key).digest())
