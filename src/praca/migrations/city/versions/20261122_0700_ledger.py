"""The ledger: accounts, transfers, entries; transport cards; answers kept for repeated requests."""

from alembic import op

from praca.migrations.environment import run_script

revision = "0007_ledger"
down_revision = "0006_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS wallet")
    _accounts()
    _transfers()
    _append_only()
    _cards()
    _answers()


def _accounts() -> None:
    op.execute(
        """
        CREATE TABLE wallet.accounts (
            id bigint GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL,
            state text NOT NULL DEFAULT 'open',
            floor bigint,
            balance bigint NOT NULL DEFAULT 0,
            entries bigint NOT NULL DEFAULT 0,
            head bytea NOT NULL DEFAULT '\\x',
            latest_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_accounts PRIMARY KEY (id),
            CONSTRAINT ck_accounts_kind
                CHECK (kind IN ('card', 'recharges', 'fares', 'pix', 'surrendered')),
            CONSTRAINT ck_accounts_state CHECK (state IN ('open', 'blocked', 'closed')),
            CONSTRAINT ck_accounts_card_floor CHECK (kind <> 'card' OR coalesce(floor = 0, false)),
            CONSTRAINT ck_accounts_no_overdraft CHECK (balance >= floor),
            CONSTRAINT ck_accounts_entries CHECK (entries >= 0),
            CONSTRAINT ck_accounts_unused CHECK (entries > 0 OR balance = 0)
        )
        """
    )
    # Of the city's own accounts there is one of each kind.
    op.execute(
        "CREATE UNIQUE INDEX uq_accounts_kind ON wallet.accounts (kind) WHERE kind <> 'card'"
    )


def _transfers() -> None:
    op.execute("CREATE SEQUENCE wallet.transfer_ids")
    op.execute(
        """
        CREATE TABLE wallet.transfers (
            id bigint NOT NULL,
            source_id bigint NOT NULL,
            destination_id bigint NOT NULL,
            amount bigint NOT NULL,
            kind text NOT NULL,
            reference text NOT NULL,
            idempotency_key text,
            input_hash bytea,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_transfers PRIMARY KEY (id),
            CONSTRAINT uq_transfers_idempotency_key UNIQUE (idempotency_key),
            CONSTRAINT fk_transfers_source_id_accounts
                FOREIGN KEY (source_id) REFERENCES wallet.accounts (id),
            CONSTRAINT fk_transfers_destination_id_accounts
                FOREIGN KEY (destination_id) REFERENCES wallet.accounts (id),
            CONSTRAINT ck_transfers_amount CHECK (amount > 0),
            CONSTRAINT ck_transfers_two_accounts CHECK (source_id <> destination_id),
            CONSTRAINT ck_transfers_hashed_input
                CHECK ((idempotency_key IS NULL) = (input_hash IS NULL))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE wallet.entries (
            account_id bigint NOT NULL,
            number bigint NOT NULL,
            transfer_id bigint NOT NULL,
            amount bigint NOT NULL,
            balance bigint NOT NULL,
            hash bytea NOT NULL,
            CONSTRAINT pk_entries PRIMARY KEY (account_id, number),
            CONSTRAINT fk_entries_account_id_accounts
                FOREIGN KEY (account_id) REFERENCES wallet.accounts (id),
            CONSTRAINT fk_entries_transfer_id_transfers
                FOREIGN KEY (transfer_id) REFERENCES wallet.transfers (id),
            CONSTRAINT ck_entries_amount CHECK (amount <> 0),
            CONSTRAINT ck_entries_number CHECK (number > 0),
            CONSTRAINT ck_entries_first CHECK (number > 1 OR balance = amount),
            CONSTRAINT ck_entries_hash CHECK (octet_length(hash) = 32)
        )
        """
    )


def _append_only() -> None:
    run_script(
        """
        CREATE FUNCTION wallet.refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = '42501';
        END
        $$;
        CREATE TRIGGER transfers_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.transfers
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        CREATE TRIGGER entries_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet.entries
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        CREATE TRIGGER accounts_stay
        BEFORE DELETE OR TRUNCATE ON wallet.accounts
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        CREATE TRIGGER accounts_keep_their_rules
        BEFORE UPDATE OF id, kind, floor ON wallet.accounts
        FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_ledger_change();
        """
    )


def _cards() -> None:
    op.execute(
        """
        CREATE TABLE wallet.cards (
            id bigint GENERATED ALWAYS AS IDENTITY,
            user_id bigint NOT NULL,
            card_number text NOT NULL,
            account_id bigint NOT NULL,
            is_first boolean NOT NULL DEFAULT false,
            issued_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_cards PRIMARY KEY (id),
            CONSTRAINT uq_cards_card_number UNIQUE (card_number),
            CONSTRAINT uq_cards_account_id UNIQUE (account_id),
            CONSTRAINT fk_cards_account_id_accounts
                FOREIGN KEY (account_id) REFERENCES wallet.accounts (id),
            CONSTRAINT ck_cards_card_number CHECK (card_number ~ '^[0-9]{16}$')
        )
        """
    )
    op.execute("CREATE INDEX ix_cards_user_id ON wallet.cards (user_id)")
    # The card that comes with a registration comes once, however often it is asked for.
    op.execute("CREATE UNIQUE INDEX uq_cards_first ON wallet.cards (user_id) WHERE is_first")


def _answers() -> None:
    op.execute(
        """
        CREATE TABLE platform.idempotent_answers (
            actor_id bigint NOT NULL,
            key text NOT NULL,
            input_hash bytea NOT NULL,
            status smallint NOT NULL,
            media_type text NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_idempotent_answers PRIMARY KEY (actor_id, key)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_idempotent_answers_created_at ON platform.idempotent_answers (created_at)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE platform.idempotent_answers")
    for table in ("cards", "entries", "transfers", "accounts"):
        op.execute(f"DROP TABLE wallet.{table}")
    op.execute("DROP SEQUENCE wallet.transfer_ids")
    op.execute("DROP FUNCTION wallet.refuse_ledger_change()")
