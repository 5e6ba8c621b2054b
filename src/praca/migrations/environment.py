"""What both Alembic environments do."""

from typing import Any

from alembic import context, op
from sqlalchemy import Connection, text

from praca.platform.database.migrations import History

__all__ = ["run", "run_script"]


def run() -> None:
    """Run the migrations of the history named in the configuration, on the connection in it."""
    history: History = context.config.attributes["history"]
    connection: Connection = context.config.attributes["connection"]
    schemas = {table.schema for table in history.metadata.tables.values()}

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name in schemas
        if kind == "table":
            return not (name == "alembic_version" and parents.get("schema_name") == history.schema)
        return True

    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {history.schema}"))
    # A migration that cannot get its lock quickly must not queue everybody else behind it.
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '15min'"))
    # What has begun a transaction here would make all migrations one: each holds its locks only
    # until its own end, and what cannot run in a transaction may leave it (autocommit_block).
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=history.metadata,
        version_table_schema=history.schema,
        include_schemas=True,
        include_name=is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("RESET lock_timeout"))
    connection.execute(text("RESET statement_timeout"))
    connection.commit()


def run_script(sql: str) -> None:
    """Run ``sql``, which may hold several statements and percent signs, in this migration."""
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(sql))
