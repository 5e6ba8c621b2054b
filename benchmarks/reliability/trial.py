"""One trial: a client imports and trains over HTTP while somebody kills processes."""

import asyncio
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from benchmarks.reliability.processes import ADMIN, Part, Server
from benchmarks.reliability.state import State, faults, state_of
from sqlalchemy.exc import OperationalError

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import open_resources
from praca.platform.settings import Settings

__all__ = ["City", "Disturbance", "Outcome", "Trial", "opened_city"]

_TIMEOUT_S = 600.0
_POLL_S = 0.1
_IMPORTS = {"candidatos": "applicants", "vagas": "vagas", "prospects": "prospects"}
_TRAIN = "jobs.train_match"
_ENDED = {"succeeded", "failed", "cancelled"}


@dataclass(slots=True)
class City:
    """A database of its own, a folder of files, an API and a worker."""

    server: Server
    address: str
    folder: Path
    url: str
    parts: dict[str, Part]

    def kill(self, victims: tuple[str, ...]) -> None:
        """Kill the named parts (``api``, ``worker``, ``database``) at one moment."""
        for name in victims:
            if name == "database":
                self.server.kill()
            else:
                self.parts[name].kill()

    def start(self, victims: tuple[str, ...]) -> None:
        """Start the named parts again, the database first."""
        if "database" in victims:
            self.server.start()
        for name in victims:
            if name in self.parts:
                self.parts[name].start()

    def running(self) -> dict[str, int]:
        """Return the tasks that run now and how often each was started."""
        return self._attempts("running")

    def recovered(self, interrupted: dict[str, int]) -> bool:
        """Tell whether the API answers and each interrupted task runs again or has ended."""
        try:
            ready = httpx.get(f"{self.url}/api/v1/ready", timeout=10).status_code == httpx.codes.OK
            waiting = self._attempts("running", "queued")
        except (httpx.TransportError, psycopg.OperationalError):
            return False
        return ready and all(
            waiting.get(task, attempt + 1) > attempt for task, attempt in interrupted.items()
        )

    def _attempts(self, *statuses: str) -> dict[str, int]:
        with psycopg.connect(self.address) as connection:
            rows = connection.execute(
                "SELECT id::text, attempt FROM platform.task_runs WHERE status = ANY(%s)",
                [list(statuses)],
            )
            return dict(rows.fetchall())


@contextmanager
def opened_city(
    server: Server, folder: Path, sample: Path, name: str, **environment: str
) -> Iterator[City]:
    """Yield a city whose files are uploaded and whose processes run."""
    address = server.copy(name)
    shutil.copytree(sample, folder / "objects" / "raw")
    port = _free_port()
    surroundings = {
        "PRACA_DATA_DIR": str(folder),
        "PRACA_DATABASE_URL": address,
        "PRACA_PORT": str(port),
        "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
        "PRACA_ACCESS_TOKEN_MINUTES": "600",
        "PRACA_DRIFT_CRON": "off",  # a report would be a file that the reckoning does not know
        **environment,
    }
    parts = {part: Part(part, surroundings, folder / f"{part}.log") for part in ("api", "worker")}
    city = City(server, address, folder, f"http://127.0.0.1:{port}", parts)
    try:
        city.start(("api", "worker"))
        _wait(lambda: city.recovered({}))
        yield city
    finally:
        for part in parts.values():
            part.stop()
        server.drop(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError("the city did not come to where it should be")
        time.sleep(_POLL_S)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Who is killed, and when: ``wait`` returns at the moment."""

    victims: tuple[str, ...]
    wait: Callable[[City], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended."""

    state: State
    faults: list[str]
    seconds: float
    imports_s: float
    killed_while: str
    recovered_s: float | None
    attempts: int


async def _enqueue(address: str, kind: str) -> str:
    resources = open_resources(Settings.load(), address, TASK_KINDS)
    try:
        async with resources.databases.city.write() as session:
            return str(await resources.tasks.enqueue(session, kind, {}))
    finally:
        await resources.close()


@dataclass(slots=True)
class Trial:
    """Runs the client's work in a city, disturbed or not."""

    city: City
    disturbance: Disturbance | None = None
    _client: httpx.Client = field(init=False)
    _doing: str = "sign-in"
    _while: str = "-"
    _recovered_s: float | None = None
    _failure: BaseException | None = None

    def run(self) -> Outcome:
        """Import, train, and look at what is there in the end."""
        started = time.monotonic()
        killer = threading.Thread(target=self._disturb, daemon=True)
        with httpx.Client(base_url=self.city.url, timeout=30) as self._client:
            self._sign_in()
            killer.start()
            self._imports()
            imports_s = time.monotonic() - started
            self._training()
            seconds = time.monotonic() - started
            killer.join(_TIMEOUT_S)
        if self._failure is not None:
            raise self._failure
        victims = () if self.disturbance is None else self.disturbance.victims
        return Outcome(
            state=state_of(self.city.address),
            faults=faults(self.city.address, self.city.folder / "objects", kills=len(victims)),
            seconds=seconds,
            imports_s=imports_s,
            killed_while=self._while,
            recovered_s=self._recovered_s,
            attempts=self._attempts(),
        )

    def _imports(self) -> None:
        self._doing = "imports"
        imports = [
            self._enqueue(f"/api/v1/{kind}/update-tables", {"file_key": key})
            for kind, key in _IMPORTS.items()
        ]
        for task in imports:
            self._finish(task)

    def _training(self) -> None:
        self._doing = "training"
        self._finish(self._enqueue_training())
        self._doing = "nothing"

    def _disturb(self) -> None:
        if self.disturbance is None:
            return
        try:
            self.disturbance.wait(self.city)
            self._while = self._doing
            # A task goes on while the API or the server is away.
            interrupted = self.city.running() if "worker" in self.disturbance.victims else {}
            killed_at = time.monotonic()
            self.city.kill(self.disturbance.victims)
            self.city.start(self.disturbance.victims)
            _wait(lambda: self.city.recovered(interrupted))
            self._recovered_s = time.monotonic() - killed_at
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            self._failure = error

    def _sign_in(self) -> None:
        name, password = ADMIN
        answer = self._send("/api/v1/auth/login", data={"username": name, "password": password})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _enqueue(self, path: str, body: dict[str, Any]) -> str:
        """Start a task; one that is already there is the one whose answer got lost."""
        answer = self._send(path, json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()
        return str(answer.json()["task_id"])

    def _enqueue_training(self) -> str:
        """Start the training; no route does, so it is enqueued as ``praca train`` does."""
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            try:
                return asyncio.run(_enqueue(self.city.address, _TRAIN))
            except TaskAlreadyRunningError as error:
                return str(error.extra["task_id"])
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_S)

    def _send(self, path: str, **content: Any) -> httpx.Response:
        return self._until_answered(lambda: self._client.post(path, **content))

    def _finish(self, task: str) -> None:
        def ended() -> bool:
            answer = self._until_answered(lambda: self._client.get(f"/api/v1/tasks/{task}"))
            answer.raise_for_status()
            return answer.json()["status"] in _ENDED

        _wait(ended)

    def _until_answered(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Send until something other than "not now" comes back."""
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            try:
                answer = send()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError("no answer")
            time.sleep(_POLL_S)

    def _attempts(self) -> int:
        with psycopg.connect(self.city.address) as connection:
            row = connection.execute("SELECT max(attempt) FROM platform.task_runs").fetchone()
        assert row is not None
        return int(row[0])
