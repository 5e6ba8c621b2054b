"""The journal of requests and predictions."""

from praca.migrations.environment import run_script

revision = "0013_journal"
down_revision = "0012_scraper"
branch_labels = None
depends_on = None

_UP = "SELECT 1"
_DOWN = "SELECT 1"


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
