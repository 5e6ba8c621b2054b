"""What ``praca up`` runs beside the city, and when it does not."""

import socket
import sys
import time
from base64 import b64encode
from pathlib import Path

import pytest

from praca.entrypoints.cli import extras
from praca.entrypoints.cli.extras import dashboard_part, sample_shop
from praca.entrypoints.cli.parts import Part, stop
from praca.platform.settings import Settings


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    for name in ("BOOKSHOP_URL", "BOOKSHOP_PORT", "SCRAPE_DELAY_S", "DASHBOARD_PORT"):
        monkeypatch.delenv(f"PRACA_{name}", raising=False)


def _taken() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_the_shop_is_pointed_at_and_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    with _taken() as other:
        free = other.getsockname()[1]
    monkeypatch.setenv("PRACA_BOOKSHOP_PORT", str(free))
    shop = sample_shop(Settings.load())
    assert shop is not None
    assert shop.address == f"http://127.0.0.1:{free}"
    assert shop.settings.library.bookshop_url == shop.address
    assert shop.settings.library.scrape_delay_s == 0
    assert shop.environment == {"PRACA_BOOKSHOP_URL": shop.address, "PRACA_SCRAPE_DELAY_S": "0.0"}
    assert shop.part.environment["PRACA_BOOKSHOP_PORT"] == str(free)
    assert not shop.part.is_running()


def test_the_shop_takes_another_port_and_keeps_an_asked_for_delay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRACA_SCRAPE_DELAY_S", "0.5")
    with _taken() as other:
        monkeypatch.setenv("PRACA_BOOKSHOP_PORT", str(other.getsockname()[1]))
        shop = sample_shop(Settings.load())
        assert shop is not None
        assert not shop.address.endswith(f":{other.getsockname()[1]}")
    assert shop.settings.library.scrape_delay_s == 0.5


def test_an_own_shop_and_production_get_no_sample_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as own:
        own.setenv("PRACA_BOOKSHOP_URL", "https://books.toscrape.com")  # the default, but meant
        assert sample_shop(Settings.load()) is None
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", "k" * 64)
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", f"k1:{b64encode(bytes(32)).decode()}")
    assert sample_shop(Settings.load()) is None


def test_the_dashboard_runs_where_it_is_installed_and_its_port_is_free(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _taken() as other:
        monkeypatch.setenv("PRACA_DASHBOARD_PORT", str(other.getsockname()[1]))
        assert dashboard_part(Settings.load(), {}) is None
        assert "painel" in capsys.readouterr().out
    part = dashboard_part(Settings.load(), {})
    assert part is not None
    assert part.is_extra
    assert part.lives is not None
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    assert dashboard_part(Settings.load(), {}) is None


def test_a_part_that_dies_now_and_then_is_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    part = Part("dashboard", {}, is_extra=True, lives=1)
    for _ in range(3):
        part.not_before = 0.0
        part.keep_running()
        assert part.process is not None
        part.process.wait()
        part.started -= 3600
    assert part.lives == 1
    part.started, part.not_before = time.monotonic(), 0.0
    part.keep_running()
    assert part.lives == 0


def test_a_part_that_keeps_dying_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    part = Part("dashboard", {}, is_extra=True, lives=2)
    for _ in range(4):
        part.not_before = 0.0
        part.keep_running()
        if part.process is not None:
            part.process.wait()
    assert part.lives == 0
    assert not part.is_running()
    said = capsys.readouterr().out
    assert said.count("reiniciando") == 1
    assert said.count("o resto continua") == 1
    stop([part])
