"""An update under load: two releases, a migration between them, restarts until the load ends."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil
import psycopg
from benchmarks.http_load.servers import cpu_s, free_port
from benchmarks.restarts.open_load import Request, Result, drive
from benchmarks.restarts.releases import CHANGED, Releases

from praca.kit.cpf import cpf_check_digits

__all__ = ["Rehearsal", "Report", "rehearsed"]

_PASSWORD = "Praca-2026-ensaio"  # noqa: S105  # of throw-away accounts
_PATIENCE_S = 300.0


@dataclass
class Report:
    """What the load saw, what the database holds of it, and the seconds of CPU that it took."""

    result: Result
    requests: int
    restarts: int = 0
    migrated: bool = False
    killed: int = 0
    seconds: float = 0.0
    lost: int = 0
    duplicates: int = 0
    processes: set[int] = field(default_factory=set)
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return self.result.failures.total()


@dataclass
class _Person:
    cpf: str
    headers: bytes
    card: str


@dataclass
class Rehearsal:
    """``praca api`` of the older release, with people and cards, and a load on it."""

    releases: Releases
    environment: dict[str, str]
    folder: Path
    people_to_make: int = 20
    port: int = field(default_factory=free_port)
    people: list[_Person] = field(default_factory=list)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """Of the API."""
        return self.folder / "api.log"

    def count(self, event: str) -> int:
        """Count the lines of the log with ``event``."""
        return self.log.read_bytes().count(f'"event":"{event}"'.encode())

    def begin(self) -> None:
        """Migrate, start the API, make the people."""
        self.releases.run(self.environment, "migrate")
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(  # noqa: S603  # our own program
                self.releases.command("api", "--port", str(self.port)),
                env=self.environment,
                stdout=sink,
                stderr=sink,
            )
        deadline = time.monotonic() + _PATIENCE_S
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            while not _is_ready(client):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"the API does not start:\n{self.log.read_text()[-4000:]}")
                time.sleep(0.1)
            self.people = [_person(client, number) for number in range(self.people_to_make)]

    def end(self) -> int:
        """Stop the API as an operator does; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def serving(self) -> set[int]:
        """Return the processes that answer, or will soon."""
        assert self.process is not None
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def request(self, dice: random.Random) -> Request:
        """Return one request of the mix."""
        person = dice.choice(self.people)
        drawn = dice.random()
        if drawn < 0.50:
            return Request(_http("GET", "/api/v1/health"))
        if drawn < 0.65:
            return Request(_http("GET", "/api/v1/transport-card/my-cards", person.headers))
        if drawn < 0.75:
            path = f"/api/v1/transport-card/{person.card}/history"
            return Request(_http("GET", path, person.headers))
        if drawn < 0.845:
            return Request(_http("GET", "/api/v1/books?limit=5", person.headers))
        if drawn < 0.85:
            form = urlencode({"username": person.cpf, "password": _PASSWORD}).encode()
            kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
            return Request(_http("POST", "/api/v1/auth/login", kind, form))
        key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        head = person.headers + f"Idempotency-Key: {key}\r\n".encode()
        path = f"/api/v1/transport-card/{person.card}/recharge"
        return Request(_http("POST", path, head, b'{"amount":1}', json=True), key=key)

    async def run(
        self,
        *,
        requests: int,
        rate: float,
        restarts: int,
        connections: int = 100,
        kills: int = 0,
    ) -> Report:
        """Load it while it is updated: the restarts begin at even distances.

        The migration is before the last but one; if there is only one, before that.
        """
        dice = random.Random(7)  # noqa: S311  # a load
        spent = self._spent()
        before = self._rows()
        report = Report(Result(), requests)
        started = time.monotonic()
        updated = asyncio.Event()
        load = asyncio.create_task(
            drive(
                self.port,
                lambda _: self.request(dice),
                requests=requests,
                rate=rate,
                connections=connections,
                until=updated,
            )
        )
        try:
            await asyncio.sleep(0.5)
            await (
                self._kill(report, kills)
                if kills
                else self._update(report, load, restarts, requests / rate)
            )
        finally:
            updated.set()
            report.result = await load
        report.seconds = time.monotonic() - started
        report.requests = len(report.result.times)
        report.cpu = {name: used - spent[name] for name, used in self._spent().items()}
        self._compare(report, before)
        return report

    async def _update(
        self, report: Report, load: "asyncio.Task[Result]", restarts: int, seconds: float
    ) -> None:
        """Restart, somewhere in the middle of a newer release on a migrated database."""
        started = time.monotonic()
        report.processes |= self.serving()
        for number in range(restarts):
            due = started + seconds * (number + 0.5) / restarts
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if load.done():
                return
            if number == max(0, restarts - 2):
                await asyncio.to_thread(
                    self.releases.run, self.environment, "migrate", release="newer"
                )
                report.migrated = self._revision() == {CHANGED}
                self.releases.switch("newer")
            await self._restart(report)

    async def _restart(self, report: Report) -> None:
        assert self.process is not None
        done = self.count("api.restarted")
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + _PATIENCE_S
        while self.count("api.restarted") == done:
            if time.monotonic() > deadline or self.count("api.restart_failed"):
                raise RuntimeError(f"no restart:\n{self.log.read_text()[-4000:]}")
            await asyncio.sleep(0.05)
        report.restarts += 1
        report.processes |= self.serving()

    async def _kill(self, report: Report, kills: int) -> None:
        """Kill one process after the other, each when all serve."""
        for _ in range(kills):
            await asyncio.sleep(5)
            alive = self.serving()
            psutil.Process(min(alive)).kill()
            report.killed += 1
            deadline = time.monotonic() + _PATIENCE_S
            while len(self.serving() - (alive - {min(alive)})) < 1:
                if time.monotonic() > deadline:
                    raise RuntimeError("nobody came back")
                await asyncio.sleep(0.1)
            await asyncio.sleep(8)

    def _spent(self) -> dict[str, float]:
        """Return the seconds of CPU used so far, by whom."""
        assert self.process is not None
        with psycopg.connect(self.environment["PRACA_DATABASE_URL"]) as connection:
            postmaster = psutil.Process(connection.info.backend_pid).ppid()
        own = psutil.Process().cpu_times()
        return {
            "clients": float(own.user + own.system),
            "API": cpu_s(self.process.pid),
            "PostgreSQL": cpu_s(postmaster),
        }

    def _revision(self) -> set[str]:
        with psycopg.connect(self.environment["PRACA_DATABASE_URL"]) as connection:
            rows = connection.execute("SELECT version_num FROM platform.alembic_version")
            return {row[0] for row in rows}

    def _rows(self) -> tuple[int, set[str]]:
        """Return the number of recharges, and the keys whose answers are kept."""
        with psycopg.connect(self.environment["PRACA_DATABASE_URL"]) as connection:
            count = connection.execute("SELECT count(*) FROM wallet.transfers").fetchone()
            keys = connection.execute("SELECT key FROM platform.idempotent_answers")
            return (count or (0,))[0], {row[0] for row in keys}

    def _compare(self, report: Report, before: tuple[int, set[str]]) -> None:
        transfers, keys = self._rows()
        written = keys - before[1]
        report.lost = len(set(report.result.taken) - written)
        report.duplicates = transfers - before[0] - len(written)


