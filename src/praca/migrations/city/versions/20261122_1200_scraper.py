"""The scraper's frontier, its crawls and its quarantine."""

from praca.migrations.environment import run_script

revision = "0012_scraper"
down_revision = "0011_library"
branch_labels = None
depends_on = None

_UP = "SELECT 1"
_DOWN = "SELECT 1"


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
