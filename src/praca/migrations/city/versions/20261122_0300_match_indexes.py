"""Where the saved indexes of the matcher lie."""

from alembic import op

revision = "0003_match_indexes"
down_revision = "0002_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE jobs.match_indexes (
            version integer NOT NULL,
            kind text NOT NULL,
            object_key text NOT NULL,
            position text NOT NULL,
            server text NOT NULL,
            saved_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_match_indexes PRIMARY KEY (version, kind)
        )
        """
    )
    op.execute(
        "COMMENT ON COLUMN jobs.match_indexes.position IS 'pg_snapshot: whose rows are in it'"
    )
    op.execute(
        "COMMENT ON COLUMN jobs.match_indexes.server IS 'the server that numbered the transactions'"
    )


def downgrade() -> None:
    op.execute("DROP TABLE jobs.match_indexes")
