"""Does a swap of models ever disturb an answer over HTTP?

    uv run python -m benchmarks.model_swaps_http [--swaps 50] [--processes 2] [--connections 4]

A sample city on an embedded PostgreSQL in a temporary folder, two versions of the match model
trained by the real task, and as many ``praca api`` processes. Before the load, each version is
promoted in turn and asked about every pair: what it answers is what it must answer later. Then
connections ask all processes without a pause, in rounds: first nothing changes, then the answering
version is changed again and again, by promotions and rollbacks in turn, as an operator does over
HTTP. Every answer is checked: its status, that ``X-Praca-Model`` names a version, and that the
probability is the one this version gives that pair. Printed: answers, errors, mixed answers,
latency while nothing changes and during swaps, and seconds until every process answered with the
wanted version. It ends with 1 if an answer was an error or mixed.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity
from praca.platform.embedded import EmbeddedPostgres

_API = "/api/v1"
_PREDICT = f"{_API}/inferencias/matchModel/predict"
_PAIRS = 40
_READY_S = 90.0
_SWAP_S = 60.0
_QUIET_S = 10.0
_BETWEEN_S = 0.2
_ADMIN = "medidora"
_SIZES = ((200, 120), (260, 160))
_FILES = {"candidatos": "applicants", "vagas": "vagas", "prospects": "prospects"}

Payload = dict[str, str]


@dataclass
class Heard:
    """What the connections heard: seconds of each answer, and what was wrong."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    mixed: int = 0


class Asker:
    """One connection to one process, asking about one pair after the other.

    Args:
        client: of the process.
        payloads: the pairs.
        known: version -> the percentage of each pair.
        heard: where it notes what it hears.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        payloads: Sequence[Payload],
        known: dict[int, list[float]],
        heard: Heard,
    ) -> None:
        self._client, self._payloads, self._known = client, payloads, known
        self.heard = heard
        self.version = 0

    async def run(self) -> None:
        """Ask until cancelled."""
        for at in cycle(range(len(self._payloads))):
            started = time.perf_counter()
            try:
                answer = await self._client.post(_PREDICT, json=self._payloads[at])
            except httpx.HTTPError:
                self.heard.errors += 1
                continue
            self.heard.latencies.append(time.perf_counter() - started)
            if answer.status_code != httpx.codes.OK:
                self.heard.errors += 1
                continue
            version = _version_of(answer)
            said = answer.json()["match_probability"]
            self.heard.mixed += version not in self._known or self._known[version][at] != said
            self.version = version


def _version_of(answer: httpx.Response) -> int:
    return int(answer.headers["X-Praca-Model"].removeprefix("match/"))


def _payloads() -> list[Payload]:
    city = SampleCity(candidates=_PAIRS, vacancies=_PAIRS)
    people = [candidate_from_record(record) for _, record in city.applicants()]
    offers = [vacancy_from_record(record) for _, record in city.vagas()]
    return [_payload(people[n], offers[(7 * n) % _PAIRS]) for n in range(_PAIRS)]


def _payload(person: CandidateProfile, offer: VacancyProfile) -> Payload:
    return {
        "titulo_profissional": person.titulo,
        "conhecimentos_tecnicos": person.conhecimentos,
        "nivel_profissional": person.nivel_profissional,
        "cv_candidato": person.cv,
        "titulo_vaga": offer.titulo,
        "principais_atividades": offer.atividades,
        "competencia_tecnicas_e_comportamentais": offer.competencias,
    }


class Operator:
    """Changes which version answers, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    async def promote(self, version: int) -> None:
        """Make ``version`` answer."""
        await self._post("promote", {"version": version})

    async def roll_back(self) -> None:
        """Make the version before answer."""
        await self._post("rollback", None)

    async def _post(self, action: str, body: Any) -> None:
        path = f"{_API}/models/match/{action}"
        (await self._client.post(path, json=body, headers=self._headers)).raise_for_status()


async def _known(
    clients: Sequence[httpx.AsyncClient], operator: Operator, payloads: Sequence[Payload]
) -> dict[int, list[float]]:
    """Return what each version says of each pair, from every process alike."""
    known: dict[int, list[float]] = {}
    for version in (1, 2):
        await operator.promote(version)
        for client in clients:
            await _until(client, payloads[0], version)
            answers = [await client.post(_PREDICT, json=payload) for payload in payloads]
            said = [answer.json()["match_probability"] for answer in answers]
            assert known.setdefault(version, said) == said, "the processes disagree"
    return known


async def _until(client: httpx.AsyncClient, payload: Payload, version: int) -> None:
    async with asyncio.timeout(_SWAP_S):
        answer = await client.post(_PREDICT, json=payload)
        while _version_of(answer) != version:
            await asyncio.sleep(0.05)
            answer = await client.post(_PREDICT, json=payload)


