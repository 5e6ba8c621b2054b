"""Audit, tasks, and the queue."""

from procrastinate.schema import SchemaManager

from praca.migrations.environment import run_script

revision = "0001_platform"
down_revision = None

_OWN = """
CREATE TABLE platform.audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit_log PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id bigint,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text,
    request_id text,
    address text
);
CREATE INDEX ix_audit_log_resource_type_resource_id
    ON platform.audit_log (resource_type, resource_id);
CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER audit_log_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TABLE platform.task_runs (
    id uuid NOT NULL CONSTRAINT pk_task_runs PRIMARY KEY,
    kind text NOT NULL,
    status text NOT NULL
        CONSTRAINT ck_task_runs_status CHECK (status IN
            ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    args jsonb NOT NULL DEFAULT '{}',
    exclusive_key text,
    owner_id bigint,
    job_id bigint,
    attempt integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    progress_done bigint NOT NULL DEFAULT 0,
    progress_total bigint,
    message text NOT NULL DEFAULT '',
    result jsonb,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE UNIQUE INDEX uq_task_runs_exclusive_key ON platform.task_runs (exclusive_key)
    WHERE status IN ('queued', 'running');
CREATE INDEX ix_task_runs_created_at ON platform.task_runs (created_at);

CREATE TABLE platform.models (
    name text NOT NULL,
    version integer NOT NULL,
    object_key text NOT NULL,
    manifest jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    promoted_at timestamptz,
    CONSTRAINT pk_models PRIMARY KEY (name, version)
);
CREATE TABLE platform.model_aliases (
    name text NOT NULL,
    alias text NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_model_aliases PRIMARY KEY (name, alias),
    CONSTRAINT fk_model_aliases_name_version_models
        FOREIGN KEY (name, version) REFERENCES platform.models (name, version)
);
"""


def upgrade() -> None:
    run_script(_OWN)
    run_script(SchemaManager.get_schema())


def downgrade() -> None:
    raise RuntimeError("the first migration is not undone; drop the database instead")
