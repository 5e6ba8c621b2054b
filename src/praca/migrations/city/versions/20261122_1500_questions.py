"""The help desk: questions."""

from praca.migrations.environment import run_script

revision = "0015_questions"
down_revision = "0014_knowledge"
branch_labels = None
depends_on = None

_UP = """

"""

_DOWN = """

"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
