"""The help desk: desk."""

from praca.migrations.environment import run_script

revision = "0016_desk"
down_revision = "0015_questions"
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
