"""A city with Pix for each test."""

import pytest
from tests.integration.wallet_pix.pix_city import PixCity

from praca.platform.resources import Resources


@pytest.fixture
def city(resources: Resources) -> PixCity:
    return PixCity(resources)
