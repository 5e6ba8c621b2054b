"""Are similar books of the same category, when the category is not told?

    uv run python -m benchmarks.catalogue.similar

The real shop's books, without their categories in the index: the share of each book's five most
similar ones that are of its own category, with a bootstrap interval over books. Beside it, in the
same run: chance (another book at random), and the cosine of scikit-learn's TF-IDF with its English
stop words. A category is no judgement of likeness: two books may be alike across categories, and
a fifth of the shop's are called "Default" or "Add a comment". So the figure compares ways to
recommend, and says nothing of how much people like what they get.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from benchmarks.catalogue.shelf import read_books
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from praca.library.records import ScrapedBook
from praca.library.similar import BookText, SimilarBooks

_TOP = 5
_Find = Callable[[int], Sequence[int]]


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    what, books = read_books()
    if what.startswith("generated"):
        sys.exit(f"The real books are needed: {what}.")
    categories = [book.categoria for book in books]
    counts = Counter(categories)
    chance = np.array([(counts[name] - 1) / (len(books) - 1) for name in categories])
    print(f"{len(books):,} books, {len(counts)} categories; share of the first {_TOP}\n")
    print(f"{'chance':34}{chance.mean():7.3f}")
    print(_row("scikit-learn TF-IDF, cosine", _tfidf(books), categories))
    for name, has_category in (("ours, category not told", False), ("ours, as served", True)):
        started = time.perf_counter()
        find = _ours(books, has_category=has_category)
        built = time.perf_counter() - started
        print(_row(name, find, categories) + f"   index built in {built:.1f} s")


def _ours(books: Sequence[ScrapedBook], *, has_category: bool) -> _Find:
    index = SimilarBooks(
        [
            BookText(place, book.titulo, book.descricao, book.categoria if has_category else "")
            for place, book in enumerate(books)
        ]
    )
    return lambda place: [one.id for one in index.find(place, _TOP)]


def _tfidf(books: Sequence[ScrapedBook]) -> _Find:
    texts = [f"{book.titulo} {book.descricao}" for book in books]
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts)
    cosines = (vectors @ vectors.T).toarray()
    np.fill_diagonal(cosines, -1)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :_TOP]
    return lambda place: [int(at) for at in best[place]]


def _row(name: str, find: _Find, categories: Sequence[str]) -> str:
    shares = np.array([_share(find(place), place, categories) for place in range(len(categories))])
    low, high = _interval(shares)
    return f"{name:34}{shares.mean():7.3f}   [{low:.3f}, {high:.3f}]"


def _share(found: Sequence[int], place: int, categories: Sequence[str]) -> float:
    # Places that stay empty count as wrong.
    return sum(categories[at] == categories[place] for at in found) / _TOP


def _interval(shares: NDArray[np.float64]) -> tuple[float, float]:
    generator = np.random.default_rng(1)
    means = [generator.choice(shares, shares.size).mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()
