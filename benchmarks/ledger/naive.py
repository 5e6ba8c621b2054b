"""The naive version, as the old wallet does it: read the balance, add, write it back.

``naive.py PORT DSN`` serves ``/cards/{id}/balance`` and ``/cards/{id}/recharge`` on a table of its
own: ORM objects through a pydantic ``response_model``, no lock, no token, no audit, no key.
"""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import BigInteger, Identity
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from praca.platform.database.engine import sqlalchemy_url


class _Base(DeclarativeBase):
    pass


class Card(_Base):
    """A card that holds its own balance."""

    __tablename__ = "naive_cards"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


class Movement(_Base):
    """One row of a card's history."""

    __tablename__ = "naive_movements"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    card_id: Mapped[int]
    amount: Mapped[int]
    moment: Mapped[datetime] = mapped_column()


class Amount(BaseModel):
    """How much."""

    amount: int


class Recharged(BaseModel):
    """The balance afterwards."""

    card_number: str
    new_balance: int


def main() -> None:
    """Serve until stopped."""
    port, url = int(sys.argv[1]), sys.argv[2]
    engine = create_async_engine(sqlalchemy_url(url), pool_size=10, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    opened_session = Depends(session)

    @app.on_event("startup")
    async def create() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(_Base.metadata.create_all)
        async with sessions() as opened:
            opened.add_all(Card(id=number, balance=0) for number in range(1, 1001))
            await opened.commit()

    @app.get("/cards/{card_id}/balance")
    async def balance(card_id: int, opened: Annotated[AsyncSession, opened_session]) -> int:
        card = await opened.get_one(Card, card_id)
        return card.balance

    @app.post("/cards/{card_id}/recharge")
    async def recharge(
        card_id: int, body: Amount, opened: Annotated[AsyncSession, opened_session]
    ) -> Recharged:
        card = await opened.get_one(Card, card_id)
        card.balance += body.amount
        moment = datetime.now(UTC).replace(tzinfo=None)
        opened.add(Movement(card_id=card_id, amount=body.amount, moment=moment))
        await opened.commit()
        return Recharged(card_number=str(card_id), new_balance=card.balance)

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {}

    uvicorn.run(app, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
