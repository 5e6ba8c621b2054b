"""``praca health``: the check of every container."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from praca.entrypoints.alive import alive, newest_sign_s
from praca.entrypoints.cli import app

_LOADED = (
    "import sys; sys.argv = ['praca', 'health', '--url', 'http://127.0.0.1:1/']\n"
    "from praca.__main__ import main\n"
    "try:\n"
    "    main()\n"
    "except SystemExit as end:\n"
    "    print(end.code, [name for name in sys.modules if"
    " name.startswith('praca.platform') or name in ('fastapi', 'sqlalchemy', 'psycopg')])"
)


@contextmanager
def _answering(status: int) -> Iterator[tuple[str, list[str]]]:
    """Serve ``status`` to whoever asks; yield the port, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield str(server.server_port), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _health(*options: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(app, ["health", *options])


def test_it_asks_whether_the_api_is_ready_or_only_there() -> None:
    with _answering(200) as (port, asked):
        # A wildcard is no address to call, and a proxy of the environment is not asked.
        given = {"PRACA_HOST": "0.0.0.0", "PRACA_PORT": port, "http_proxy": "http://127.0.0.1:1"}  # noqa: S104
        assert _health(**given).exit_code == 0
        assert _health("--live", **given).exit_code == 0
    assert asked == ["/api/v1/ready", "/api/v1/health"]


def test_what_is_not_ready_is_not_well() -> None:
    with _answering(503) as (port, _):
        answer = _health(PRACA_PORT=port)
    assert answer.exit_code == 1
    assert "503" in answer.stderr


@pytest.mark.parametrize(
    ("options", "port", "told"),
    [
        ((), "0", "PRACA_PORT=0"),
        ((), "abc", "abc"),
        (("--url", "http://127.0.0.1:1/"), "8000", "refused"),
        (("--url", "file:///etc/passwd"), "8000", "https://"),
    ],
)
def test_what_cannot_be_asked_is_told(options: tuple[str, ...], port: str, told: str) -> None:
    answer = _health(*options, PRACA_PORT=port)
    assert answer.exit_code == 1
    assert told in answer.stderr


async def test_a_worker_shows_that_it_lives_until_it_ends(tmp_path: Path) -> None:
    given = {"PRACA_DATA_DIR": str(tmp_path)}
    assert _health("--worker", **given).exit_code == 1
    async with alive(tmp_path, every_s=0.01):
        await asyncio.sleep(0)
        assert _health("--worker", **given).exit_code == 0
        (sign,) = (tmp_path / "alive").iterdir()
        long_ago = time.time() - 3600
        os.utime(sign, (long_ago, long_ago))
        await asyncio.sleep(0.1)
        assert (newest_sign_s(tmp_path) or 0) < 60
    assert newest_sign_s(tmp_path) is None


def test_a_worker_that_is_stuck_is_not_well(tmp_path: Path) -> None:
    sign = tmp_path / "alive" / f"worker-{socket.gethostname()}-{os.getpid()}"
    sign.parent.mkdir()
    sign.touch()
    silent_since = time.time() - 40
    os.utime(sign, (silent_since, silent_since))
    answer = _health("--worker", PRACA_DATA_DIR=str(tmp_path))
    assert answer.exit_code == 1
    assert "calado" in answer.stderr
    patient = {"PRACA_DATA_DIR": str(tmp_path), "PRACA_WORKER_STALLED_S": "60"}
    assert _health("--worker", **patient).exit_code == 0


def _gone() -> int:
    """Return the id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        return ended.pid


async def test_signs_of_others_are_neither_believed_nor_removed(tmp_path: Path) -> None:
    folder = tmp_path / "alive"
    folder.mkdir()
    host = socket.gethostname()
    killed = folder / f"worker-{host}-{_gone()}"
    elsewhere = folder / f"worker-{host}-2-1"  # of a machine whose name begins like this one's
    for sign in (killed, elsewhere):
        sign.touch()
    async with alive(tmp_path, every_s=60):
        assert not killed.exists()
    assert elsewhere.exists()
    assert newest_sign_s(tmp_path) is None


def test_it_loads_nothing_that_it_does_not_need() -> None:
    answer = subprocess.run(  # noqa: S603  # a line of ours
        [sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "1 []"
