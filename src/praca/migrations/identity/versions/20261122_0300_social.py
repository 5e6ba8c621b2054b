"""Sign-in by way of other providers, and accounts without a password.

Revision ID: 0003_social
Revises: 0001_accounts
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003_social"
down_revision = "0002_citizens"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCHEMA = "identity"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # The release before compares a password with no hash as it does for an unknown name.
    op.alter_column("accounts", "password_hash", nullable=True, schema=_SCHEMA)
    _attempts()
    _registrations()
    _links()


def downgrade() -> None:
    for table in ("linked_identities", "social_registrations", "social_attempts"):
        op.drop_table(table, schema=_SCHEMA)
    # No password has an empty hash, so these accounts stay without one.
    op.execute("UPDATE identity.accounts SET password_hash = '' WHERE password_hash IS NULL")
    op.alter_column("accounts", "password_hash", nullable=False, schema=_SCHEMA)


def _attempts() -> None:
    op.create_table(
        "social_attempts",
        sa.Column("state_hash", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("browser_hash", sa.Text, nullable=False),
        sa.Column("code_verifier", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_social_attempts")),
        schema=_SCHEMA,
    )
    _index("social_attempts", "expires_at")


def _registrations() -> None:
    op.create_table(
        "social_registrations",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("verified_email", sa.Text),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_social_registrations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_social_registrations_token_hash")),
        schema=_SCHEMA,
    )
    _index("social_registrations", "expires_at")


def _links() -> None:
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identities")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name=op.f("fk_linked_identities_account_id_accounts"),
            ondelete="CASCADE",
        ),
        schema=_SCHEMA,
    )
    for columns in (("account_id", "provider"), ("provider", "subject")):
        op.create_index(
            f"uq_linked_identities_{'_'.join(columns)}",
            "linked_identities",
            list(columns),
            unique=True,
            schema=_SCHEMA,
        )


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], schema=_SCHEMA)
