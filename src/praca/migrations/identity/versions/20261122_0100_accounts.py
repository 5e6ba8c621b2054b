"""Accounts, refresh tokens, failed sign-ins, question sessions and their audit.

Revision ID: 0001_accounts
Revises:
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001_accounts"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCHEMA = "identity"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS identity")
    _accounts()
    _refresh_tokens()
    _sign_in_failures()
    _question_sessions()
    _audit()


def downgrade() -> None:
    for table in ("question_sessions", "sign_in_failures", "refresh_tokens", "accounts"):
        op.drop_table(table, schema=_SCHEMA)
    op.drop_table("audit_log", schema=_SCHEMA)
    op.execute("DROP FUNCTION identity.refuse_audit_change()")


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("cpf", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("token_version", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("is_active", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("cpf", name=op.f("uq_accounts_cpf")),
        sa.CheckConstraint(
            "role IN ('usuario', 'recrutador', 'bibliotecario', 'operador', 'admin')",
            name=op.f("ck_accounts_role"),
        ),
        schema=_SCHEMA,
    )
    for column in ("username", "email"):
        op.create_index(
            f"uq_accounts_lower_{column}",
            "accounts",
            [sa.text(f"lower({column})")],
            unique=True,
            schema=_SCHEMA,
        )


def _refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("family", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("replaced_by", sa.BigInteger),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name=op.f("fk_refresh_tokens_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
        schema=_SCHEMA,
    )
    for column in ("family", "account_id", "expires_at"):
        op.create_index(f"ix_refresh_tokens_{column}", "refresh_tokens", [column], schema=_SCHEMA)


def _sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("window_started", _MOMENT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
        schema=_SCHEMA,
    )
    op.create_index(
        "ix_sign_in_failures_window_started", "sign_in_failures", ["window_started"], schema=_SCHEMA
    )


def _question_sessions() -> None:
    op.create_table(
        "question_sessions",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_question_sessions")),
        schema=_SCHEMA,
    )


def _audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("address", sa.Text),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        schema=_SCHEMA,
    )
    op.execute(
        """
        CREATE FUNCTION identity.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'identity.audit_log is append-only' USING ERRCODE = '42501';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_log_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_audit_change()
        """
    )
