"""Processes are started, replaced and stopped in order, whatever they do."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from praca.entrypoints.serving import supervisor as supervising
from praca.entrypoints.serving.supervisor import Plan, Supervisor

_CHILD = Path(__file__).with_name("child.py")
_PATIENCE_S = 60


@dataclass
class Parent:
    """A supervisor that runs, and what its processes noted."""

    folder: Path
    plan: Plan
    task: "asyncio.Task[int] | None" = None
    broken_settings: bool = False

    def read(self) -> Plan:
        if self.broken_settings:
            raise ValueError("a setting is wrong")
        return self.plan

    def behave(self, how: str) -> None:
        (self.folder / "behaviour").write_text(how)

    def log(self) -> list[str]:
        found = self.folder / "log"
        return found.read_text().splitlines() if found.exists() else []

    def begin(self) -> None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.task = asyncio.create_task(Supervisor([listening], self.read).run())

    async def until(self, reached: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while not reached(self.log()):  # noqa: ASYNC110  # other processes write it
                await asyncio.sleep(0.01)

    async def serve(self, processes: int = 1) -> None:
        """Begin, and wait until so many serve."""
        self.begin()
        await self.until(lambda _: len(list(self.folder.glob("serving-*"))) >= processes)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; it must have begun, else nobody but the tests' process hears that."""
        assert self.task is not None
        if not self.task.done():
            os.kill(os.getpid(), number)
        return await self.ended()

    async def ended(self) -> int:
        assert self.task is not None
        async with asyncio.timeout(_PATIENCE_S):
            return await self.task


@pytest_asyncio.fixture
async def parent(tmp_path: Path) -> AsyncIterator[Parent]:
    plan = Plan(
        command=(sys.executable, "-S", "-E", str(_CHILD), str(tmp_path)),
        environment={},
        processes=1,
        drain_s=0,
        grace_s=0,
        ready_timeout_s=20,
    )
    made = Parent(tmp_path, plan)
    made.behave("old")
    yield made
    if made.task is not None:
        await made.end()


def said(*lines: str) -> Callable[[list[str]], bool]:
    return lambda log: all(log.count(line) >= lines.count(line) for line in lines)


def hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


async def test_processes_are_replaced_one_by_one_and_their_number_follows_the_settings(
    parent: Parent,
) -> None:
    parent.plan = replace(parent.plan, processes=2)
    await parent.serve(2)
    parent.behave("new")
    parent.plan = replace(parent.plan, processes=3)
    hang_up()
    hang_up()  # during the first: once more afterwards
    await parent.until(lambda log: log.count("started new when ready") >= 3)
    parent.plan = replace(parent.plan, processes=1)
    hang_up()
    await parent.until(lambda log: log.count("retire new") >= 3)
    log = parent.log()
    # Nobody retires before somebody new has begun.
    assert log.index("started new when ready") < log.index("retire old")
    assert await parent.end() == 0
    assert "drain new" in parent.log()


async def test_what_cannot_start_leaves_the_old_processes_and_is_not_tried_again(
    parent: Parent,
) -> None:
    await parent.serve()
    parent.behave("broken")
    hang_up()
    await parent.until(said("started broken when ready"))
    parent.behave("slow")
    parent.plan = replace(parent.plan, ready_timeout_s=1.5)
    hang_up()
    await parent.until(said("started slow when ready"))
    working, parent.plan = parent.plan, replace(parent.plan, command=("/nonexistent/python",))
    hang_up()  # half of a release
    await asyncio.sleep(2.0)
    assert parent.task is not None
    assert not parent.task.done()
    parent.plan = working
    parent.broken_settings = True
    hang_up()
    await asyncio.sleep(0.2)
    assert parent.log() == ["started old", "started broken when ready", "started slow when ready"]
    assert await parent.end(signal.SIGINT) == 0
    assert parent.log()[-1] == "end old"


async def test_one_that_dies_is_started_again(parent: Parent) -> None:
    parent.begin()
    await parent.until(said("started old"))
    (parent.folder / "die").touch()
    await parent.until(said("started old", "started old"))
    # Nobody else serves: it takes connections as soon as it can.
    assert parent.log() == ["started old", "started old"]


async def test_without_anybody_who_can_serve_it_ends(parent: Parent) -> None:
    parent.behave("broken")
    parent.begin()
    assert await parent.ended() == 1
    assert parent.log() == ["started broken"]


async def test_who_has_served_is_tried_again_for_as_long_as_it_takes(parent: Parent) -> None:
    await parent.serve()
    parent.behave("broken")
    (parent.folder / "die").touch()
    await parent.until(said("started broken"))
    parent.behave("new")
    await parent.until(said("started new"))


async def test_who_does_not_stop_is_killed(parent: Parent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_STOP_MARGIN_S", 1.0)
    parent.behave("deaf")
    await parent.serve()
    parent.behave("new")
    hang_up()
    await parent.until(said("started new when ready", "retire deaf"))
    assert await parent.end() == 0
