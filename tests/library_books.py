"""Made-up books: shelves that their words tell, ratings that nothing tells."""

import random
from typing import Any

import psycopg

_WORDS = {
    "Mistério": "detetive crime pista suspeito cofre noite enigma culpado",
    "Poesia": "verso lua saudade rima mar silêncio flor canção",
    "Viagem": "trem mapa deserto mala ilha estrada porto montanha",
}
_COMMON = "livro história vida tempo casa mundo gente dia"

BookRow = tuple[str, str, str, int, bool, str, int]
"""UPC, title, description, hundredths, availability, shelf, rating; as ``Books.of`` reads them."""


def make_rows(count: int, *, seed: int = 1, catch_all: int = 0) -> list[BookRow]:
    """Return books of three shelves in turn, and some of a shelf that is none."""
    draw = random.Random(seed)  # noqa: S311  # books, not secrets
    shelves = [*_WORDS] * count
    rows = []
    for at in range(count + catch_all):
        shelf = shelves[at]
        own, common = _WORDS[shelf].split(), _COMMON.split()
        title = [*draw.sample(own, 2), *draw.sample(common, 2)]
        told = [*draw.choices(own, k=6), *draw.choices(common, k=12)]
        rows.append(
            (
                f"upc{at:05}",
                f"{' '.join(title)} volume {'abcdefghij'[at % 10]}{'klmnopqrst'[at // 10 % 10]}",
                " ".join(told),
                draw.randint(1000, 6000),
                draw.random() < 0.9,
                shelf if at < count else "Default",
                draw.randint(1, 5),
            )
        )
    return rows


def insert_books(dsn: str, rows: list[BookRow]) -> None:
    """Put the books into the catalogue of the database at ``dsn``, as a crawl would."""
    statement = (
        "INSERT INTO library.books (upc, url, titulo, preco_centavos, moeda, rating,"
        " disponibilidade, estoque, categoria, imagem, descricao, titulo_busca, categoria_busca)"
        " VALUES (%(upc)s, 'http://127.0.0.1/' || %(upc)s, %(titulo)s, %(preco)s, 'GBP',"
        " %(rating)s, %(disponivel)s, 3, %(categoria)s, '', %(descricao)s, lower(%(titulo)s),"
        " lower(%(categoria)s))"
    )
    names = ("upc", "titulo", "descricao", "preco", "disponivel", "categoria", "rating")
    values: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(statement, values)
        connection.execute(
            "INSERT INTO library.catalogue AS c (revision) VALUES (1)"
            " ON CONFLICT (id) DO UPDATE SET revision = c.revision + 1"
        )
