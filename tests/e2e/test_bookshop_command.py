"""``praca bookshop`` as its users run it."""

import signal
import socket
import subprocess
import sys

import httpx
from tests.e2e.running import environment, praca


def test_the_shop_is_served_until_stopped() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "praca", "bookshop", "--port", "0", "--books", "25"],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.endswith("(25 livros)\n")
            transport = httpx.HTTPTransport(retries=20)
            with httpx.Client(transport=transport, base_url=said.split()[1], timeout=60) as client:
                front = client.get("/")
                assert "Page 1 of 2" in front.text
                again = client.get("/", headers={"if-none-match": front.headers["etag"]})
                assert again.status_code == 304
                assert client.get("/catalogue/page-2.html").status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_a_port_in_use_and_production_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = praca("bookshop", PRACA_BOOKSHOP_PORT=port)
    assert refused.returncode == 1
    assert f"a porta {port} já está em uso" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert praca("bookshop", PRACA_ENV="production").returncode == 1
