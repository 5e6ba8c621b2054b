"""What citizens tell of themselves, recoveries of passwords, and e-mails that are to be sent.

Revision ID: 0002_citizens
Revises: 0001_accounts
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002_citizens"
down_revision: str | None = "0001_accounts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCHEMA = "identity"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, kind in (("full_name", sa.Text), ("birth_date", sa.Date), ("phone", sa.Text)):
        op.add_column("accounts", sa.Column(name, kind), schema=_SCHEMA)
    _password_recoveries()
    _notices()


def downgrade() -> None:
    op.drop_table("notices", schema=_SCHEMA)
    op.drop_table("password_recoveries", schema=_SCHEMA)
    for name in ("phone", "birth_date", "full_name"):
        op.drop_column("accounts", name, schema=_SCHEMA)


def _password_recoveries() -> None:
    op.create_table(
        "password_recoveries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("sealed_email", sa.LargeBinary),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("verified_at", _MOMENT),
        sa.Column("token_expires_at", _MOMENT),
        sa.Column("used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_recoveries")),
        sa.UniqueConstraint("email_key", name=op.f("uq_password_recoveries_email_key")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name=op.f("fk_password_recoveries_account_id_accounts"),
            ondelete="CASCADE",
        ),
        schema=_SCHEMA,
    )
    for column in ("account_id", "expires_at"):
        op.create_index(
            f"ix_password_recoveries_{column}", "password_recoveries", [column], schema=_SCHEMA
        )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name=op.f("fk_notices_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "kind IN ('email_changed', 'password_changed')", name=op.f("ck_notices_kind")
        ),
        schema=_SCHEMA,
    )
    op.create_index("ix_notices_account_id", "notices", ["account_id"], schema=_SCHEMA)
