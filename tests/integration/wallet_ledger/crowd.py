"""Sixty-four clients, as they would be: each wants its orders done, whatever happens meanwhile.

What a client wants follows from the seed and its number, so that one that was killed wants the
same again. Some orders are those of two clients, who stand in different processes.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tests.integration.wallet_ledger.checks import moved_under
from tests.integration.wallet_ledger.reference import Order
from tests.integration.wallet_ledger.simulation import simulated_settings
from tests.integration.wallet_ledger.till import OWNER, Till

from praca.platform.database import Database
from praca.platform.settings import Settings
from praca.wallet.cards import repository

__all__ = ["CLIENTS", "Notes", "insist", "orders_of", "wrong_answers"]

CLIENTS = 64
_SHARED_EACH = 4
_GIVES_UP = 0.15
_ASKS_AGAIN = 0.3
_LOST = (psycopg.OperationalError, OperationalError, PoolTimeoutError)


def orders_of(seed: int, client: int, count: int, cards: int) -> list[Order]:
    """Return what the client wants; card 0 is everybody's favourite."""
    own = random.Random(f"{seed}/{client}")  # noqa: S311  # a repeatable draw
    orders = []
    for number in range(count):
        pair = client % (CLIENTS // 2)
        is_shared = number % _SHARED_EACH == 0
        dice = random.Random(f"{seed}/{pair}/{number}") if is_shared else own  # noqa: S311
        what = dice.choices(("recharge", "debit", "transfer"), (5, 5, 4))[0]
        card = 0 if dice.random() < 0.4 else dice.randrange(cards)
        other = (card + dice.randrange(1, cards)) % cards if what == "transfer" else None
        amount = dice.randrange(1, 900)
        if what == "transfer" and dice.random() < 0.1:
            orders.append(Order(what, card, other, None, _key(client, pair, number)))
        else:
            orders.append(Order(what, card, other, amount, _key(client, pair, number)))
    return orders


def _key(client: int, pair: int, number: int) -> str:
    return f"shared-{pair}-{number}" if number % _SHARED_EACH == 0 else f"{client}-{number}"


def keys_of(seed: int, count: int, cards: int) -> set[str]:
    """Return every key that somebody uses."""
    return {
        order.key or ""
        for client in range(CLIENTS)
        for order in orders_of(seed, client, count, cards)
    }


class Notes:
    """What was answered, in a file that outlives its writer; a line is one answer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def add(self, key: str, answer: str) -> None:
        os.write(self._file, (json.dumps([key, answer]) + "\n").encode())

    def count(self) -> int:
        return self.path.read_bytes().count(b"\n")

    def answers(self) -> dict[str, list[str]]:
        """Return all answers to each key."""
        found: dict[str, list[str]] = {}
        for line in self.path.read_text().splitlines():
            key, answer = json.loads(line)
            found.setdefault(key, []).append(answer)
        return found

    def close(self) -> None:
        os.close(self._file)


def wrong_answers(notes: Notes, dsn: str, seed: int, count: int, cards: int) -> list[str]:
    """Return what is wrong: each key has one answer, and moved money once if that says so."""
    answers = notes.answers()
    found = []
    if set(answers) != keys_of(seed, count, cards):
        found.append("not every key was answered")
    found += [f"{key} has several answers" for key, said in answers.items() if len(set(said)) > 1]
    made = {key: 1 for key, said in answers.items() if said[0].startswith(("made", "200 "))}
    moved = moved_under(dsn)
    found += [
        f"{key} moved money {moved.get(key, 0)} times"
        for key in made.keys() | moved.keys()
        if moved.get(key, 0) != made.get(key, 0)
    ]
    return found


async def insist(
    orders: list[Order],
    ask: Callable[[Order, random.Random], Awaitable[str | None]],
    notes: Notes,
    dice: random.Random,
) -> None:
    """Ask for each order until it is answered, and for some of them again."""
    for order in orders:
        wanted = 2 if dice.random() < _ASKS_AGAIN else 1
        while wanted:
            answer = await ask(order, dice)
            if answer is None:
                await asyncio.sleep(dice.random() * 0.1)
                continue
            notes.add(order.key or "", answer)
            wanted -= 1


# --- clients of the mover, in a process of their own ------------------------------------------


async def _ask_till(till: Till, order: Order, dice: random.Random) -> str | None:
    asking = asyncio.create_task(till.ask(order))
    if dice.random() < _GIVES_UP:
        done, _ = await asyncio.wait({asking}, timeout=dice.random() * 0.02)
        if not done:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return None
    try:
        heard = await asking
    except _LOST:
        return None
    return None if heard == "raised request_in_flight" else heard.removeprefix("again ")


async def _main(dsn: str, seed: int, half: int, count: int, notes: Notes) -> None:
    database = Database(dsn, pool_size=4)
    till = Till(simulated_settings(Settings.load()), database)
    while True:
        try:
            async with database.read() as session:
                till.cards += await repository.list_cards(session, OWNER.id)
            await till.open()
            break
        except _LOST:
            till.cards.clear()
    numbers = range(half * CLIENTS // 2, (half + 1) * CLIENTS // 2)
    await asyncio.gather(
        *(
            insist(
                orders_of(seed, number, count, len(till.cards)),
                lambda order, dice: _ask_till(till, order, dice),
                notes,
                random.Random(),  # noqa: S311  # who gives up when is left to chance
            )
            for number in numbers
        )
    )
    await database.dispose()


if __name__ == "__main__":
    _dsn, _seed, _half, _count, _path = sys.argv[1:]
    asyncio.run(_main(_dsn, int(_seed), int(_half), int(_count), Notes(Path(_path))))
