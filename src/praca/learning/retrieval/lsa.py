"""Latent semantic analysis: dense vectors learned from the platform's own text."""

from collections.abc import Sequence
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["LSA", "randomized_svd_components"]

_TINY: Final = 1e-12

SparseVector: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float32]]


class LSA:
    """Project sparse unit vectors onto the leading singular directions; results have unit length.

    Source: Deerwester et al., "Indexing by latent semantic analysis", JASIS 41 (1990).

    Args:
        dimensions: of the dense vectors; fewer if the data has fewer.
        seed: of the randomised decomposition.
        max_documents: so many documents (evenly spaced) are decomposed at most.

    Attributes:
        components_: float32, shape (terms, dimensions).
    """

    components_: NDArray[np.float32]

    def __init__(
        self, *, dimensions: int = 128, seed: int = 0, max_documents: int = 20_000
    ) -> None:
        self.dimensions = dimensions
        self.seed = seed
        self.max_documents = max_documents

    def fit(self, vectors: Sequence[SparseVector], terms: int) -> Self:
        """Learn from (term numbers (n,), weights (n, 1)) pairs.

        Numbers from ``terms`` on are left out.

        Raises:
            ValueError: no documents or no terms.
        """
        if not vectors or terms < 1:
            raise ValueError("LSA needs documents and terms")
        chosen = np.linspace(0, len(vectors) - 1, min(len(vectors), self.max_documents))
        rows = [_known(vectors[int(at)], terms) for at in chosen]
        # Only training needs it: a service that merely projects does not import it.
        from scipy import sparse  # noqa: PLC0415

        starts = np.cumsum([0, *(numbers.size for numbers, _ in rows)])
        matrix = sparse.csr_array(
            (
                np.concatenate([weights for _, weights in rows]),
                np.concatenate([numbers for numbers, _ in rows]),
                starts,
            ),
            shape=(len(rows), terms),
        )
        self.components_ = randomized_svd_components(matrix, self.dimensions, seed=self.seed)
        return self

    def transform(
        self, numbers: NDArray[np.int64], weights: NDArray[np.floating[Any]]
    ) -> NDArray[np.float32]:
        """Return dense unit vectors of sparse ones over the same terms.

        Args:
            numbers: term numbers, shape (n,); those beyond the components are left out.
            weights: one row per sparse vector, shape (rows, n).

        Returns:
            Shape (rows, dimensions); a row of zeros where nothing is known.
        """
        known = numbers < self.components_.shape[0]
        if not known.all():
            numbers, weights = numbers[known], weights[:, known]
        # Summed in double precision and rounded once: the order of a sum, which differs from one
        # machine to another, then does not show in the result.
        dense = weights.astype(np.float64) @ self.components_[numbers].astype(np.float64)
        norms = np.sqrt((dense * dense).sum(axis=1))
        return np.asarray(dense / np.maximum(norms, _TINY)[:, None], dtype=np.float32)


def randomized_svd_components(
    matrix: Any, dimensions: int, *, seed: int, power: int = 4, oversample: int = 10
) -> NDArray[np.float32]:
    """Return the leading right singular vectors as columns, shape (matrix columns, dimensions).

    ``matrix`` is a scipy sparse array.

    The sign of each column makes its largest entry positive, so equal data give equal vectors.
    Source: Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review 53 (2011),
    algorithms 4.4 and 5.1.
    """
    rows, columns = matrix.shape
    dimensions = min(dimensions, rows, columns)
    width = min(dimensions + oversample, rows, columns)
    matrix = matrix.astype(np.float32)
    transposed = matrix.T.tocsr()
    generator = np.random.default_rng(seed)
    basis = matrix @ generator.standard_normal((columns, width), dtype=np.float32)
    for _ in range(power):
        basis, _ = np.linalg.qr(basis)
        back, _ = np.linalg.qr(transposed @ basis)
        basis = matrix @ back
    basis, _ = np.linalg.qr(basis)
    _, _, right = np.linalg.svd((transposed @ basis).T, full_matrices=False)
    components = np.asarray(right[:dimensions].T, dtype=np.float32)
    largest = components[np.argmax(np.abs(components), axis=0), np.arange(dimensions)]
    return np.ascontiguousarray(components * np.where(largest < 0, -1, 1).astype(np.float32))


def _known(vector: SparseVector, terms: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    numbers, weights = vector
    known = numbers < terms
    return numbers[known], weights[known, 0]
