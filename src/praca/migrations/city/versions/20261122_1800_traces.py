"""Which trace a task and a message about a question belong to."""

from praca.migrations.environment import run_script

revision = "0018_traces"
down_revision = "0017_chatbot"
branch_labels = None
depends_on = None

_UP = """
-- A column, and no argument of the queue's job: a worker of the release before knows no such
-- argument, and would fail. It does not look at the column, and leaves it empty.
ALTER TABLE platform.task_runs ADD COLUMN traceparent text;
COMMENT ON COLUMN platform.task_runs.traceparent IS
    'the span that asked for it (W3C Trace Context)';
ALTER TABLE helpdesk.messages ADD COLUMN traceparent text;
COMMENT ON COLUMN helpdesk.messages.traceparent IS 'the span that sent it (W3C Trace Context)';
"""

_DOWN = """
ALTER TABLE helpdesk.messages DROP COLUMN traceparent;
ALTER TABLE platform.task_runs DROP COLUMN traceparent;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
