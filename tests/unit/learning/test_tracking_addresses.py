"""Where MLflow is told to look: its schema of our database, its part of our files."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from praca.learning.tracking.store import tracking_uri
from praca.platform.objects import objects_address
from praca.platform.settings import ObjectSettings


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://ana:p%40ss%2Fword%25@db.example:5433/city?sslmode=require",
        "postgres://ana:p%40ss%2Fword%25@db.example:5433/city?sslmode=require",
    ],
)
def test_the_tables_are_those_of_a_schema_on_the_same_server(dsn: str) -> None:
    url = make_url(tracking_uri(dsn))
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == (
        "ana",
        "p@ss/word%",
        "db.example",
        5433,
    )
    assert url.database == "city"
    assert dict(url.query) == {"sslmode": "require", "options": "-csearch_path=mlflow"}


def test_a_socket_and_other_options_are_kept() -> None:
    dsn = "postgresql://postgres:@/postgres?host=/tmp/x/postgres&options=-cwork_mem%3D8MB"
    url = make_url(tracking_uri(dsn))
    assert url.query["host"] == "/tmp/x/postgres"  # noqa: S108  # nothing is there
    assert url.query["options"] == "-cwork_mem=8MB -csearch_path=mlflow"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (None, "file:///data%20dir/objects"),
        ("/srv/files", "file:///srv/files"),
        ("file:///srv/files", "file:///srv/files"),
        ("s3://bucket/city/", "s3://bucket/city"),
    ],
)
def test_files_have_an_address_for_other_programs(given: str | None, address: str) -> None:
    assert objects_address(ObjectSettings(objects_url=given), Path("/data dir")) == address
