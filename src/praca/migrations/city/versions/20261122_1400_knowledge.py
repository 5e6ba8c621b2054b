"""The help desk: knowledge."""

from praca.migrations.environment import run_script

revision = "0014_knowledge"
down_revision = "0013_journal"
branch_labels = None
depends_on = None

_UP = """
CREATE SCHEMA helpdesk;
"""

_DOWN = """
DROP SCHEMA helpdesk;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