async def _swaps(operator: Operator, askers: Sequence[Asker], count: int) -> dict[str, list[float]]:
    """Promote version 1 and roll back to 2, in turn; return seconds until all answer so."""
    took: dict[str, list[float]] = {"promotion": [], "rollback": []}
    for number in range(count):
        started = time.perf_counter()
        wanted, kind = (1, "promotion") if number % 2 == 0 else (2, "rollback")
        await (operator.promote(1) if wanted == 1 else operator.roll_back())
        async with asyncio.timeout(_SWAP_S):
            while any(asker.version != wanted for asker in askers):  # noqa: ASYNC110  # no event
                await asyncio.sleep(0.002)
        took[kind].append(time.perf_counter() - started)
        await asyncio.sleep(_BETWEEN_S)
    return took


async def _measure(ports: Sequence[int], password: str, options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_client(port)) for port in ports]
        form = {"username": _ADMIN, "password": password}
        signed_in = await clients[0].post(f"{_API}/auth/login", data=form)
        operator = Operator(clients[0], signed_in.raise_for_status().json()["access_token"])
        payloads = _payloads()
        known = await _known(clients, operator, payloads)
        quiet, busy = Heard(), Heard()
        askers = [
            Asker(client, payloads, known, quiet)
            for client in clients
            for _ in range(options.connections)
        ]
        tasks = [asyncio.create_task(asker.run()) for asker in askers]
        await asyncio.sleep(_QUIET_S)
        for asker in askers:
            asker.heard = busy
        took = await _swaps(operator, askers, options.swaps)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    _report(known, quiet, busy, took, len(ports))
    return int(any((quiet.errors, quiet.mixed, busy.errors, busy.mixed)))


def _report(
    known: dict[int, list[float]],
    quiet: Heard,
    busy: Heard,
    took: dict[str, list[float]],
    processes: int,
) -> None:
    differing = np.mean(np.array(known[1]) != np.array(known[2]))
    swaps = sum(map(len, took.values()))
    print(
        f"{processes} API processes, {swaps} swaps; the versions differ on {differing:.0%} of pairs"
    )
    for name, heard in (("quiet", quiet), ("during swaps", busy)):
        p50, p99 = np.percentile(heard.latencies, [50, 99]) * 1000
        print(
            f"{name:13} {len(heard.latencies):>7,} answers, {heard.errors} errors,"
            f" {heard.mixed} mixed; p50 {p50:.1f} ms, p99 {p99:.1f} ms"
        )
    for name, seconds in took.items():
        p50, p99 = np.percentile(seconds, [50, 99])
        print(f"{name} until all processes answer so: p50 {p50:.2f} s, p99 {p99:.2f} s")


@contextlib.asynccontextmanager
async def _client(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


def _praca(environment: dict[str, str], *arguments: str, sent: str = "") -> None:
    command = [sys.executable, "-m", "praca", *arguments]
    done = subprocess.run(  # noqa: S603  # our own program
        command, check=False, env=environment, input=sent, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"praca {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def _fill(folder: Path, environment: dict[str, str], password: str) -> None:
    """Fill the database by the commands that people use, and train two versions."""
    _praca(environment, "migrate")
    for people, offers in _SIZES:  # the second version learns from a city that has grown
        size = ["--candidates", str(people), "--vacancies", str(offers)]
        _praca(environment, "sample-data", "--out", str(folder), *size)
        for kind, name in _FILES.items():
            _praca(environment, "import", kind, str(folder / f"{name}.json"))
        _praca(environment, "train", "match")
    _praca(environment, "create-admin", _ADMIN, "--password-stdin", sent=password)


@contextlib.contextmanager
def _serving(environment: dict[str, str], log: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "praca", "api", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own program
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}{_API}/ready").is_success:
                return
        time.sleep(0.2)
    sys.exit(f"the API did not become ready:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main() -> int:
    """Run the soak in a temporary folder."""
    parser = argparse.ArgumentParser(description="Swap models under HTTP load.")
    parser.add_argument("--swaps", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2, help="API processes")
    parser.add_argument("--connections", type=int, default=4, help="per process")
    options = parser.parse_args()
    password = secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory(prefix="swaps-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        server = stack.enter_context(EmbeddedPostgres(folder / "var"))
        environment = {
            **os.environ,
            "PRACA_DATA_DIR": str(folder / "var"),
            "PRACA_DATABASE_URL": server.url,
            "PRACA_ACCESS_TOKEN_MINUTES": "60",
            "PRACA_LOG_LEVEL": "WARNING",
        }
        _fill(folder / "files", environment, password)
        ports = [_free_port() for _ in range(options.processes)]
        for port in ports:
            stack.enter_context(_serving(environment, folder / f"{port}.log", port))
        return asyncio.run(_measure(ports, password, options))


if __name__ == "__main__":
    sys.exit(main())
