"""Accounts being erased, and the one change that the audit allows."""

from praca.migrations.environment import run_script

revision = "0004_erasure"
down_revision = "0003_social"
branch_labels = None
depends_on = None

_UP = """
ALTER TABLE identity.accounts ADD COLUMN erasing_at timestamptz;
CREATE INDEX ix_accounts_erasing_at ON identity.accounts (erasing_at)
    WHERE erasing_at IS NOT NULL;
CREATE INDEX ix_audit_log_actor_id ON identity.audit_log (actor_id);
CREATE INDEX ix_audit_log_resource_type_resource_id
    ON identity.audit_log (resource_type, resource_id);
CREATE INDEX ix_audit_log_erased_at ON identity.audit_log (at)
    WHERE action = 'identity.account_erased';

-- Where from, and which request, may be blanked in the rows of the one account that the
-- transaction names; whatever else would change, and any other row, is refused.
CREATE OR REPLACE FUNCTION identity.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('praca.forget_actor', true), '') <> '' THEN
        RETURN NULL; -- of a statement's trigger nobody reads it: each row has its own
    END IF;
    RAISE EXCEPTION 'identity.audit_log is append-only' USING ERRCODE = '42501';
END
$$;
CREATE FUNCTION identity.allow_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    blanked identity.audit_log := OLD;
BEGIN
    blanked.address := NULL;
    blanked.request_id := NULL;
    IF OLD.actor_id::text IS DISTINCT FROM current_setting('praca.forget_actor', true)
       OR NEW IS DISTINCT FROM blanked THEN
        RAISE EXCEPTION 'identity.audit_log is append-only' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_log_allows_forgetting
    BEFORE UPDATE ON identity.audit_log
    FOR EACH ROW EXECUTE FUNCTION identity.allow_forgetting();
"""

_DOWN = """
DROP TRIGGER audit_log_allows_forgetting ON identity.audit_log;
DROP FUNCTION identity.allow_forgetting();
CREATE OR REPLACE FUNCTION identity.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'identity.audit_log is append-only' USING ERRCODE = '42501';
END
$$;
DROP INDEX identity.ix_audit_log_erased_at;
DROP INDEX identity.ix_audit_log_actor_id;
DROP INDEX identity.ix_audit_log_resource_type_resource_id;
DROP INDEX identity.ix_accounts_erasing_at;
ALTER TABLE identity.accounts DROP COLUMN erasing_at;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
