"""Published models over HTTP: which there are, which answers, and the change of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from praca.entrypoints.api.fairness import FairnessRead
from praca.identity import Role, Subject
from praca.identity.auth import require_role
from praca.identity.errors import ForbiddenError
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.fairness import FairnessReportMissingError, published_report
from praca.learning.shadow import list_differences
from praca.learning.store import (
    GateRefusedError,
    ModelVersionNotFoundError,
    NothingToRollBackError,
    ShadowIsChampionError,
    Version,
)
from praca.platform.audit import AuditEntry, record
from praca.platform.database import ReadSession
from praca.platform.web import CityRead, CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

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
    "is_shadow": False,
    "gate": {
        "accepted": True,
        "checks": [
            {
                "name": "latency",
                "passed": True,
                "reason": "Uma previsão leva 1.2 ms (p99); o limite é 100 ms.",
                "figures": {"p99_ms": 1.2, "allowed_ms": 100.0},
            }
        ],
    },
    "tracking_run": "8d0c6f3b7c7e4f0c9a6d2b1e5f4a3c2d",
}
_SHADOW_EXAMPLE: dict[str, Any] = {
    "champion": 2,
    "challenger": 3,
    "answers": 1200,
    "failures": 0,
    "flips": 14,
    "mean_difference": -0.004,
    "mean_absolute": 0.021,
    "largest": 0.31,
    "updated_at": "2026-11-22T12:30:00Z",
}

ModelOperator = Annotated[Subject, Depends(require_role(Role.OPERADOR, Role.ADMIN))]
ModelName = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="Name of the model.", examples=["match"]),
]


class GateCheck(BaseModel):
    """One question of the gate."""

    name: str
    passed: bool | None = Field(description="null: it could not be asked, which stops nothing.")
    reason: str
    figures: dict[str, float]


class GateVerdict(BaseModel):
    """What the gate said of a version."""

    accepted: bool
    checks: list[GateCheck]


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
    is_shadow: bool = Field(description="Whether it is compared with the one that answers.")
    gate: GateVerdict | None = Field(description="Why it was promoted or not; null: not asked.")
    tracking_run: str | None = Field(description="Its run in MLflow.")

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
            is_shadow=version.is_shadow,
            gate=None if version.verdict is None else GateVerdict(**version.verdict),
            tracking_run=version.tracking_run,
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
    force: bool = Field(False, description="Also if the gate refused the version.")


class ShadowChoice(BaseModel):
    """Which version is compared with the one that answers."""

    model_config = ConfigDict(json_schema_extra={"example": {"version": 3}})

    version: int | None = Field(ge=1, le=2**31 - 1, description="null: none.")


class ShadowDifferences(BaseModel):
    """How a version on trial differs from the one that answered, over live requests."""

    model_config = ConfigDict(json_schema_extra={"example": _SHADOW_EXAMPLE})

    champion: int
    challenger: int
    answers: int = Field(description="Answers compared.")
    failures: int = Field(description="Requests on which the version on trial failed.")
    flips: int = Field(description="Answers on the other side of one half.")
    mean_difference: float | None = Field(description="Its probability minus the answered one.")
    mean_absolute: float | None
    largest: float = Field(description="Largest absolute difference.")
    updated_at: datetime


class ShadowReport(BaseModel):
    """All comparisons of a model, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"version": 3, "data": [_SHADOW_EXAMPLE]}}
    )

    version: int | None = Field(description="Version on trial now.")
    data: list[ShadowDifferences]


router = RoomRouter(prefix="/models", tags=["models"], responses=problem_responses(ForbiddenError))


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


@router.get(
    "/{name}/versions/{version}/fairness",
    summary="The fairness report of a version",
    description="Selection rates and impact ratios by sex, disability and both, as they were"
    " measured when the version was trained.",
    responses=problem_responses(
        ModelVersionNotFoundError, FairnessReportMissingError, ArtifactError
    ),
)
async def show_fairness(
    name: ModelName,
    version: Annotated[int, Path(ge=1, le=2**31 - 1, description="Version.", examples=[2])],
    request: Request,
    _subject: ModelOperator,
) -> FairnessRead:
    return FairnessRead.model_validate(await published_report(resources_of(request), name, version))


@router.post(
    "/{name}/promote",
    summary="Make a version answer",
    description="Every API process swaps to it within a second, without dropping a request. A "
    "version that its gate refused needs `force`.",
    responses=problem_responses(ModelVersionNotFoundError, GateRefusedError),
)
async def promote_model(
    name: ModelName, body: Promotion, session: CityWrite, subject: ModelOperator
) -> ModelVersionRead:
    await store.promote(session, name, body.version, force=body.force)
    action = "models.promoted_by_force" if body.force else "models.promoted"
    await record(session, AuditEntry(action, "model", f"{name}/{body.version}", subject.id))
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


@router.put(
    "/{name}/shadow",
    summary="Try a version on live requests",
    description="It answers nobody: what it would have answered is compared with what was "
    "answered, and the differences are counted. `null` ends the trial.",
    responses=problem_responses(ModelVersionNotFoundError, ShadowIsChampionError),
)
async def choose_shadow(
    name: ModelName, body: ShadowChoice, session: CityWrite, subject: ModelOperator
) -> ShadowReport:
    await store.set_shadow(session, name, body.version)
    entry = AuditEntry("models.shadow_set", "model", f"{name}/{body.version}", subject.id)
    await record(session, entry)
    return await _shadow_report(session, name)


@router.get(
    "/{name}/shadow",
    summary="What a version on trial would have answered",
    description="Counts over all API processes, for each pair of versions compared so far.",
)
async def show_shadow(name: ModelName, session: CityRead, _subject: ModelOperator) -> ShadowReport:
    return await _shadow_report(session, name)


async def _shadow_report(session: ReadSession, name: str) -> ShadowReport:
    now = await store.find_shadow(session, name)
    counted = await list_differences(session, name)
    return ShadowReport(
        version=None if now is None else now.version,
        data=[ShadowDifferences.model_validate(row) for row in counted],
    )
