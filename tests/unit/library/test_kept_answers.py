"""Kept answers and readings of the revision, with every order of events that matters."""

import asyncio
import gc
import itertools
import sys
import tracemalloc
from types import SimpleNamespace

import pytest

from praca.kit.paging import Page
from praca.library.answers import Answers, Rendered
from praca.library.revisions import Revisions


class Source:
    """A database that is at a revision, and answers a reading when it is let."""

    def __init__(self) -> None:
        self.revision = "1"
        self.readings = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> str:
        self.readings += 1
        seen = self.revision
        await self.gate.wait()
        return seen

    async def render(self) -> Rendered:
        seen = await self.read()
        return Rendered(seen, f"[{seen}]".encode())


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_who_asks_together_shares_one_reading() -> None:
    source = Source()
    revisions = Revisions(source.read)
    assert await asyncio.gather(*(revisions.current() for _ in range(50))) == ["1"] * 50
    assert source.readings == 1
    assert await revisions.current() == "1"
    assert source.readings == 2


async def test_a_reading_is_good_for_as_long_as_is_said_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("praca.library.revisions.time", clock)
    source = Source()
    revisions = Revisions(source.read, fresh_s=0.5)
    source.gate.clear()
    first = asyncio.create_task(revisions.current())
    await settle()
    now = 100.4  # so long it took
    source.revision = "2"
    source.gate.set()
    assert await first == "1"
    assert await revisions.current() == "1"
    now = 100.5
    assert await asyncio.gather(*(revisions.current() for _ in range(9))) == ["2"] * 9
    assert source.readings == 2


async def test_who_comes_later_gets_a_later_reading() -> None:
    source = Source()
    revisions = Revisions(source.read)
    source.gate.clear()
    early = asyncio.create_task(revisions.current())
    await settle()
    source.revision = "2"  # after the early one has read
    late = [asyncio.create_task(revisions.current()) for _ in range(10)]
    await settle()
    assert source.readings == 1  # one at a time
    source.gate.set()
    assert await early == "1"
    assert await asyncio.gather(*late) == ["2"] * 10
    assert source.readings == 2


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    source = Source()
    revisions = Revisions(source.read)
    source.gate.clear()
    first, second = (asyncio.create_task(revisions.current()) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    source.gate.set()
    assert await second == "1"
    assert await revisions.current() == "1"


async def test_a_reading_that_fails_fails_those_who_wait_only() -> None:
    failing = [True, False]

    async def read() -> str:
        if failing.pop(0):
            raise ConnectionError
        return "1"

    revisions = Revisions(read)
    early = await asyncio.gather(*(revisions.current() for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in early] == [ConnectionError] * 3
    assert await revisions.current() == "1"


def answers(source: Source, most_bytes: int = 100_000) -> Answers:
    async def current() -> str:
        return source.revision

    return Answers(current, most_bytes=most_bytes)


async def test_an_answer_is_rendered_once_per_revision() -> None:
    source = Source()
    kept = answers(source)
    for revision in ("1", "2", "1"):
        source.revision = revision
        before = source.readings
        found = [(await kept.get("list", source.render)).body for _ in range(3)]
        assert found == [f"[{revision}]".encode()] * 3
        assert source.readings == before + 1


async def test_who_asks_the_same_at_once_shares_a_rendering() -> None:
    source = Source()
    kept = answers(source)
    source.gate.clear()
    tasks = [asyncio.create_task(kept.get("list", source.render)) for _ in range(20)]
    await settle()
    tasks[0].cancel()
    source.gate.set()
    assert {answer.body for answer in await asyncio.gather(*tasks[1:])} == {b"[1]"}
    assert source.readings == 1


async def test_a_rendering_that_began_before_a_change_is_for_nobody_who_came_after() -> None:
    source = Source()
    kept = answers(source)
    source.gate.clear()
    early = asyncio.create_task(kept.get("list", source.render))
    await settle()
    source.revision = "2"
    late = asyncio.create_task(kept.get("list", source.render))
    await settle()
    source.gate.set()
    assert (await early).body == b"[1]"
    assert (await late).body == b"[2]"
    assert (await kept.get("list", source.render)).body == b"[2]"


async def test_a_slow_old_rendering_does_not_hide_a_new_one() -> None:
    source = Source()
    kept = answers(source)
    release = asyncio.Event()

    async def slow() -> Rendered:
        seen = source.revision
        await release.wait()
        return Rendered(seen, b"old")

    early = asyncio.create_task(kept.get("list", slow))
    await settle()
    source.revision = "2"
    assert (await kept.get("list", source.render)).body == b"[2]"
    release.set()
    await early  # it ends last, and is kept under its own revision
    assert (await kept.get("list", source.render)).body == b"[2]"


async def test_what_fails_is_not_kept() -> None:
    source = Source()
    kept = answers(source)

    async def fail() -> Rendered:
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011  # it is ours
            await kept.get("list", fail)
    assert (await kept.get("list", source.render)).body == b"[1]"


async def test_the_cache_is_bounded_and_forgets_what_was_not_asked_for_longest() -> None:
    source = Source()
    one = 800 + sys.getsizeof("a") + 100
    kept = answers(source, most_bytes=3 * one)

    async def render() -> Rendered:
        source.readings += 1
        return Rendered("1", b"x" * 100)

    async def too_large() -> Rendered:
        return Rendered("1", b"x" * 3000)

    for question in ("a", "b", "c", "a", "d"):
        await kept.get(question, render)
    assert source.readings == 4
    assert kept.kept_bytes == 3 * one
    await kept.get("a", render)
    assert source.readings == 4
    await kept.get("b", render)  # had to go for d
    assert source.readings == 5
    assert len((await kept.get("large", too_large)).body) == 3000
    assert kept.kept_bytes == 3 * one


async def test_memory_stays_within_the_bound_whatever_is_asked() -> None:
    """Questions are kept, too: long ones that find nothing weigh more than their answers."""
    kept, moments = answers(Source(), most_bytes=400_000), itertools.count()

    async def nothing() -> Rendered:
        return Rendered(f"{next(moments)}@1795369593.926138", b"[]")

    async def ask(times: int) -> None:
        for at in range(times):
            texts = [f"{at:08}😀{'b' * 190}" for _ in range(2)]
            await kept.get(("search", Page(at, 1000), *texts), nothing)

    await ask(1)
    tracemalloc.start()
    try:
        await ask(600)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 1.2 * 400_000


async def test_what_does_not_last_is_not_kept() -> None:
    source = Source()
    kept = answers(source)

    async def render() -> Rendered:
        source.readings += 1
        return Rendered("1", b"[]", is_lasting=False)

    for _ in range(2):
        await kept.get("similar", render)
    assert source.readings == 2


async def test_the_tag_is_made_of_the_body() -> None:
    source = Source()
    kept = answers(source)
    first = await kept.get("list", source.render)
    source.revision = "2"
    second = await kept.get("list", source.render)
    source.revision = "1"
    again = await kept.get("list", source.render)
    assert first.etag == again.etag != second.etag
