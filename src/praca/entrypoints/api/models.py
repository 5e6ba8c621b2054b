"""Published models over HTTP: which there are, which answers, and the change of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from praca.identity import Role, Subject
from praca.identity.auth import require_role
from praca.identity.errors import ForbiddenError
from praca.learning import store
from praca.learning.store import ModelVersionNotFoundError, NothingToRollBackError, Version
from praca.platform.audit import AuditEntry, record
from praca.platform.web import CityRead, CityWrite, problem_responses

__all__ = ["router"]

_EXAMPLE: dict[str, Any] = {
    "name": "match",
    "version": 2,
    "is_champion": True,
    "created_at": "2026-11-22T12:00:00Z",
    "promoted_at": "2026-11-22T12:00:01Z",
    "data_hash": "9f2c1a60b9d3c1d1e5a1b1c0f3e7a9d2c4b6e8f0a1b3c5d7e9f1a3b5c7d9e1f3",
    "code_version": "0.1.0",
    "metrics": {"auc": 0.9, "mrr": 0.43},
    "params": {"seed": 2026},
}

ModelOperator = Annotated[Subject, Depends(require_role(Role.OPERADOR, Role.ADMIN))]
ModelName = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="Name of the model.", examples=["match"]),
]


class ModelVersionRead(BaseModel):
    """One published version of a model."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    name: str
    version: int
    is_champion: bool = Field(description="Whether it is the one that answers.")
    created_at: datetime
    promoted_at: datetime | None = Field(description="When it was last made to answer.")
    data_hash: str = Field(description="SHA-256 of the data it was trained on.")
    code_version: str = Field(description="Version of Praça that trained it.")
    metrics: dict[str, float] = Field(description="Figures of its evaluation.")
    params: dict[str, Any] = Field(description="Settings and seeds of its training.")

    @classmethod
    def of(cls, version: Version) -> "ModelVersionRead":
        """Read what the store knows."""
        manifest = version.manifest
        return cls(
            name=version.name,
            version=version.version,
            is_champion=version.is_champion,
            created_at=version.created_at,
            promoted_at=version.promoted_at,
            **{key: manifest[key] for key in ("data_hash", "code_version", "metrics", "params")},
        )


class ModelVersionList(BaseModel):
    """Versions, the newest of each model first."""

    model_config = ConfigDict(json_schema_extra={"example": {"data": [_EXAMPLE]}})

    data: list[ModelVersionRead]


class Promotion(BaseModel):
    """Which version is to answer."""

    model_config = ConfigDict(json_schema_extra={"example": {"version": 2}})

    version: int = Field(ge=1, le=2**31 - 1)


router = APIRouter(prefix="/models", tags=["models"], responses=problem_responses(ForbiddenError))


@router.get("", summary="List models", description="All versions of all models.")
async def list_models(session: CityRead, _subject: ModelOperator) -> ModelVersionList:
    versions = await store.list_versions(session)
    return ModelVersionList(data=[ModelVersionRead.of(version) for version in versions])


@router.get(
    "/{name}",
    summary="One model",
    description="All versions of one model, the newest first.",
    responses=problem_responses(ModelVersionNotFoundError),
)
async def show_model(
    name: ModelName, session: CityRead, _subject: ModelOperator
) -> ModelVersionList:
    versions = await store.list_versions(session, name)
    if not versions:
        raise ModelVersionNotFoundError(name)
    return ModelVersionList(data=[ModelVersionRead.of(version) for version in versions])


@router.post(
    "/{name}/promote",
    summary="Make a version answer",
    description="Every API process swaps to it within a second, without dropping a request.",
    responses=problem_responses(ModelVersionNotFoundError),
)
async def promote_model(
    name: ModelName, body: Promotion, session: CityWrite, subject: ModelOperator
) -> ModelVersionRead:
    await store.promote(session, name, body.version)
    entry = AuditEntry("models.promoted", "model", f"{name}/{body.version}", subject.id)
    await record(session, entry)
    return ModelVersionRead.of(await store.require_version(session, name, body.version))


@router.post(
    "/{name}/rollback",
    summary="Go back to the version before",
    description="The version that answered before answers again; one step, until the next "
    "promotion.",
    responses=problem_responses(NothingToRollBackError),
)
async def roll_back_model(
    name: ModelName, session: CityWrite, subject: ModelOperator
) -> ModelVersionRead:
    version = await store.roll_back(session, name)
    await record(
        session, AuditEntry("models.rolled_back", "model", f"{name}/{version}", subject.id)
    )
    return ModelVersionRead.of(await store.require_version(session, name, version))
