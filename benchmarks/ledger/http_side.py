"""Our side over HTTP: one API process on a core of its own, and the naive version beside it."""

import asyncio
import contextlib
import os
import random
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import httpx
from benchmarks.http_load.driver import Exchange, Figures, drive, http_request
from benchmarks.http_load.servers import free_port, praca, running, wait

from praca.kit.cpf import cpf_check_digits
from praca.platform.database import EmbeddedPostgres

__all__ = ["Wallet", "opened_wallet"]

_PASSWORD = "Cartoes-da-cidade-9"  # noqa: S105  # of accounts that live as long as the benchmark
_NAIVE = Path(__file__).with_name("naive.py")
_PEOPLE, _CARDS_EACH = 10, 100
_WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True)
class _Owner:
    cpf: str
    token: str
    cards: list[str]


@dataclass(slots=True)
class Wallet:
    """What is running: Praça with a thousand cards, and the naive version with as many."""

    port: int
    naive_port: int
    owners: list[_Owner]
    keys: "count[int]"

    def _card(self, *, is_hot: bool) -> tuple[_Owner, str]:
        if is_hot:
            return self.owners[0], self.owners[0].cards[0]
        owner = random.choice(self.owners)  # noqa: S311  # a load
        return owner, random.choice(owner.cards)  # noqa: S311

    def balances(self) -> Iterator[Exchange]:
        """Yield readings of balances."""
        while True:
            owner, card = self._card(is_hot=False)
            path = f"/transport-card/{card}/balance"
            yield Exchange(http_request("GET", path, token=owner.token), b"")

    def recharges(self, *, is_hot: bool) -> Iterator[Exchange]:
        """Yield recharges of 5 centavos, each under a key of its own."""
        while True:
            owner, card = self._card(is_hot=is_hot)
            path, key = f"/transport-card/{card}/recharge", f"k{next(self.keys)}"
            body = b'{"amount":5}'
            request = http_request("POST", path, token=owner.token, body=body, key=key)
            yield Exchange(request, b'{"card_number":"')

    def debits(self) -> Iterator[Exchange]:
        """Yield debits of 1 centavo, each under a key of its own."""
        while True:
            owner, card = self._card(is_hot=False)
            path, key = f"/transport-card/{card}/debit", f"k{next(self.keys)}"
            body = b'{"amount":1}'
            request = http_request("POST", path, token=owner.token, body=body, key=key)
            yield Exchange(request, b'{"balance":')

    def documents(self) -> Iterator[Exchange]:
        """Yield documents to be kept."""
        while True:
            owner = random.choice(self.owners)  # noqa: S311  # a load
            body = b'{"document_type":"RG","document_number":"12.345.678-9"}'
            request = http_request("POST", "/documents/", token=owner.token, body=body)
            yield Exchange(request, b"{", status=201)

    def sign_ins(self) -> Iterator[Exchange]:
        """Yield sign-ins."""
        while True:
            owner = random.choice(self.owners)  # noqa: S311  # a load
            form = urlencode({"username": owner.cpf, "password": _PASSWORD}).encode()
            kind = "application/x-www-form-urlencoded"
            request = http_request("POST", "/auth/login", body=form, content_type=kind)
            yield Exchange(request, b'{"access_token":"')

    def naive_balances(self) -> Iterator[Exchange]:
        """Yield readings of the naive version's balances."""
        while True:
            path = f"/cards/{random.randint(1, 1000)}/balance"  # noqa: S311  # a load
            yield Exchange(http_request("GET", path), b"")

    def naive_recharges(self, *, is_hot: bool) -> Iterator[Exchange]:
        """Yield recharges of 5 centavos of the naive version."""
        while True:
            card = 1 if is_hot else random.randint(2, 1000)  # noqa: S311  # a load
            request = http_request("POST", f"/cards/{card}/recharge", body=b'{"amount":5}')
            yield Exchange(request, b'{"card_number":"')

    async def load(
        self,
        exchanges: Iterator[Exchange],
        *,
        connections: int,
        seconds: float,
        naive: bool = False,
    ) -> Figures:
        """Load one of the two and return its figures."""
        return await drive(
            self.naive_port if naive else self.port,
            exchanges,
            connections=connections,
            warm_up_s=_WARM_UP_S,
            seconds=seconds,
        )

    async def health_beside_sign_ins(self, seconds: float) -> tuple[Figures, Figures]:
        """Load health with one client while four sign in without pause; return both figures."""
        request = http_request("GET", "/health")
        health = iter(lambda: Exchange(request, b"{"), None)
        return await asyncio.gather(
            self.load(health, connections=1, seconds=seconds),
            self.load(self.sign_ins(), connections=4, seconds=seconds),
        )

    async def naive_balance(self, card: int) -> int:
        """Return what the naive version believes to be on a card."""
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{self.naive_port}/cards/{card}/balance")
        return int(answer.text)


@contextlib.contextmanager
def opened_wallet(folder: Path, server: EmbeddedPostgres, core: int) -> Iterator[Wallet]:
    """Yield a wallet with a thousand cards, with both servers up on ``core``."""
    environment = {
        **os.environ,
        "PRACA_DATA_DIR": str(folder / "var"),
        "PRACA_DATABASE_URL": server.url,
        "PRACA_ENV": "development",
        "PRACA_ACCESS_TOKEN_MINUTES": "120",
        "PRACA_WALLET_MAX_CARDS": str(_CARDS_EACH),
        "PRACA_WALLET_MAX_BALANCE_CENTAVOS": str(2**31 - 1),
        "PRACA_DOCUMENT_MAX_PER_PERSON": "10000",
    }
    praca(environment, "migrate")
    port, naive_port = free_port(), free_port()
    naive = [sys.executable, str(_NAIVE), str(naive_port), server.url]
    api = [sys.executable, "-m", "praca", "api", "--port", str(port)]
    logs = folder / "api.log", folder / "naive.log"
    with running(api, environment, core, logs[0]), running(naive, environment, core, logs[1]):
        wait(f"http://127.0.0.1:{port}/health", logs[0])
        wait(f"http://127.0.0.1:{naive_port}/ready", logs[1])
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            owners = [_owner(client, number) for number in range(_PEOPLE)]
        yield Wallet(port, naive_port, owners, count(secrets.randbelow(10**9) * 10**9))


def _owner(client: httpx.Client, number: int) -> _Owner:
    digits = f"{100000000 + number:09d}"
    cpf = digits + cpf_check_digits(digits)
    person = {
        "full_name": "Pessoa de Medição",
        "email": f"pessoa{number}@example.com",
        "birth_date": "1990-01-01",
        "cpf": cpf,
        "phone": "21987654321",
        "password": _PASSWORD,
    }
    client.post("/users/register", json=person).raise_for_status()
    signed_in = client.post("/auth/login", data={"username": cpf, "password": _PASSWORD})
    token = str(signed_in.raise_for_status().json()["access_token"])
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(_CARDS_EACH - 1):
        client.post("/transport-card/", headers=headers).raise_for_status()
    cards = [
        str(c["card_number"])
        for c in client.get("/transport-card/my-cards", headers=headers).json()
    ]
    for card in cards:
        path = f"/transport-card/{card}/recharge"
        client.post(path, headers=headers, json={"amount": 100_000}).raise_for_status()
    return _Owner(cpf, token, cards)