@contextlib.asynccontextmanager
async def rehearsed(
    folder: Path, url: str, *, processes: int, people: int = 20, **settings: str
) -> AsyncIterator[Rehearsal]:
    """Yield a rehearsal that is ready; stop it afterwards."""
    releases = Releases(folder)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PRACA_")},
        "PRACA_DATABASE_URL": url,
        "PRACA_DATA_DIR": str(folder / "var"),
        "PRACA_API_PROCESSES": str(processes),
        "PRACA_WALLET_MAX_BALANCE_CENTAVOS": str(2**31 - 1),
        "PRACA_TRACKING": "off",
        "PRACA_JOURNAL": "off",
        **settings,
    }
    rehearsal = Rehearsal(releases, environment, folder, people)
    await asyncio.to_thread(rehearsal.begin)
    try:
        yield rehearsal
    finally:
        if rehearsal.process is not None and rehearsal.process.poll() is None:
            await asyncio.to_thread(rehearsal.end)


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/api/v1/ready").status_code == httpx.codes.OK
    return False


def _person(client: httpx.Client, number: int) -> _Person:
    digits = f"{200000000 + number:09d}"
    cpf = digits + cpf_check_digits(digits)
    person = {
        "full_name": "Pessoa do Ensaio",
        "email": f"ensaio{number}@example.com",
        "birth_date": "1990-01-01",
        "cpf": cpf,
        "phone": "21987654321",
        "password": _PASSWORD,
    }
    client.post("/users/register", json=person).raise_for_status()
    signed_in = client.post("/auth/login", data={"username": cpf, "password": _PASSWORD})
    token = str(signed_in.raise_for_status().json()["access_token"])
    cards = client.get(
        "/transport-card/my-cards", headers={"Authorization": f"Bearer {token}"}
    ).json()
    head = f"Authorization: Bearer {token}\r\n".encode()
    return _Person(cpf, head, str(cards[0]["card_number"]))


def _http(
    method: str, path: str, head: bytes = b"", body: bytes = b"", *, json: bool = False
) -> bytes:
    kind = b"Content-Type: application/json\r\n" if json else b""
    length = f"Content-Length: {len(body)}\r\n".encode() if body else b""
    start = f"{method} {path} HTTP/1.1\r\nHost: praca\r\n".encode()
    return start + kind + length + head + b"\r\n" + body
