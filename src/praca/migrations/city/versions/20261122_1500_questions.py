"""The help desk: questions."""

from praca.migrations.environment import run_script

revision = "0015_questions"
down_revision = "0014_knowledge"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE helpdesk.sessions (
    id uuid NOT NULL,
    name text NOT NULL,
    user_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_sessions PRIMARY KEY (id)
);
COMMENT ON COLUMN helpdesk.sessions.id IS 'a secret: who knows it reads an anonymous session';
CREATE UNIQUE INDEX uq_sessions_user_id ON helpdesk.sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ix_sessions_created_at ON helpdesk.sessions USING brin (created_at);

-- Room is left in each page, so that an answer lies beside its question and no index changes.
CREATE TABLE helpdesk.questions (
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    question text NOT NULL,
    status text NOT NULL,
    answer text,
    error text,
    details jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    notified_at timestamptz,
    CONSTRAINT pk_questions PRIMARY KEY (id),
    CONSTRAINT ck_questions_status CHECK (status IN ('pendente', 'respondida', 'erro')),
    CONSTRAINT fk_questions_session_id_sessions FOREIGN KEY (session_id)
        REFERENCES helpdesk.sessions (id) ON DELETE CASCADE
) WITH (fillfactor = 60);
CREATE INDEX ix_questions_session_id_created_at ON helpdesk.questions (session_id, created_at);
CREATE INDEX ix_questions_created_at ON helpdesk.questions USING brin (created_at);

-- A queue: no column that changes while a message waits is in an index, and what is done is
-- cleared away soon.
CREATE TABLE helpdesk.messages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    topic text NOT NULL,
    question_id uuid NOT NULL,
    session_id uuid NOT NULL,
    deliveries integer NOT NULL DEFAULT 0,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    lease uuid,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    dead_at timestamptz,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT ck_messages_topic CHECK (topic IN ('process-question', 'notify-response'))
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
COMMENT ON COLUMN helpdesk.messages.leased_until IS 'before it nobody takes the message';
COMMENT ON COLUMN helpdesk.messages.dead_at IS 'when it was laid aside: only a person sends it again';
CREATE INDEX ix_messages_waiting ON helpdesk.messages (topic, id) WHERE dead_at IS NULL;
CREATE INDEX ix_messages_session ON helpdesk.messages (session_id, topic, id)
    WHERE dead_at IS NULL;
CREATE INDEX ix_messages_dead ON helpdesk.messages (id) WHERE dead_at IS NOT NULL;

-- Whoever asks in a session waits here for the one before him, so no two pass a limit together,
-- and messages have the order in which their questions were committed. Each statement of a
-- function sees what was committed while the one before it waited. Foreign keys do not wait.
CREATE FUNCTION helpdesk.hold_session(
    the_session uuid, since timestamptz, OUT waiting bigint, OUT asked bigint
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM helpdesk.sessions WHERE id = the_session FOR NO KEY UPDATE;
    SELECT count(*) INTO waiting FROM helpdesk.messages
    WHERE session_id = the_session AND topic = 'process-question' AND dead_at IS NULL;
    SELECT count(*) INTO asked FROM helpdesk.questions
    WHERE session_id = the_session AND created_at > since;
END $$;
"""

_DOWN = """
DROP FUNCTION helpdesk.hold_session;
DROP TABLE helpdesk.messages;
DROP TABLE helpdesk.questions;
DROP TABLE helpdesk.sessions;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
