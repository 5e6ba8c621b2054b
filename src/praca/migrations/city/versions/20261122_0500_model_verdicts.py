"""What the gate said of each version, its tracked run, and what shadow versions would answer."""

from alembic import op

revision = "0005_model_verdicts"
down_revision = "0004_model_rollback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE platform.models ADD COLUMN verdict jsonb, ADD COLUMN tracking_run text")
    op.execute(
        """
        CREATE TABLE platform.shadow_scores (
            name text NOT NULL,
            champion integer NOT NULL,
            challenger integer NOT NULL,
            answers bigint NOT NULL,
            failures bigint NOT NULL,
            flips bigint NOT NULL,
            sum_difference double precision NOT NULL,
            sum_absolute double precision NOT NULL,
            largest double precision NOT NULL,
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_shadow_scores PRIMARY KEY (name, champion, challenger)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE platform.shadow_scores")
    op.execute("ALTER TABLE platform.models DROP COLUMN verdict, DROP COLUMN tracking_run")
