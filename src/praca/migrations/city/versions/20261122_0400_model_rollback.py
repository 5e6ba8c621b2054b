"""Which version of a model answered before."""

from alembic import op

revision = "0004_model_rollback"
down_revision = "0003_match_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE platform.model_aliases ADD COLUMN previous integer,"
        " ADD CONSTRAINT fk_model_aliases_name_previous_models"
        " FOREIGN KEY (name, previous) REFERENCES platform.models (name, version)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE platform.model_aliases DROP COLUMN previous")
