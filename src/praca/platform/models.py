"""Tables of the platform: the audit, the task runs, the published models."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from praca.platform.database.models import CityBase

__all__ = ["AuditLog", "ModelAlias", "ModelVersion", "ShadowScores", "TaskRun"]

_NOW = text("now()")


class AuditLog(CityBase):
    """One thing that was done; see ``praca.platform.audit``."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_resource_type_resource_id", "resource_type", "resource_id"),
        Index("ix_audit_log_actor_id", "actor_id"),
        {"schema": "platform"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=_NOW)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(Text)
    resource_type: Mapped[str] = mapped_column(Text)
    resource_id: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)


class TaskRun(CityBase):
    """One piece of background work, as people see it; the queue holds its job."""

    __tablename__ = "task_runs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status"
        ),
        Index(
            "uq_task_runs_exclusive_key",
            "exclusive_key",
            unique=True,
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
        Index("ix_task_runs_created_at", "created_at"),
        Index("ix_task_runs_owner_id", "owner_id"),
        Index(
            "ix_task_runs_finished_at",
            "finished_at",
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    exclusive_key: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    traceparent: Mapped[str | None] = mapped_column(
        Text, comment="the span that asked for it (W3C Trace Context)"
    )
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    progress_done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    progress_total: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[str] = mapped_column(Text, server_default=text("''"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=_NOW)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ModelVersion(CityBase):
    """One published version of a model; its files lie in the object store."""

    __tablename__ = "models"
    __table_args__ = ({"schema": "platform"},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    object_key: Mapped[str] = mapped_column(Text)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=_NOW)
    promoted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    tracking_run: Mapped[str | None] = mapped_column(Text)


class ShadowScores(CityBase):
    """How what a shadow version would have answered differs from what was answered."""

    __tablename__ = "shadow_scores"
    __table_args__ = ({"schema": "platform"},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    champion: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    challenger: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answers: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(BigInteger)
    flips: Mapped[int] = mapped_column(BigInteger)
    sum_difference: Mapped[float] = mapped_column(Double)
    sum_absolute: Mapped[float] = mapped_column(Double)
    largest: Mapped[float] = mapped_column(Double)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=_NOW)


class ModelAlias(CityBase):
    """Which version a name such as ``champion`` stands for."""

    __tablename__ = "model_aliases"
    __table_args__ = (
        ForeignKeyConstraint(
            ["name", "version"],
            ["platform.models.name", "platform.models.version"],
            name="fk_model_aliases_name_version_models",
        ),
        ForeignKeyConstraint(
            ["name", "previous"],
            ["platform.models.name", "platform.models.version"],
            name="fk_model_aliases_name_previous_models",
        ),
        {"schema": "platform"},
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    alias: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    previous: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=_NOW)
