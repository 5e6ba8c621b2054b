"""A bookshop of 1,000 books as a process of its own: the real ones, or invented ones.

    python -m benchmarks.scraping.shop PORT [--generated]

It prints a line when it is open, and serves until it is ended.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from praca.library.bookshop import Bookshop, ShopBook, make_books, read_books

__all__ = ["REAL", "books"]

REAL = (
    Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
    / "books"
    / "books.csv"
)
_BOOKS = 1_000


def books(*, is_generated: bool) -> Sequence[ShopBook]:
    """Return what the shop sells: the real books where they are, unless others are asked for."""
    return make_books(_BOOKS) if is_generated or not REAL.is_file() else read_books(REAL)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--generated", action="store_true", help="invented books in any case")
    arguments = parser.parse_args()
    shop = Bookshop(books(is_generated=arguments.generated))
    uvicorn.run(
        shop,
        host="127.0.0.1",
        port=arguments.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
