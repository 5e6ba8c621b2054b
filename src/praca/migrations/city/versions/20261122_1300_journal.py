"""The journal of requests and predictions, and what makes its retention cheap."""

from praca.migrations.environment import run_script

revision = "0013_journal"
down_revision = "0012_scraper"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE platform.request_log (
    at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    method text NOT NULL,
    route text NOT NULL,
    status smallint NOT NULL,
    ms double precision NOT NULL,
    user_id bigint,
    CONSTRAINT pk_request_log PRIMARY KEY (at, id)
);
COMMENT ON COLUMN platform.request_log.at IS 'when the answer was complete';
COMMENT ON COLUMN platform.request_log.route IS 'template of the path, never the path';
CREATE INDEX ix_request_log_user_id ON platform.request_log (user_id, at)
    WHERE user_id IS NOT NULL;
CREATE INDEX ix_request_log_refused ON platform.request_log (at, id) WHERE status >= 400;

CREATE TABLE platform.prediction_log (
    at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    model text NOT NULL,
    version integer NOT NULL,
    input_hash bytea NOT NULL,
    output text NOT NULL,
    ms double precision NOT NULL,
    CONSTRAINT pk_prediction_log PRIMARY KEY (at, id)
);
COMMENT ON COLUMN platform.prediction_log.input_hash IS 'keyed: inputs can be guessed';

CREATE TABLE platform.journal_drops (
    at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    lines bigint NOT NULL,
    CONSTRAINT pk_journal_drops PRIMARY KEY (at, id)
);
COMMENT ON TABLE platform.journal_drops IS 'lines that found no place in a full buffer';

CREATE TABLE platform.journal_writers (
    id uuid NOT NULL,
    batch bigint NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_journal_writers PRIMARY KEY (id)
);
COMMENT ON TABLE platform.journal_writers IS 'the last batch of each process: none is written twice';

CREATE INDEX ix_task_runs_finished_at ON platform.task_runs (finished_at)
    WHERE finished_at IS NOT NULL;
"""

_DOWN = """
DROP INDEX platform.ix_task_runs_finished_at;
DROP TABLE platform.journal_writers;
DROP TABLE platform.journal_drops;
DROP TABLE platform.prediction_log;
DROP TABLE platform.request_log;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
