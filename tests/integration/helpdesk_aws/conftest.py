"""Functions of AWS Lambda on moto's server, with the cloud's names in their environment."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.helpdesk_aws.cloud import (
    Cloud,
    Gateway,
    Lambda,
    Pump,
    moto_server,
    running,
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture
def cloud(endpoint: str) -> Iterator[Cloud]:
    opened = Cloud(endpoint)
    yield opened
    opened.close()


@pytest.fixture
def lambdas(cloud: Cloud, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    # A test that changes one of them would otherwise put it back after its end.
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    with running(cloud) as opened:
        yield opened


@pytest.fixture
def gateway(lambdas: Lambda) -> Gateway:
    return Gateway(lambdas)


@pytest.fixture
def pump(cloud: Cloud, lambdas: Lambda) -> Pump:
    return Pump(cloud, lambdas)
