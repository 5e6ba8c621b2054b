"""``praca api`` with several processes, and a crowd that asks it over HTTP."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from tests.e2e.running import environment, free_port
from tests.integration.wallet_ledger.crowd import CLIENTS, Notes, insist, orders_of
from tests.integration.wallet_ledger.reference import Order

from praca.identity import Role
from praca.identity.service import IdentityService
from praca.platform.database import Databases
from praca.platform.settings import Settings

__all__ = ["Api", "Crowd", "opened_crowd"]

_CARDS = "/api/v1/transport-card"
_READY_S = 120.0
_GIVES_UP = 0.1
_IN_FLIGHT = "request_in_flight"
_USERNAME = "multidao"
_PASSWORD = "Segredo-forte-9"  # of a throw-away account


@dataclass
class Api:
    """The server's processes; they are one group, so that all of them can be killed at once."""

    dsn: str
    folder: Path
    processes: int = 2
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "api.log"

    def begin(self) -> None:
        """Start, and wait for nothing."""
        named = f"{self.dsn}{'&' if '?' in self.dsn else '?'}application_name=ledger-api"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", "praca", "api", "--port", str(self.port)],
                env=environment(
                    PRACA_DATABASE_URL=named,
                    PRACA_DATA_DIR=str(self.folder),
                    PRACA_API_PROCESSES=str(self.processes),
                    PRACA_WALLET_MAX_CARDS="100",
                    PRACA_DATABASE_POOL_SIZE="5",
                ),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def until_ready(self) -> None:
        """Wait until a request that needs the database is answered."""
        deadline = time.monotonic() + _READY_S
        async with httpx.AsyncClient(base_url=self.url) as client:
            while True:
                assert time.monotonic() < deadline, self.log.read_text()[-2000:]
                try:
                    if (await client.get("/api/v1/ready")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End every process of the server at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_one(self) -> None:
        """End one of the processes that answer; its parent starts another."""
        assert self.process is not None
        workers = [
            child
            for child in psutil.Process(self.process.pid).children()
            if any("serving.process" in word for word in child.cmdline())
        ]
        workers[0].kill()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


@dataclass
class Crowd:
    """Clients of one account, and what they heard.

    Attributes:
        lost: requests whose connection broke or was cut.
        unavailable: those that were told to come again, because the database was away.
    """

    api: Api
    token: str
    cards: list[str]
    notes: Notes
    lost: int = 0
    unavailable: int = 0

    async def ask(self, client: httpx.AsyncClient, order: Order, dice: random.Random) -> str | None:
        """Return the answer, or None if there was none: the connection broke, or was cut here."""
        patience_s = dice.random() * 0.03 if dice.random() < _GIVES_UP else 20.0
        body: dict[str, int | str | None] = {"amount": order.amount}
        if order.other is not None:
            body["to_card_number"] = self.cards[order.other]
        try:
            answer = await client.post(
                f"{_CARDS}/{self.cards[order.card]}/{order.what}",
                json=body,
                headers={"Idempotency-Key": order.key or ""},
                timeout=patience_s,
            )
        except httpx.TransportError:
            self.lost += 1
            return None
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.unavailable += 1
            return None
        said = answer.content.decode()
        if answer.status_code == httpx.codes.CONFLICT and _IN_FLIGHT in said:
            return None
        return f"{answer.status_code} {answer.headers['Content-Type']} {said}"

    async def run(self, seed: int, count: int) -> None:
        """Let every client ask until it has all its answers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(base_url=self.api.url, headers=headers, limits=limits) as http:
            await asyncio.gather(
                *(
                    insist(
                        orders_of(seed, number, count, len(self.cards)),
                        lambda order, dice: self.ask(http, order, dice),
                        self.notes,
                        random.Random(),  # noqa: S311  # who gives up when is left to chance
                    )
                    for number in range(CLIENTS)
                )
            )


async def opened_crowd(api: Api, settings: Settings, notes: Notes, cards: int) -> Crowd:
    """Make an account with cards of 300 centavos each on a server that runs."""
    databases = Databases(api.dsn, None)
    async with databases.identity.write() as session:
        await IdentityService(settings, databases).create_account(
            session, username=_USERNAME, password=_PASSWORD, role=Role.USUARIO
        )
    await databases.dispose()
    async with httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=60) as http:
        form = {"username": _USERNAME, "password": _PASSWORD}
        token = (await http.post("/auth/login", data=form)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        path = "/transport-card"
        issued = [(await http.post(f"{path}/")).json()["card_number"] for _ in range(cards)]
        for number in issued:
            await http.post(f"{path}/{number}/recharge", json={"amount": 300})
    return Crowd(api, token, issued, notes)
