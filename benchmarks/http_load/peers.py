"""What Praça is compared with, as an application of its own: ``peers.py PORT DSN``.

``/bare/{size}`` is FastAPI and uvicorn alone, answering prepared bytes. The others are the naive
version of our endpoints: ORM objects through a pydantic ``response_model``, on the same tables.
They check no token, write no audit and log no request, so the comparison flatters them.
"""

import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column

from praca.jobs.schemas import CandidateBasic, VacancyBasic
from praca.platform.database.engine import sqlalchemy_url

_Json = dict[str, Any]


class _Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {_Json: JSONB}


class Candidate(_Base):
    """A candidate as an ORM object; the columns that only serve searches are left out."""

    __tablename__ = "candidates"
    __table_args__ = ({"schema": "jobs"},)

    codigo_profissional: Mapped[int] = mapped_column(primary_key=True)
    infos_basicas: Mapped[_Json]
    informacoes_pessoais: Mapped[_Json]
    informacoes_profissionais: Mapped[_Json]
    formacao_e_idiomas: Mapped[_Json]
    cv_pt: Mapped[str]
    cv_en: Mapped[str]


class Vacancy(_Base):
    """A vacancy as an ORM object; the columns that only serve searches are left out."""

    __tablename__ = "vacancies"
    __table_args__ = ({"schema": "jobs"},)

    codigo_vaga: Mapped[int] = mapped_column(primary_key=True)
    infos_basicas: Mapped[_Json]
    perfil_vaga: Mapped[_Json]
    beneficios: Mapped[_Json]


class _FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CandidateLine(_FromRow):
    """A candidate in a list."""

    codigo_profissional: int
    infos_basicas: _Json


class CandidateRead(CandidateLine):
    """A candidate."""

    informacoes_pessoais: _Json
    informacoes_profissionais: _Json
    formacao_e_idiomas: _Json
    cv_pt: str
    cv_en: str


class VacancyRead(_FromRow):
    """A vacancy."""

    codigo_vaga: int
    infos_basicas: _Json
    perfil_vaga: _Json
    beneficios: _Json


class CandidatePage(BaseModel):
    """A page of candidates, as ours."""

    total: int
    offset: int
    limit: int
    data: list[CandidateBasic]


class VacancyPage(BaseModel):
    """A page of vacancies, as ours."""

    total: int
    offset: int
    limit: int
    data: list[VacancyBasic]


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(_session)]
app = FastAPI()
_BODIES: dict[int, bytes] = {}


@app.api_route("/bare/{size}", methods=["GET", "POST"])
async def bare(size: int, request: Request) -> Response:
    """Answer ``size`` bytes; what was sent is received and not looked at."""
    await request.body()
    body = _BODIES.get(size)
    if body is None:
        body = _BODIES[size] = b'{"x":"' + b"x" * (size - 8) + b'"}'
    return Response(body, media_type="application/json")


@app.get("/candidatos", response_model=CandidatePage)
async def list_candidates(session: Session, offset: int = 0, limit: int = 100) -> Any:
    """List candidates."""
    query = (
        select(Candidate)
        .options(load_only(Candidate.infos_basicas))
        .order_by(Candidate.codigo_profissional)
    )
    rows = await session.scalars(query.offset(offset).limit(limit))
    total = await session.scalar(select(func.count()).select_from(Candidate))
    data = [{"codigo_profissional": r.codigo_profissional, **r.infos_basicas} for r in rows]
    return {"total": total, "offset": offset, "limit": limit, "data": data}


@app.get("/candidatos/{code}", response_model=CandidateRead)
async def read_candidate(session: Session, code: int) -> Any:
    """Read a candidate."""
    return await session.get_one(Candidate, code)


@app.get("/vagas", response_model=VacancyPage)
async def list_vacancies(session: Session, offset: int = 0, limit: int = 100) -> Any:
    """List vacancies."""
    query = select(Vacancy).options(load_only(Vacancy.infos_basicas)).order_by(Vacancy.codigo_vaga)
    rows = await session.scalars(query.offset(offset).limit(limit))
    total = await session.scalar(select(func.count()).select_from(Vacancy))
    data = [{"codigo_vaga": r.codigo_vaga, **r.infos_basicas} for r in rows]
    return {"total": total, "offset": offset, "limit": limit, "data": data}


@app.get("/vagas/{code}", response_model=VacancyRead)
async def read_vacancy(session: Session, code: int) -> Any:
    """Read a vacancy."""
    return await session.get_one(Vacancy, code)


def main() -> None:
    """Serve."""
    engine = create_async_engine(sqlalchemy_url(sys.argv[2]), pool_size=10, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
