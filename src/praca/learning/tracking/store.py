"""Where MLflow keeps what it knows: a schema of the city's database, and a part of the files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from praca.platform.database import sqlalchemy_url

__all__ = ["ARTIFACTS", "ENVIRONMENT", "SCHEMA", "alone", "prepare", "tracking_uri"]

SCHEMA: Final = "mlflow"
"""Schema of MLflow's tables; its Alembic keeps its revision there too, apart from ours."""

ARTIFACTS: Final = "mlflow"
"""Folder of the runs' files in the store of files."""

ENVIRONMENT: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_ENABLE_AI_GATEWAY": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "GIT_PYTHON_REFRESH": "quiet",
    # Or the experiment that MLflow always makes would name the folder we were started in.
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
}
"""Environment of a process before it loads MLflow: it tells nobody, and does only what we need."""

_CONNECT_S: Final = 10


def tracking_uri(dsn: str) -> str:
    """Return MLflow's address of its tables in the database at ``dsn``."""
    url = sqlalchemy_url(dsn)
    options = f"{url.query.get('options', '')} -csearch_path={SCHEMA}".strip()
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)


@contextmanager
def alone(dsn: str, what: str) -> Iterator["psycopg.Connection[Any]"]:
    """Be the only one, of all processes on the database, to work on ``what``.

    The lock ends with the connection, so also with a process that is killed.
    """
    with psycopg.connect(dsn, autocommit=True, connect_timeout=_CONNECT_S) as connection:
        connection.execute(
            "SELECT pg_advisory_lock(hashtext('praca.tracking'), hashtext(%s))", [what]
        )
        yield connection


def prepare(dsn: str) -> None:
    """Bring MLflow's tables to the newest revision of the installed MLflow, making them first.

    Raises:
        psycopg.Error: the database cannot be reached.
        alembic.util.CommandError: a newer MLflow has been here.
    """
    from mlflow.db import upgrade as command  # noqa: PLC0415  # loading MLflow takes seconds

    upgrade: Any = command.callback  # what the command `mlflow db upgrade` runs

    with alone(dsn, "the tables") as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
        upgrade(tracking_uri(dsn))
