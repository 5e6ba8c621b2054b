"""Which trace a task and a message about a question belong to."""

from alembic import op

from praca.migrations.environment import run_script

revision = "0018_traces"
down_revision = "0017_chatbot"
branch_labels = None
depends_on = None

_TASKS = """
-- A column, and no argument of the queue's job: a worker of the release before knows no such
-- argument, and would fail. It does not look at the column, and leaves it empty.
ALTER TABLE platform.task_runs ADD COLUMN IF NOT EXISTS traceparent text;
COMMENT ON COLUMN platform.task_runs.traceparent IS
    'the span that asked for it (W3C Trace Context)';
"""
_MESSAGES = """
-- safe: in a transaction of its own, so that no request that uses both tables meets it as a
-- deadlock; done twice if the first time ended between the two.
ALTER TABLE helpdesk.messages ADD COLUMN IF NOT EXISTS traceparent text;
COMMENT ON COLUMN helpdesk.messages.traceparent IS 'the span that sent it (W3C Trace Context)';
"""

_DOWN = """
ALTER TABLE helpdesk.messages DROP COLUMN traceparent;
ALTER TABLE platform.task_runs DROP COLUMN traceparent;
"""


def upgrade() -> None:
    run_script(_TASKS)
    with op.get_context().autocommit_block():
        run_script(_MESSAGES)


def downgrade() -> None:
    run_script(_DOWN)
