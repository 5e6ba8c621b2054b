"""``praca bookshop``: the sample bookshop on this machine's loopback."""

from typing import Annotated

import typer

from praca.entrypoints.cli.runtime import checked_port, fail, load_settings

__all__ = ["bookshop"]

_HOST = "127.0.0.1"  # a toy without limits: nobody else's business
_MOST_BOOKS = 20_000


def bookshop(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port; 0: a free one.")
    ] = None,
    books: Annotated[
        int, typer.Option("--books", min=0, max=_MOST_BOOKS, help="How many books it has.")
    ] = 300,
    seed: Annotated[int, typer.Option("--seed", help="Another one gives another shop.")] = 2026,
) -> None:
    """Serve the sample bookshop, to be crawled, on 127.0.0.1."""
    import uvicorn

    from praca.library.bookshop import CATEGORIES, Bookshop, make_books

    settings = load_settings("WARNING", is_service=True)
    if settings.is_production:
        raise fail("a livraria de exemplo não é para produção")
    port = checked_port(_HOST, settings.library.bookshop_port if port is None else port)
    shop = Bookshop(make_books(books, seed), CATEGORIES)
    print(f"bookshop: http://{_HOST}:{port}/ ({books} livros)", flush=True)
    uvicorn.run(
        shop,
        host=_HOST,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
