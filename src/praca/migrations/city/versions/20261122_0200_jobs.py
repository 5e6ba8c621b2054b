"""The job centre: candidates, vacancies, prospects and their exact totals."""

from alembic import op

revision = "0002_jobs"
down_revision = "0001_platform"
branch_labels = None
depends_on = None

_CANDIDATE_LINE = (
    "nome",
    "email",
    "telefone",
    "telefone_recado",
    "objetivo_profissional",
    "data_criacao",
    "data_atualizacao",
    "inserido_por",
    "local",
    "sabendo_de_nos_por",
)
_VACANCY_LINE = (
    "data_requisicao",
    "limite_esperado_para_contratacao",
    "titulo_vaga",
    "vaga_sap",
    "cliente",
    "solicitante_cliente",
    "empresa_divisao",
    "requisitante",
    "analista_responsavel",
    "tipo_contratacao",
    "prazo_contratacao",
    "objetivo_vaga",
    "prioridade_vaga",
    "origem_vaga",
    "superior_imediato",
    "nome",
    "telefone",
    "data_inicial",
    "data_final",
    "nome_substituto",
)
_COUNTED = ("candidates", "vacancies", "prospects", "prospect_groups")


def _line(function: str, code: str, fields: tuple[str, ...]) -> str:
    """Return a function that renders the record a list shows, once, when it is written."""
    members = " || ".join(
        f"""',"{name}":' || coalesce(nullif(section -> '{name}', 'null')::text, '""')"""
        for name in fields
    )
    return (
        f"CREATE FUNCTION jobs.{function}(code bigint, section jsonb) RETURNS text"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        f""" RETURN '{{"{code}":' || code::text || {members} || '}}'"""
    )


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS jobs")
    # Lower case without accents, as praca.kit.text.fold.
    op.execute(
        "CREATE FUNCTION jobs.fold(value text) RETURNS text"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        r" RETURN lower(regexp_replace(normalize(value, NFKD), U&'[\0300-\036F]+', '', 'g'))"
    )
    # What may stand in a B-tree: folded, bounded, never null.
    op.execute(
        "CREATE FUNCTION jobs.sort_key(value text) RETURNS text"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        " RETURN left(jobs.fold(coalesce(left(value, 400), '')), 200)"
    )
    # Words of letters and digits only, so that prefixes of any part of "node.js" are found.
    op.execute(
        "CREATE FUNCTION jobs.words(value text) RETURNS tsvector"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        " RETURN to_tsvector('pg_catalog.simple'::regconfig,"
        " regexp_replace(jobs.fold(value), '[^a-z0-9]+', ' ', 'g'))"
    )
    op.execute(
        """
        CREATE FUNCTION jobs.candidate_words(basic jsonb, professional jsonb) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN jobs.words(
            coalesce(left(basic ->> 'nome', 500), '')
            || ' ' || coalesce(left(basic ->> 'email', 500), '')
            || ' ' || coalesce(left(professional ->> 'titulo_profissional', 1000), '')
            || ' ' || coalesce(left(basic ->> 'objetivo_profissional', 2000), '')
            || ' ' || coalesce(left(professional ->> 'conhecimentos_tecnicos', 4000), '')
            || ' ' || coalesce(left(professional ->> 'area_atuacao', 1000), '')
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION jobs.vacancy_words(basic jsonb, profile jsonb) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN jobs.words(
            coalesce(left(basic ->> 'titulo_vaga', 1000), '')
            || ' ' || coalesce(left(basic ->> 'cliente', 500), '')
            || ' ' || coalesce(left(profile ->> 'areas_atuacao', 1000), '')
            || ' ' || coalesce(left(profile ->> 'cidade', 500), '')
            || ' ' || coalesce(left(profile ->> 'competencia_tecnicas_e_comportamentais', 2000), '')
            || ' ' || coalesce(left(profile ->> 'principais_atividades', 2000), '')
        )
        """
    )
    op.execute(_line("candidate_line", "codigo_profissional", _CANDIDATE_LINE))
    op.execute(_line("vacancy_line", "codigo_vaga", _VACANCY_LINE))

    op.execute(
        """
        CREATE TABLE jobs.candidates (
            codigo_profissional bigint CONSTRAINT pk_candidates PRIMARY KEY,
            infos_basicas jsonb NOT NULL,
            informacoes_pessoais jsonb NOT NULL DEFAULT '{}',
            informacoes_profissionais jsonb NOT NULL DEFAULT '{}',
            formacao_e_idiomas jsonb NOT NULL DEFAULT '{}',
            cargo_atual jsonb NOT NULL DEFAULT '{}',
            extras jsonb NOT NULL DEFAULT '{}',
            cv_pt text NOT NULL DEFAULT '',
            cv_en text NOT NULL DEFAULT '',
            changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            nome text GENERATED ALWAYS AS (infos_basicas ->> 'nome') STORED,
            cidade text GENERATED ALWAYS AS (jobs.sort_key(infos_basicas ->> 'local')) STORED,
            area text GENERATED ALWAYS AS
                (jobs.sort_key(informacoes_profissionais ->> 'area_atuacao')) STORED,
            nivel text GENERATED ALWAYS AS
                (jobs.sort_key(informacoes_profissionais ->> 'nivel_profissional')) STORED,
            busca tsvector GENERATED ALWAYS AS
                (jobs.candidate_words(infos_basicas, informacoes_profissionais)) STORED,
            linha text GENERATED ALWAYS AS
                (jobs.candidate_line(codigo_profissional, infos_basicas)) STORED
        )
        """
    )
    op.execute(
        """
        CREATE TABLE jobs.vacancies (
            codigo_vaga bigint CONSTRAINT pk_vacancies PRIMARY KEY,
            infos_basicas jsonb NOT NULL,
            perfil_vaga jsonb NOT NULL DEFAULT '{}',
            beneficios jsonb NOT NULL DEFAULT '{}',
            extras jsonb NOT NULL DEFAULT '{}',
            changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            titulo_vaga text GENERATED ALWAYS AS (infos_basicas ->> 'titulo_vaga') STORED,
            cliente text GENERATED ALWAYS AS (infos_basicas ->> 'cliente') STORED,
            cidade text GENERATED ALWAYS AS (jobs.sort_key(perfil_vaga ->> 'cidade')) STORED,
            area text GENERATED ALWAYS AS (jobs.sort_key(perfil_vaga ->> 'areas_atuacao')) STORED,
            nivel text GENERATED ALWAYS AS
                (jobs.sort_key(perfil_vaga ->> 'nivel_profissional')) STORED,
            busca tsvector GENERATED ALWAYS AS
                (jobs.vacancy_words(infos_basicas, perfil_vaga)) STORED,
            linha text GENERATED ALWAYS AS (jobs.vacancy_line(codigo_vaga, infos_basicas)) STORED
        )
        """
    )
    for table, code, title in (
        ("candidates", "codigo_profissional", "nome"),
        ("vacancies", "codigo_vaga", "titulo_vaga"),
    ):
        op.execute(f"CREATE INDEX ix_{table}_busca ON jobs.{table} USING gin (busca)")
        for column in ("changed_in", "area", "cidade", "nivel"):
            op.execute(f"CREATE INDEX ix_{table}_{column} ON jobs.{table} ({column})")
        op.execute(
            f"CREATE INDEX ix_{table}_{title} ON jobs.{table} (jobs.sort_key({title}), {code})"
        )

    op.execute(
        """
        CREATE TABLE jobs.prospect_groups (
            codigo_vaga bigint NOT NULL,
            titulo_vaga text NOT NULL,
            modalidade text NOT NULL DEFAULT '',
            extras jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT pk_prospect_groups PRIMARY KEY (codigo_vaga, titulo_vaga)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE jobs.prospects (
            id bigint GENERATED BY DEFAULT AS IDENTITY CONSTRAINT pk_prospects PRIMARY KEY,
            codigo_vaga bigint NOT NULL,
            titulo_vaga text NOT NULL,
            nome text NOT NULL,
            codigo_candidato bigint NOT NULL,
            situacao_candidato text NOT NULL,
            data_candidatura text NOT NULL,
            ultima_atualizacao text NOT NULL,
            comentario text,
            recrutador text NOT NULL,
            extras jsonb NOT NULL DEFAULT '{}',
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT uq_prospects_codigo_vaga_codigo_candidato UNIQUE (codigo_vaga, codigo_candidato),
            CONSTRAINT fk_prospects_codigo_vaga_titulo_vaga_prospect_groups
                FOREIGN KEY (codigo_vaga, titulo_vaga)
                REFERENCES jobs.prospect_groups (codigo_vaga, titulo_vaga) ON UPDATE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX ix_prospects_codigo_candidato ON jobs.prospects (codigo_candidato)")
    op.execute(
        "CREATE INDEX ix_prospects_situacao_candidato"
        " ON jobs.prospects (jobs.sort_key(situacao_candidato))"
    )
    op.execute("CREATE INDEX ix_prospects_nome ON jobs.prospects (jobs.sort_key(nome), id)")
    op.execute("CREATE INDEX ix_prospects_words ON jobs.prospects USING gin (jobs.words(nome))")

    _totals()


def _totals() -> None:
    op.execute(
        """
        CREATE TABLE jobs.row_counts (
            entity text NOT NULL,
            slot integer NOT NULL,
            rows bigint NOT NULL,
            CONSTRAINT pk_row_counts PRIMARY KEY (entity, slot)
        ) WITH (fillfactor = 40)
        """
    )
    op.execute("CREATE SEQUENCE jobs.row_count_slots AS integer CYCLE")
    op.execute(
        "CREATE FUNCTION jobs.row_count(counted text) RETURNS bigint"
        " LANGUAGE sql STABLE PARALLEL SAFE"
        " RETURN (SELECT coalesce(sum(rows), 0)::bigint FROM jobs.row_counts"
        " WHERE entity = counted)"
    )
    # A writer takes any slot nobody holds, or opens one: writers never wait for each other, and
    # there are never more slots than there once were writers at a time.
    op.execute(
        """
        CREATE FUNCTION jobs.count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            change bigint;
            free integer;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                DELETE FROM jobs.row_counts WHERE entity = TG_TABLE_NAME;
                RETURN NULL;
            END IF;
            SELECT count(*) INTO change FROM changed;
            IF change = 0 THEN
                RETURN NULL;
            END IF;
            IF TG_OP = 'DELETE' THEN
                change := -change;
            END IF;
            SELECT slot INTO free FROM jobs.row_counts WHERE entity = TG_TABLE_NAME
            ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF FOUND THEN
                UPDATE jobs.row_counts SET rows = rows + change
                WHERE entity = TG_TABLE_NAME AND slot = free;
            ELSE
                INSERT INTO jobs.row_counts (entity, slot, rows)
                VALUES (TG_TABLE_NAME, nextval('jobs.row_count_slots'), change);
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in _COUNTED:
        op.execute(
            f"CREATE TRIGGER count_inserted AFTER INSERT ON jobs.{table}"
            " REFERENCING NEW TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION jobs.count_rows()"
        )
        op.execute(
            f"CREATE TRIGGER count_deleted AFTER DELETE ON jobs.{table}"
            " REFERENCING OLD TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION jobs.count_rows()"
        )
        op.execute(
            f"CREATE TRIGGER count_truncated AFTER TRUNCATE ON jobs.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION jobs.count_rows()"
        )


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
