import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from praca.platform.settings import Settings, SettingsError

_SECRET = "x" * 32
_KEYS = f"k1:{base64.b64encode(bytes(32)).decode()}"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("PRACA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path / "data"))


def test_production_without_a_secret_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_ENV", "production")
    with pytest.raises(SettingsError, match="PRACA_SECRET_KEY"):
        Settings.load()


def test_production_with_a_secret_uses_it_and_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", _SECRET)
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", _KEYS)
    settings = Settings.load()
    assert settings.is_production
    assert settings.signing_key == _SECRET
    assert not (tmp_path / "data").exists()
    assert _SECRET not in repr(settings)
    assert _KEYS not in repr(settings)


def test_production_without_a_key_for_documents_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", _SECRET)
    with pytest.raises(SettingsError, match="PRACA_ENCRYPTION_KEYS"):
        Settings.load()
    monkeypatch.setenv("PRACA_KMS_KEY_ID", "alias/praca")
    assert Settings.load().is_production


@pytest.mark.parametrize(
    "value",
    ["", "k1", "k1:", "k1:AAAA", f"{_KEYS},{_KEYS}", f"a b:{_KEYS[3:]}", f"{_KEYS},k2:!secret!"],
)
def test_encryption_keys_that_are_none_are_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", value)
    with pytest.raises(SettingsError, match="PRACA_ENCRYPTION_KEYS") as refused:
        Settings.load()
    assert "secret" not in str(refused.value)
    assert _KEYS[3:] not in str(refused.value)


@pytest.mark.parametrize("env", ["development", "production"])
@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_a_short_secret_is_refused_everywhere(
    monkeypatch: pytest.MonkeyPatch, env: str, secret: str
) -> None:
    monkeypatch.setenv("PRACA_ENV", env)
    monkeypatch.setenv("PRACA_SECRET_KEY", secret)
    with pytest.raises(SettingsError, match="at least 32"):
        Settings.load()


def test_a_value_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_PORT", "70000")
    with pytest.raises(SettingsError, match="PRACA_PORT"):
        Settings.load()


def test_development_keeps_its_secret_for_the_owner_alone(tmp_path: Path) -> None:
    first = Settings.load().signing_key
    kept = tmp_path / "data" / "secret-key"
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret-key"]
    assert Settings.load().signing_key == first


def test_processes_that_start_at_once_agree_on_the_secret() -> None:
    script = "from praca.platform.settings import Settings; print(Settings.load().signing_key)"
    started = [
        subprocess.Popen(  # noqa: S603  # our own interpreter and script
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    secrets = {process.communicate(timeout=60)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert secrets == {Settings.load().signing_key}


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        (None, ("*",)),
        ("*", ("*",)),
        ("https://a.example", ("https://a.example",)),
        (" https://a.example ,https://b.example,, ", ("https://a.example", "https://b.example")),
        ("", ()),
    ],
)
def test_cors_origins(
    monkeypatch: pytest.MonkeyPatch, value: str | None, origins: tuple[str, ...]
) -> None:
    if value is not None:
        monkeypatch.setenv("PRACA_CORS_ORIGINS", value)
    assert Settings.load().http.cors_origins == origins


@pytest.mark.parametrize("name", ["PRACA_DATABASE_URL", "PRACA_IDENTITY_DATABASE_URL"])
@pytest.mark.parametrize("value", ["banco", "mysql://eu:senha-secreta@host/banco", ""])
def test_an_address_of_no_postgresql_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.load()
    assert "senha-secreta" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_is_read(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("PRACA_DATABASE_URL", f"{scheme}://eu:senha@host/banco")
    given = Settings.load().database.database_url
    assert given is not None
    assert "senha" not in repr(given)
