"""An object store on moto's S3, and the environment that MLflow is loaded in."""

from collections.abc import Iterator

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from praca.learning.tracking.store import ENVIRONMENT
from praca.platform.settings import ObjectSettings

_REGION = "us-east-1"


@pytest.fixture(scope="session", autouse=True)
def quiet_mlflow() -> Iterator[None]:
    """As in its own process: MLflow reads these when it is loaded."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        # It keeps its engines for ever: they must not keep connections.
        patch.setenv("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
        yield


@pytest.fixture(scope="module")
def s3_settings() -> Iterator[ObjectSettings]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name=_REGION, **keys)
    client.create_bucket(Bucket="tracking")
    client.close()
    yield ObjectSettings(
        objects_url="s3://tracking/city",
        objects_endpoint=f"http://{host}:{port}",
        objects_region=_REGION,
        objects_access_key_id="key",
        objects_secret_access_key=SecretStr("secret"),
    )
    server.stop()
