from tests.integration.library_scraper.world import BOOKS, World

from praca.library.bookshop import ShopBook


async def stored(world: World) -> dict[str, tuple[object, ...]]:
    rows = await world.sql(
        "SELECT upc, titulo, preco_centavos, rating, estoque, categoria, descricao,"
        " disponibilidade FROM library.books WHERE absent_since IS NULL"
    )
    return {row[0]: row[1:] for row in rows}


def offered(book: ShopBook) -> tuple[object, ...]:
    return (
        book.titulo, book.preco_centavos, book.rating, book.estoque, book.categoria,
        book.descricao, book.estoque > 0,
    )  # fmt: skip


async def test_a_crawl_stores_the_shop(world: World) -> None:
    result = await world.crawl()
    assert await stored(world) == {book.upc: offered(book) for book in world.shop.books}
    assert result["total_encontrado"] == result["novos"] == BOOKS
    assert result["avisos"] == []
