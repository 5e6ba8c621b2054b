"""A city to load: an embedded PostgreSQL, sample data, a trained model, and the two servers."""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson
from benchmarks.http_load.servers import free_port, praca, running, wait

from praca.platform.database import EmbeddedPostgres

__all__ = ["ADMIN", "City", "opened_city"]

ADMIN = "medidora"
_PEERS = Path(__file__).with_name("peers.py")


@dataclass(frozen=True, slots=True)
class City:
    """What is running, and how to be let in."""

    port: int
    peers_port: int
    api_pid: int
    peers_pid: int
    password: str

    def token(self) -> str:
        """Sign in and return an access token."""
        form = urlencode({"username": ADMIN, "password": self.password}).encode()
        with urlopen(f"http://127.0.0.1:{self.port}/api/v1/auth/login", form, timeout=10) as answer:
            return str(orjson.loads(answer.read())["access_token"])


@contextlib.contextmanager
def opened_city(folder: Path, *, candidates: int, vacancies: int, core: int) -> Iterator[City]:
    """Build the city in ``folder`` and yield it with both servers up on ``core``."""
    password = secrets.token_urlsafe(16)
    with EmbeddedPostgres(folder / "var") as server:
        environment = {
            **os.environ,
            "PRACA_DATA_DIR": str(folder / "var"),
            "PRACA_DATABASE_URL": server.url,
            "PRACA_ENV": "production",
            "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
            # Long enough for a whole run; the check of a token costs the same.
            "PRACA_ACCESS_TOKEN_MINUTES": "120",
        }
        _fill(folder / "files", environment, password, candidates, vacancies)
        port, peers_port = free_port(), free_port()
        api = [sys.executable, "-m", "praca", "api", "--port", str(port)]
        peers = [sys.executable, str(_PEERS), str(peers_port), server.url]
        log = folder / "api.log"
        with (
            running(api, environment, core, log) as pid,
            running(peers, environment, core, folder / "peers.log") as peers_pid,
        ):
            wait(f"http://127.0.0.1:{port}/api/v1/ready", log)
            wait(f"http://127.0.0.1:{peers_port}/bare/100", folder / "peers.log")
            yield City(port, peers_port, pid, peers_pid, password)


def _fill(
    folder: Path, environment: dict[str, str], password: str, candidates: int, vacancies: int
) -> None:
    """Fill the database by the commands that people use."""
    size = ["--candidates", str(candidates), "--vacancies", str(vacancies)]
    praca(environment, "migrate")
    praca(environment, "sample-data", "--out", str(folder), *size)
    for kind, name in (
        ("candidatos", "applicants"),
        ("vagas", "vagas"),
        ("prospects", "prospects"),
    ):
        praca(environment, "import", kind, str(folder / f"{name}.json"))
    praca(environment, "train", "match")
    praca(environment, "create-admin", ADMIN, "--password-stdin", sent=password)
