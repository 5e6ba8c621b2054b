"""Pix: charges with their states, payments, the provider's notices; the simulated provider."""

from alembic import op

from praca.migrations.environment import run_script

revision = "0009_pix"
down_revision = "0008_documents"
branch_labels = None
depends_on = None

_STATUSES = "'created', 'paid', 'credited', 'refunding', 'refunded', 'expired', 'cancelled'"


def upgrade() -> None:
    _charges()
    _payments()
    _events()
    _simulator()


def _charges() -> None:
    op.execute(
        f"""
        CREATE TABLE wallet.pix_charges (
            id uuid NOT NULL,
            txid text NOT NULL,
            user_id bigint,
            card_id bigint,
            amount bigint NOT NULL,
            status text NOT NULL,
            br_code text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ask_at timestamptz,
            asked integer NOT NULL DEFAULT 0,
            CONSTRAINT pk_pix_charges PRIMARY KEY (id),
            CONSTRAINT uq_pix_charges_txid UNIQUE (txid),
            CONSTRAINT fk_pix_charges_card_id_cards
                FOREIGN KEY (card_id) REFERENCES wallet.cards (id) ON DELETE SET NULL,
            CONSTRAINT ck_pix_charges_amount CHECK (amount > 0),
            CONSTRAINT ck_pix_charges_status CHECK (status IN ({_STATUSES})),
            CONSTRAINT ck_pix_charges_expires_at CHECK (expires_at > created_at)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_pix_charges_user_id_created_at ON wallet.pix_charges (user_id, created_at)"
    )
    op.execute("CREATE INDEX ix_pix_charges_card_id ON wallet.pix_charges (card_id)")
    op.execute(
        "CREATE INDEX ix_pix_charges_ask_at ON wallet.pix_charges (ask_at) WHERE ask_at IS NOT NULL"
    )
    run_script(
        f"""
        CREATE TABLE wallet.pix_charge_states (
            charge_id uuid NOT NULL,
            number smallint NOT NULL,
            status text NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT pk_pix_charge_states PRIMARY KEY (charge_id, number),
            CONSTRAINT fk_pix_charge_states_charge_id_pix_charges
                FOREIGN KEY (charge_id) REFERENCES wallet.pix_charges (id),
            CONSTRAINT ck_pix_charge_states_status CHECK (status IN ({_STATUSES}))
        );
        CREATE TRIGGER pix_charge_states_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.pix_charge_states
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        CREATE TRIGGER pix_charges_stay
        BEFORE DELETE OR TRUNCATE ON wallet.pix_charges
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        """
    )


def _payments() -> None:
    run_script(
        """
        CREATE TABLE wallet.pix_payments (
            end_to_end_id text NOT NULL,
            charge_id uuid NOT NULL,
            amount bigint NOT NULL,
            paid_at timestamptz NOT NULL,
            status text NOT NULL,
            reason text,
            noted_at timestamptz NOT NULL,
            settled_at timestamptz,
            returned_at timestamptz,
            retry_at timestamptz,
            tries integer NOT NULL DEFAULT 0,
            CONSTRAINT pk_pix_payments PRIMARY KEY (end_to_end_id),
            CONSTRAINT fk_pix_payments_charge_id_pix_charges
                FOREIGN KEY (charge_id) REFERENCES wallet.pix_charges (id),
            CONSTRAINT ck_pix_payments_amount CHECK (amount > 0),
            CONSTRAINT ck_pix_payments_status
                CHECK (status IN ('credited', 'refunding', 'refunded')),
            CONSTRAINT ck_pix_payments_reason CHECK ((status = 'credited') = (reason IS NULL)),
            CONSTRAINT ck_pix_payments_settled_at
                CHECK ((status = 'refunding') = (settled_at IS NULL)),
            CONSTRAINT ck_pix_payments_retry_at
                CHECK (status <> 'refunding' OR retry_at IS NOT NULL)
        );
        CREATE TRIGGER pix_payments_stay
        BEFORE DELETE OR TRUNCATE ON wallet.pix_payments
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        """
    )
    op.execute("CREATE INDEX ix_pix_payments_charge_id ON wallet.pix_payments (charge_id)")
    # Whatever a program does wrong: of a charge's payments one is credited.
    op.execute(
        "CREATE UNIQUE INDEX uq_pix_payments_credited ON wallet.pix_payments (charge_id)"
        " WHERE status = 'credited'"
    )
    op.execute(
        "CREATE INDEX ix_pix_payments_retry_at ON wallet.pix_payments (retry_at)"
        " WHERE retry_at IS NOT NULL"
    )


def _events() -> None:
    op.execute(
        """
        CREATE TABLE wallet.pix_events (
            id text NOT NULL,
            type text NOT NULL,
            txid text NOT NULL,
            end_to_end_id text NOT NULL,
            amount bigint NOT NULL,
            outcome text NOT NULL,
            received_at timestamptz NOT NULL,
            CONSTRAINT pk_pix_events PRIMARY KEY (id),
            CONSTRAINT ck_pix_events_outcome CHECK (outcome IN ('applied', 'known', 'unmatched'))
        )
        """
    )
    op.execute("CREATE INDEX ix_pix_events_received_at ON wallet.pix_events (received_at)")


def _simulator() -> None:
    op.execute(
        """
        CREATE TABLE wallet.pix_sim_charges (
            txid text NOT NULL,
            location text NOT NULL,
            amount bigint NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_pix_sim_charges PRIMARY KEY (txid),
            CONSTRAINT uq_pix_sim_charges_location UNIQUE (location)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE wallet.pix_sim_payments (
            end_to_end_id text NOT NULL,
            txid text NOT NULL,
            amount bigint NOT NULL,
            paid_at timestamptz NOT NULL,
            refund_id text,
            refunded_at timestamptz,
            CONSTRAINT pk_pix_sim_payments PRIMARY KEY (end_to_end_id),
            CONSTRAINT fk_pix_sim_payments_txid_pix_sim_charges
                FOREIGN KEY (txid) REFERENCES wallet.pix_sim_charges (txid),
            CONSTRAINT ck_pix_sim_payments_amount CHECK (amount > 0),
            CONSTRAINT ck_pix_sim_payments_refund
                CHECK ((refund_id IS NULL) = (refunded_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_pix_sim_payments_txid ON wallet.pix_sim_payments (txid)")
    op.execute(
        """
        CREATE TABLE wallet.pix_sim_notices (
            id bigint GENERATED ALWAYS AS IDENTITY,
            body text NOT NULL,
            copies smallint NOT NULL,
            due_at timestamptz NOT NULL,
            tries smallint NOT NULL DEFAULT 0,
            CONSTRAINT pk_pix_sim_notices PRIMARY KEY (id),
            CONSTRAINT ck_pix_sim_notices_copies CHECK (copies > 0)
        )
        """
    )
    op.execute("CREATE INDEX ix_pix_sim_notices_due_at ON wallet.pix_sim_notices (due_at)")


def downgrade() -> None:
    for table in ("notices", "payments", "charges"):
        op.execute(f"DROP TABLE wallet.pix_sim_{table}")
    for table in ("events", "payments", "charge_states", "charges"):
        op.execute(f"DROP TABLE wallet.pix_{table}")
