"""How fast are predictions of books over HTTP, on one core, with the journal on and off?

    uv run python -m benchmarks.book_predictions [--seconds 4] [--connections 1 12 32]

The real catalogue of 1,000 books (``PRACA_REAL_DATA`` or ``../shared/data``) in an embedded
PostgreSQL, the models trained by ``praca train books``, one ``praca api`` with production settings
pinned to the first core; the driver and PostgreSQL run on the second. Each title is another book's.
Beside it, on the same core under the same driver: the bare framework (FastAPI and uvicorn receive
the same body and answer as many prepared bytes), and ``predict`` of scikit-learn in the same
endpoint, without journal and log. The old system answered 104 predictions/s (an earlier
measurement, not made here).
"""

import argparse
import asyncio
import base64
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson
import psycopg
import uvicorn
from benchmarks.book_models import load_books
from benchmarks.http_load.driver import Exchange, drive, http_request
from benchmarks.http_load.servers import cpu_s, free_port, praca, running, wait
from fastapi import FastAPI, Request, Response

from praca.library.ml.data import BookFields, Books
from praca.library.ml.features import Featurizer
from praca.library.ml.fitting import estimator
from praca.library.ml.names import ModelKind, Target
from praca.library.ml.schemas import BookPrediction, BookToPredict
from praca.platform.database import EmbeddedPostgres

_PATH = "/api/v1/ml/predictions"
_TREES = 100


def main() -> None:
    """Build the library, load it, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load")
    parser.add_argument("--warm-up", type=float, default=1.5, help="seconds before each load")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 12, 32])
    parser.add_argument("--peers", type=int, help="serve what it is compared with on this port")
    arguments = parser.parse_args()
    if arguments.peers is not None:
        uvicorn.run(_peers(), port=arguments.peers, access_log=False, log_level="warning")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the API, one for the driver")
    os.sched_setaffinity(0, {cores[1]})
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as name,
        EmbeddedPostgres(Path(name) / "var") as server,
        ExitStack() as stack,
    ):
        folder, books = Path(name), load_books()
        environment = {
            **os.environ,
            "PRACA_DATA_DIR": str(folder / "var"),
            "PRACA_DATABASE_URL": server.url,
            "PRACA_ENV": "production",
            "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
            "PRACA_ENCRYPTION_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "PRACA_TRACKING": "off",
        }
        praca(environment, "migrate")
        _insert(server.url, books)
        praca(environment, "train", "books")
        servers = {}
        for label, journal in (("journal on", "true"), ("journal off", "false")):
            port = free_port()
            api = [sys.executable, "-m", "praca", "api", "--port", str(port)]
            log = folder / f"api-{journal}.log"
            own = environment | {"PRACA_JOURNAL": journal}
            servers[label] = port, stack.enter_context(running(api, own, cores[0], log))
            wait(f"http://127.0.0.1:{port}/api/v1/ready", log)
        port = free_port()
        peers = [sys.executable, "-m", "benchmarks.book_predictions", "--peers", str(port)]
        log = folder / "peers.log"
        servers["peers"] = port, stack.enter_context(running(peers, environment, cores[0], log))
        wait(f"http://127.0.0.1:{port}/ready", log)
        _table(servers, books, arguments)


def _table(
    servers: dict[str, tuple[int, int]], books: Books, arguments: argparse.Namespace
) -> None:
    print(f"{'':48}{'conn':>5}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'cpu ms':>8}", flush=True)
    bodies = [
        orjson.dumps(
            {
                "titulo": book.titulo,
                "preco": book.preco,
                "rating": 4,
                "disponibilidade": book.disponibilidade,
                "categoria": book.categoria,
                "imagem": "http://example.com/image.jpg",
                "descricao": book.descricao,
            }
        )
        for book in books.fields
    ]
    rows = [("bare framework", "peers", "/bare/220")]
    for target in Target:
        for kind in ModelKind:
            query = f"?nome_modelo={kind}&alvo={target}"
            rows += [
                (f"{target} {kind}, {label}", label, f"{_PATH}{query}")
                for label in ("journal on", "journal off")
            ]
            rows.append((f"{target} {kind}, scikit-learn", "peers", f"/sklearn{query}"))
    for label, server, path in rows:
        port, pid = servers[server]
        for connections in arguments.connections:
            before = cpu_s(pid)
            found = asyncio.run(
                drive(
                    port,
                    _exchanges(path, bodies),
                    connections=connections,
                    warm_up_s=arguments.warm_up,
                    seconds=arguments.seconds,
                )
            )
            spent = (cpu_s(pid) - before) * 1000 / found.all_answers
            print(
                f"{label:48}{connections:>5}{found.rate:>8.0f}{found.p50_ms:>8.2f}"
                f"{found.p99_ms:>8.2f}{spent:>8.2f}",
                flush=True,
            )


def _exchanges(path: str, bodies: list[bytes]) -> Iterator[Exchange]:
    start = b'{"x' if path.startswith("/bare") else b'{"livro":'
    return cycle([Exchange(http_request("POST", path, body=body), start) for body in bodies])


def _insert(url: str, books: Books) -> None:
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(
            "INSERT INTO library.books (upc, url, titulo, preco_centavos, moeda, rating,"
            " disponibilidade, estoque, categoria, imagem, descricao, titulo_busca,"
            " categoria_busca) VALUES (%s, '', %s, %s, 'GBP', %s, %s, 1, %s, '', %s, '', '')",
            [
                (
                    str(mark),
                    book.titulo,
                    round(book.preco * 100),
                    int(rating),
                    book.disponibilidade,
                    book.categoria,
                    book.descricao,
                )
                for mark, book, rating in zip(books.marks, books.fields, books.ratings, strict=True)
            ],
        )


def _peers() -> FastAPI:
    """Return the bare framework, and the same endpoint with scikit-learn's own ``predict``."""
    app = FastAPI()
    books = load_books()
    fitted = {}
    for target in Target:
        examples = books.examples(target)
        featurizer = Featurizer.fit(target, examples.fields)
        matrix = _narrow(featurizer.matrix(examples.fields))
        for kind in ModelKind:
            model = estimator(kind, trees=_TREES).fit(matrix, examples.labels)
            fitted[target, kind] = model, featurizer, examples.classes
    prepared = {220: b'{"x":"' + b"x" * 212 + b'"}'}

    @app.get("/ready")
    async def ready() -> str:
        return "ready"

    @app.post("/bare/{size}")
    async def bare(size: int, request: Request) -> Response:
        await request.body()
        return Response(prepared[size], media_type="application/json")

    @app.post("/sklearn")
    async def sklearn(body: BookToPredict, nome_modelo: ModelKind, alvo: Target) -> BookPrediction:
        model, featurizer, classes = fitted[alvo, nome_modelo]
        book = BookFields(
            body.titulo, body.preco, body.disponibilidade, body.categoria, body.descricao
        )
        label = classes[int(model.predict(_narrow(featurizer.matrix([book])))[0])]
        return BookPrediction.model_construct(
            livro=body.titulo,
            modelo_usado=nome_modelo,
            rating_predito=0,
            alvo=alvo,
            predicao=label,
            categoria_predita=None,
            probabilidade=None,
            versao=1,
            sinal="sem sinal",
        )

    return app


def _narrow(matrix: Any) -> Any:
    matrix.indices, matrix.indptr = matrix.indices.astype("i4"), matrix.indptr.astype("i4")
    return matrix


if __name__ == "__main__":
    main()
