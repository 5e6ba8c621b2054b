"""The help desk: chatbot."""

from praca.migrations.environment import run_script

revision = "0017_chatbot"
down_revision = "0016_desk"
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
