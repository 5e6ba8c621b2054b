"""The job centre's tables, as the migration makes them.

They are written in SQL and read as JSON; these definitions are for queries, and for
``alembic check``.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, UUID
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from praca.platform.database.models import CityBase

__all__ = [
    "Xid8",
    "candidate_accounts",
    "candidates",
    "erased_candidates",
    "match_indexes",
    "prospect_groups",
    "prospects",
    "reviews",
    "row_counts",
    "score_snapshots",
    "vacancies",
]

_SCHEMA = "jobs"


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction number: which transaction wrote a row last."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "XID8"


ischema_names["xid8"] = Xid8


def _json(name: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=text("'{}'::jsonb"))


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''::text"))


def _made(name: str, expression: str) -> Column[str]:
    return Column(name, Text, Computed(expression, persisted=True))


def _changed_in() -> Column[str]:
    return Column("changed_in", Xid8, nullable=False, server_default=text("pg_current_xact_id()"))


def _updated_at() -> Column[object]:
    return Column(
        "updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")
    )


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


def _of_a_candidate(name: str) -> Column[int]:
    """Return a column of a row that goes with its candidate."""
    key = ForeignKey("jobs.candidates.codigo_profissional", ondelete="CASCADE")
    return Column(name, BigInteger, key, nullable=False)


candidates = Table(
    "candidates",
    CityBase.metadata,
    Column("codigo_profissional", BigInteger, primary_key=True, autoincrement=False),
    Column("infos_basicas", JSONB, nullable=False),
    _json("informacoes_pessoais"),
    _json("informacoes_profissionais"),
    _json("formacao_e_idiomas"),
    _json("cargo_atual"),
    _json("extras"),
    _text("cv_pt"),
    _text("cv_en"),
    _changed_in(),
    _updated_at(),
    _made("nome", "infos_basicas ->> 'nome'::text"),
    _made("cidade", "jobs.sort_key(infos_basicas ->> 'local'::text)"),
    _made("area", "jobs.sort_key(informacoes_profissionais ->> 'area_atuacao'::text)"),
    _made("nivel", "jobs.sort_key(informacoes_profissionais ->> 'nivel_profissional'::text)"),
    Column(
        "busca",
        TSVECTOR,
        Computed("jobs.candidate_words(infos_basicas, informacoes_profissionais)", persisted=True),
    ),
    _made("linha", "jobs.candidate_line(codigo_profissional, infos_basicas)"),
    Index("ix_candidates_busca", "busca", postgresql_using="gin"),
    Index("ix_candidates_changed_in", "changed_in"),
    Index("ix_candidates_area", "area"),
    Index("ix_candidates_cidade", "cidade"),
    Index("ix_candidates_nivel", "nivel"),
    Index("ix_candidates_nome", text("jobs.sort_key(nome)"), "codigo_profissional"),
    schema=_SCHEMA,
)

vacancies = Table(
    "vacancies",
    CityBase.metadata,
    Column("codigo_vaga", BigInteger, primary_key=True, autoincrement=False),
    Column("infos_basicas", JSONB, nullable=False),
    _json("perfil_vaga"),
    _json("beneficios"),
    _json("extras"),
    _changed_in(),
    _updated_at(),
    _made("titulo_vaga", "infos_basicas ->> 'titulo_vaga'::text"),
    _made("cliente", "infos_basicas ->> 'cliente'::text"),
    _made("cidade", "jobs.sort_key(perfil_vaga ->> 'cidade'::text)"),
    _made("area", "jobs.sort_key(perfil_vaga ->> 'areas_atuacao'::text)"),
    _made("nivel", "jobs.sort_key(perfil_vaga ->> 'nivel_profissional'::text)"),
    Column(
        "busca",
        TSVECTOR,
        Computed("jobs.vacancy_words(infos_basicas, perfil_vaga)", persisted=True),
    ),
    _made("linha", "jobs.vacancy_line(codigo_vaga, infos_basicas)"),
    Index("ix_vacancies_busca", "busca", postgresql_using="gin"),
    Index("ix_vacancies_changed_in", "changed_in"),
    Index("ix_vacancies_area", "area"),
    Index("ix_vacancies_cidade", "cidade"),
    Index("ix_vacancies_nivel", "nivel"),
    Index("ix_vacancies_titulo_vaga", text("jobs.sort_key(titulo_vaga)"), "codigo_vaga"),
    schema=_SCHEMA,
)

prospect_groups = Table(
    "prospect_groups",
    CityBase.metadata,
    Column("codigo_vaga", BigInteger, primary_key=True, autoincrement=False),
    Column("titulo_vaga", Text, primary_key=True),
    _text("modalidade"),
    _json("extras"),
    schema=_SCHEMA,
)

prospects = Table(
    "prospects",
    CityBase.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("codigo_vaga", BigInteger, nullable=False),
    Column("titulo_vaga", Text, nullable=False),
    Column("nome", Text, nullable=False),
    Column("codigo_candidato", BigInteger, nullable=False),
    Column("situacao_candidato", Text, nullable=False),
    Column("data_candidatura", Text, nullable=False),
    Column("ultima_atualizacao", Text, nullable=False),
    Column("comentario", Text),
    Column("recrutador", Text, nullable=False),
    _json("extras"),
    _updated_at(),
    UniqueConstraint("codigo_vaga", "codigo_candidato"),
    ForeignKeyConstraint(
        ["codigo_vaga", "titulo_vaga"],
        ["jobs.prospect_groups.codigo_vaga", "jobs.prospect_groups.titulo_vaga"],
        onupdate="CASCADE",
    ),
    Index("ix_prospects_codigo_candidato", "codigo_candidato"),
    Index("ix_prospects_situacao_candidato", text("jobs.sort_key(situacao_candidato)")),
    Index("ix_prospects_nome", text("jobs.sort_key(nome)"), "id"),
    Index("ix_prospects_words", text("jobs.words(nome)"), postgresql_using="gin"),
    schema=_SCHEMA,
)

row_counts = Table(
    "row_counts",
    CityBase.metadata,
    Column("entity", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("rows", BigInteger, nullable=False),
    schema=_SCHEMA,
)

match_indexes = Table(
    "match_indexes",
    CityBase.metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("object_key", Text, nullable=False),
    Column("position", Text, nullable=False, comment="pg_snapshot: whose rows are in it"),
    Column("server", Text, nullable=False, comment="the server that numbered the transactions"),
    Column("saved_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema=_SCHEMA,
)

candidate_accounts = Table(
    "candidate_accounts",
    CityBase.metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    _of_a_candidate("codigo_profissional"),
    Column("linked_by", BigInteger),
    _now("linked_at"),
    UniqueConstraint("codigo_profissional"),
    schema=_SCHEMA,
)

erased_candidates = Table(
    "erased_candidates",
    CityBase.metadata,
    Column("codigo_profissional", BigInteger, primary_key=True, autoincrement=False),
    _now("erased_at"),
    Column(
        "cleaned_at",
        DateTime(timezone=True),
        comment="when no file or saved index held the person any more",
    ),
    Index(
        "ix_erased_candidates_uncleaned",
        "codigo_profissional",
        postgresql_where=text("cleaned_at IS NULL"),
    ),
    schema=_SCHEMA,
)

score_snapshots = Table(
    "score_snapshots",
    CityBase.metadata,
    Column("hash", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("codigo_vaga", BigInteger, nullable=False),
    _of_a_candidate("codigo_candidato"),
    Column("candidate", JSONB, nullable=False),
    Column("vacancy", JSONB, nullable=False),
    Column("logit", Double, nullable=False),
    _now("created_at"),
    Index("ix_score_snapshots_codigo_candidato", "codigo_candidato"),
    schema=_SCHEMA,
)

reviews = Table(
    "reviews",
    CityBase.metadata,
    Column("id", UUID, primary_key=True),
    _of_a_candidate("codigo_candidato"),
    Column("codigo_vaga", BigInteger, nullable=False),
    Column(
        "snapshot_hash",
        Text,
        ForeignKey("jobs.score_snapshots.hash", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("motivo", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'pendente'::text")),
    Column("prazo", DateTime(timezone=True), nullable=False),
    Column("requested_by", BigInteger),
    Column("account_id", BigInteger),
    _now("requested_at"),
    Column("reviewer_id", BigInteger),
    Column("decisao", Text),
    Column("justificativa", Text),
    Column("encaminhar", Boolean, nullable=False, server_default=text("false")),
    Column("decided_by", BigInteger),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("status IN ('pendente', 'em_analise', 'decidida', 'cancelada')", name="status"),
    CheckConstraint("decisao IN ('mantida', 'revista', 'sem_efeito')", name="decisao"),
    CheckConstraint(
        "(status = 'decidida')"
        " = (decisao IS NOT NULL AND justificativa IS NOT NULL AND decided_at IS NOT NULL)",
        name="decided",
    ),
    Index(
        "uq_reviews_open",
        "codigo_candidato",
        "codigo_vaga",
        unique=True,
        postgresql_where=text("status IN ('pendente', 'em_analise')"),
    ),
    Index("ix_reviews_codigo_candidato", "codigo_candidato"),
    Index("ix_reviews_snapshot_hash", "snapshot_hash"),
    Index("ix_reviews_prazo_id", "prazo", "id"),
    schema=_SCHEMA,
)
