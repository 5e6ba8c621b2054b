"""What of Pix may not start."""

import pytest

from praca.platform.settings import Settings, SettingsError
from praca.wallet.pix.service import has_simulator, webhook_secrets


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", "s" * 48)
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", f"k1:{'A' * 43}=")
    return monkeypatch


def test_production_has_neither_simulator_nor_secret_by_default(
    production: pytest.MonkeyPatch,
) -> None:
    del production
    settings = Settings.load()
    assert not has_simulator(settings)
    assert webhook_secrets(settings) == ()


def test_the_simulator_in_production_needs_a_secret(production: pytest.MonkeyPatch) -> None:
    production.setenv("PRACA_PIX_SIMULATOR", "on")
    with pytest.raises(SettingsError, match="PRACA_PIX_WEBHOOK_SECRET"):
        Settings.load()
    production.setenv("PRACA_PIX_WEBHOOK_SECRET", f"{'a' * 32},{'b' * 32}")
    settings = Settings.load()
    assert has_simulator(settings)
    assert webhook_secrets(settings) == ("a" * 32, "b" * 32)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "curto"),
        ("SECRET", f"{'a' * 32},"),
        ("CRON", "nunca"),
    ],
)
def test_what_does_not_fit_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    variable = "PRACA_PIX_WEBHOOK_SECRET" if name == "SECRET" else f"PRACA_PIX_{name}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        Settings.load()


def test_asking_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().pix.pix_schedule == "*/5 * * * *"
    monkeypatch.setenv("PRACA_PIX_CRON", "off")
    assert Settings.load().pix.pix_schedule is None
