"""Candidates who were erased, and the one change that the audit allows."""

from praca.migrations.environment import run_script

revision = "0010_erasure"
down_revision = "0009_pix"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE jobs.erased_candidates (
    codigo_profissional bigint NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    cleaned_at timestamptz,
    CONSTRAINT pk_erased_candidates PRIMARY KEY (codigo_profissional)
);
COMMENT ON COLUMN jobs.erased_candidates.cleaned_at IS
    'when no file or saved index held the person any more';
CREATE INDEX ix_erased_candidates_uncleaned ON jobs.erased_candidates (codigo_profissional)
    WHERE cleaned_at IS NULL;
CREATE INDEX ix_audit_log_actor_id ON platform.audit_log (actor_id);
CREATE INDEX ix_task_runs_owner_id ON platform.task_runs (owner_id);

-- Where from, and which request, may be blanked in the rows of the one account that the
-- transaction names; whatever else would change, and any other row, is refused.
CREATE OR REPLACE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('praca.forget_actor', true), '') <> '' THEN
        RETURN NULL; -- of a statement's trigger nobody reads it: each row has its own
    END IF;
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE FUNCTION platform.allow_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    blanked platform.audit_log := OLD;
BEGIN
    blanked.address := NULL;
    blanked.request_id := NULL;
    IF OLD.actor_id::text IS DISTINCT FROM current_setting('praca.forget_actor', true)
       OR NEW IS DISTINCT FROM blanked THEN
        RAISE EXCEPTION 'the audit is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_log_allows_forgetting
    BEFORE UPDATE ON platform.audit_log
    FOR EACH ROW EXECUTE FUNCTION platform.allow_forgetting();
"""

_DOWN = """
DROP TRIGGER audit_log_allows_forgetting ON platform.audit_log;
DROP FUNCTION platform.allow_forgetting();
CREATE OR REPLACE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
DROP INDEX platform.ix_task_runs_owner_id;
DROP INDEX platform.ix_audit_log_actor_id;
DROP TABLE jobs.erased_candidates;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
