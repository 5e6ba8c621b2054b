"""Tables of the journal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Double, Identity, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from praca.platform.database.models import CityBase

__all__ = ["DroppedLines", "JournalWriter", "PredictionLine", "RequestLine"]


class RequestLine(CityBase):
    """One request that was answered, or given up."""

    __tablename__ = "request_log"
    __table_args__ = (
        Index(
            "ix_request_log_user_id",
            "user_id",
            "at",
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        Index("ix_request_log_refused", "at", "id", postgresql_where=text("status >= 400")),
        {"schema": "platform"},
    )

    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), primary_key=True, comment="when the answer was complete"
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    method: Mapped[str] = mapped_column(Text)
    route: Mapped[str] = mapped_column(Text, comment="template of the path, never the path")
    status: Mapped[int] = mapped_column(SmallInteger)
    ms: Mapped[float] = mapped_column(Double)
    user_id: Mapped[int | None] = mapped_column(BigInteger)


class PredictionLine(CityBase):
    """One answer of a model."""

    __tablename__ = "prediction_log"
    __table_args__ = ({"schema": "platform"},)

    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    input_hash: Mapped[bytes] = mapped_column(comment="keyed: inputs can be guessed")
    output: Mapped[str] = mapped_column(Text)
    ms: Mapped[float] = mapped_column(Double)


class DroppedLines(CityBase):
    """How many lines a process could not keep until a moment."""

    __tablename__ = "journal_drops"
    __table_args__ = (
        {"schema": "platform", "comment": "lines that found no place in a full buffer"},
    )

    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    lines: Mapped[int] = mapped_column(BigInteger)


class JournalWriter(CityBase):
    """A process that writes, and the number of the last batch it wrote."""

    __tablename__ = "journal_writers"
    __table_args__ = (
        {
            "schema": "platform",
            "comment": "the last batch of each process: none is written twice",
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
