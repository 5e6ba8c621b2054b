"""What the catalogue is compared with, as an application of its own: ``peers.py PORT DSN``.

``/bare/{size}`` is FastAPI and uvicorn alone, answering prepared bytes. The others are the naive
version: ORM objects through a pydantic ``response_model``, on the same table, without a log.
"""

import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from praca.platform.database.engine import sqlalchemy_url


class _Base(DeclarativeBase):
    pass


class Book(_Base):
    """A book as an ORM object."""

    __tablename__ = "books"
    __table_args__ = ({"schema": "library"},)

    id: Mapped[int] = mapped_column(primary_key=True)
    titulo: Mapped[str]
    preco_centavos: Mapped[int]
    moeda: Mapped[str]
    rating: Mapped[int]
    disponibilidade: Mapped[bool]
    estoque: Mapped[int]
    categoria: Mapped[str]
    imagem: Mapped[str]
    upc: Mapped[str]
    url: Mapped[str]
    descricao: Mapped[str]

    @property
    def preco(self) -> float:
        """The price as it is sent."""
        return self.preco_centavos / 100


class Line(BaseModel):
    """A book in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    titulo: str
    preco: float
    moeda: str
    rating: int
    disponibilidade: bool
    estoque: int
    categoria: str
    imagem: str
    upc: str


class Whole(Line):
    """A book."""

    descricao: str
    url: str


class Overview(BaseModel):
    """Figures of all books."""

    total_livros: int
    preco_medio: float
    distribuicao_ratings: dict[str, int]


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(_session)]
app = FastAPI()
_BODIES: dict[int, bytes] = {}


@app.get("/bare/{size}")
async def bare(size: int) -> Response:
    """Answer ``size`` bytes."""
    body = _BODIES.get(size)
    if body is None:
        body = _BODIES[size] = b'{"x":"' + b"x" * (size - 8) + b'"}'
    return Response(body, media_type="application/json")


@app.get("/books", response_model=list[Line])
async def list_books(session: Session, skip: int = 0, limit: int = 100) -> Any:
    """List books."""
    return (await session.scalars(select(Book).order_by(Book.id).offset(skip).limit(limit))).all()


@app.get("/books/search", response_model=list[Line])
async def search_books(session: Session, titulo: str, limit: int = 100) -> Any:
    """Search titles."""
    query = select(Book).where(Book.titulo.ilike(f"%{titulo}%")).order_by(Book.id).limit(limit)
    return (await session.scalars(query)).all()


@app.get("/books/{book_id}", response_model=Whole)
async def read_book(session: Session, book_id: int) -> Any:
    """Read a book."""
    return await session.get_one(Book, book_id)


@app.get("/stats/overview", response_model=Overview)
async def show_overview(session: Session) -> Any:
    """Count in Python, of all objects, as the old system did."""
    books = (await session.scalars(select(Book))).all()
    return {
        "total_livros": len(books),
        "preco_medio": round(sum(book.preco for book in books) / len(books), 2),
        "distribuicao_ratings": Counter(str(book.rating) for book in books),
    }


@app.get("/total")
async def total(session: Session) -> int:
    """Tell that the database answers."""
    return await session.scalar(select(func.count()).select_from(Book)) or 0


def main() -> None:
    """Serve."""
    engine = create_async_engine(sqlalchemy_url(sys.argv[2]), pool_size=10, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
