"""The help desk: chatbot."""

from praca.migrations.environment import run_script

revision = "0017_chatbot"
down_revision = "0016_desk"
branch_labels = None
depends_on = None

_UP = """
-- Where each person is in the conversation. What was said is sealed with his data key.
CREATE TABLE helpdesk.chatbot_states (
    user_id bigint NOT NULL,
    version bigint NOT NULL,
    flow text,
    step text NOT NULL,
    context bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_chatbot_states PRIMARY KEY (user_id)
);
CREATE INDEX ix_chatbot_states_updated_at ON helpdesk.chatbot_states (updated_at);
"""

_DOWN = """
DROP TABLE helpdesk.chatbot_states;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
