"""Scores kept for later, whose candidate an account is, and reviews of scores by people."""

from alembic import op

revision = "0006_reviews"
down_revision = "0005_model_verdicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whatever tells of a candidate goes with the candidate, in the same statement.
    op.execute(
        """
        CREATE TABLE jobs.candidate_accounts (
            account_id bigint NOT NULL,
            codigo_profissional bigint NOT NULL,
            linked_by bigint,
            linked_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_candidate_accounts PRIMARY KEY (account_id),
            CONSTRAINT uq_candidate_accounts_codigo_profissional UNIQUE (codigo_profissional),
            CONSTRAINT fk_candidate_accounts_codigo_profissional_candidates
                FOREIGN KEY (codigo_profissional)
                REFERENCES jobs.candidates (codigo_profissional) ON DELETE CASCADE
        )
        """
    )
    op.execute(
        """
        CREATE TABLE jobs.score_snapshots (
            hash text NOT NULL,
            version integer NOT NULL,
            codigo_vaga bigint NOT NULL,
            codigo_candidato bigint NOT NULL,
            candidate jsonb NOT NULL,
            vacancy jsonb NOT NULL,
            logit double precision NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_score_snapshots PRIMARY KEY (hash),
            CONSTRAINT fk_score_snapshots_codigo_candidato_candidates
                FOREIGN KEY (codigo_candidato)
                REFERENCES jobs.candidates (codigo_profissional) ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_score_snapshots_codigo_candidato"
        " ON jobs.score_snapshots (codigo_candidato)"
    )
    op.execute(
        """
        CREATE TABLE jobs.reviews (
            id uuid NOT NULL,
            codigo_candidato bigint NOT NULL,
            codigo_vaga bigint NOT NULL,
            snapshot_hash text NOT NULL,
            motivo text NOT NULL,
            status text NOT NULL DEFAULT 'pendente',
            prazo timestamptz NOT NULL,
            requested_by bigint,
            account_id bigint,
            requested_at timestamptz NOT NULL DEFAULT now(),
            reviewer_id bigint,
            decisao text,
            justificativa text,
            encaminhar boolean NOT NULL DEFAULT false,
            decided_by bigint,
            decided_at timestamptz,
            CONSTRAINT pk_reviews PRIMARY KEY (id),
            CONSTRAINT fk_reviews_codigo_candidato_candidates
                FOREIGN KEY (codigo_candidato)
                REFERENCES jobs.candidates (codigo_profissional) ON DELETE CASCADE,
            CONSTRAINT fk_reviews_snapshot_hash_score_snapshots
                FOREIGN KEY (snapshot_hash)
                REFERENCES jobs.score_snapshots (hash) ON DELETE CASCADE,
            CONSTRAINT ck_reviews_status
                CHECK (status IN ('pendente', 'em_analise', 'decidida', 'cancelada')),
            CONSTRAINT ck_reviews_decisao
                CHECK (decisao IN ('mantida', 'revista', 'sem_efeito')),
            CONSTRAINT ck_reviews_decided CHECK (
                (status = 'decidida')
                = (decisao IS NOT NULL AND justificativa IS NOT NULL AND decided_at IS NOT NULL)
            )
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_reviews_open ON jobs.reviews (codigo_candidato, codigo_vaga)"
        " WHERE status IN ('pendente', 'em_analise')"
    )
    op.execute("CREATE INDEX ix_reviews_codigo_candidato ON jobs.reviews (codigo_candidato)")
    op.execute("CREATE INDEX ix_reviews_snapshot_hash ON jobs.reviews (snapshot_hash)")
    op.execute("CREATE INDEX ix_reviews_prazo_id ON jobs.reviews (prazo, id)")


def downgrade() -> None:
    op.execute("DROP TABLE jobs.reviews")
    op.execute("DROP TABLE jobs.score_snapshots")
    op.execute("DROP TABLE jobs.candidate_accounts")
