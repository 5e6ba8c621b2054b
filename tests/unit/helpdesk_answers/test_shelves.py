"""Answers follow the articles; what is kept is bounded; a failing model is left alone."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.helpdesk_answers.made import CARD, PRICE, Clock, Hit, Source, WordIndex

from praca.helpdesk.answering.breaker import Breaker, State
from praca.helpdesk.answering.cache import Kept, wording_key
from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.shelf import Shelves
from praca.helpdesk.records import Article, Passage

DEARER = replace(CARD, cost="A segunda via custa R$ 99.")


async def test_a_change_is_seen_by_the_next_question() -> None:
    source = Source()
    answering = Answering(source, WordIndex, Limits(fresh_s=0))
    assert "12,50" in (await answering.answer(PRICE)).text
    source.change(DEARER)
    changed = await answering.answer(PRICE)
    assert "R$ 99" in changed.text
    assert changed.revision == "2"


async def test_the_revision_is_asked_for_no_more_often_than_needed() -> None:
    source, clock = Source(), Clock()
    shelves = Shelves(source, WordIndex, fresh_s=10, clock=clock)
    first = await shelves.current()
    source.change(DEARER)
    assert await shelves.current() is first
    assert source.asked == 1
    clock.now += 11
    assert (await shelves.current()).revision == "2"
    assert (source.asked, source.loads) == (2, 2)


async def test_nothing_is_built_twice_at_once() -> None:
    source = Source()
    shelves = Shelves(source, WordIndex, fresh_s=1)
    found = await asyncio.gather(*(shelves.current() for _ in range(50)))
    assert source.loads == 1
    assert len({id(one) for one in found}) == 1


async def test_the_old_articles_answer_while_the_new_are_read_too_slowly() -> None:
    source, clock, go_on = Source(), Clock(), threading.Event()

    class Slow(WordIndex):
        def __init__(self, articles: Sequence[Article]) -> None:
            if source.number > 1:
                go_on.wait(10)
            super().__init__(articles)

    shelves = Shelves(source, Slow, fresh_s=1, clock=clock, patience_s=0.02)
    await shelves.current()
    source.change(DEARER)
    clock.now += 2
    assert (await shelves.current()).revision == "1"
    assert (await shelves.current()).revision == "1"
    assert source.loads == 2
    go_on.set()
    await shelves.settled()
    assert (await shelves.current()).revision == "2"
    assert source.loads == 2


async def test_a_source_that_is_down_keeps_the_old_articles() -> None:
    source, clock = Source(), Clock()
    shelves = Shelves(source, WordIndex, fresh_s=1, clock=clock)
    await shelves.current()
    source.is_down = True
    for _ in range(5):
        clock.now += 0.3
        assert (await shelves.current()).revision == "1"
    clock.now += 2
    await shelves.current()
    asked = source.asked
    await shelves.current()  # it has just failed: left alone for a moment
    assert source.asked == asked
    source.is_down = False
    source.change(DEARER)
    clock.now += 2
    assert (await shelves.current()).revision == "2"


async def test_without_articles_the_failure_is_told_and_tried_again() -> None:
    source = Source(is_down=True)
    answering = Answering(source, WordIndex, Limits())
    await answering.start()
    with pytest.raises(ConnectionError):
        await answering.answer(PRICE)
    source.is_down = False
    assert (await answering.answer(PRICE)).is_answered
    await answering.stop()


def test_an_engine_outlives_the_loop_it_began_in() -> None:
    source = Source()
    answering = Answering(source, WordIndex, Limits(fresh_s=0))
    for _ in range(2):  # as a function on AWS may do with each message
        assert asyncio.run(answering.answer(PRICE)).is_answered


async def test_the_same_question_is_searched_once_per_revision() -> None:
    searched: list[str] = []

    class Counting(WordIndex):
        def search(self, question: str, top: int = 10) -> list[Hit]:
            searched.append(question)
            return super().search(question, top)

    source = Source()
    answering = Answering(source, Counting, Limits(fresh_s=0))
    for question in (PRICE, PRICE.upper(), f" {PRICE} ", PRICE.replace("ã", "a")):
        await answering.answer(question)
    assert len(searched) == 1
    source.change(DEARER)
    await answering.answer(PRICE)
    assert len(searched) == 2


def test_what_is_kept_is_bounded() -> None:
    kept: Kept[int] = Kept(3)
    for number in range(10):
        kept.put(str(number), number)
        kept.get("0")
    assert len(kept) == 3
    assert kept.get("9") == 9
    assert kept.get("8") is not None or kept.get("7") is not None


def test_a_key_tells_what_was_given() -> None:
    passage = Passage(CARD, "cost", CARD.cost, 1.0)
    keys = {
        wording_key("m", "q", [passage]),
        wording_key("n", "q", [passage]),
        wording_key("m", "r", [passage]),
        wording_key("m", "q", []),
        wording_key("m", "q", [passage, passage]),
        wording_key("m", "q", [replace(passage, text="outro")]),
        wording_key("m", "q", [replace(passage, article=replace(CARD, version=2))]),
        wording_key("m", "q", [replace(passage, article=replace(CARD, key="k"))]),
    }
    assert len(keys) == 8
    again = Passage(replace(CARD, more="Outra coisa."), "cost", CARD.cost, 2.0)
    assert wording_key("m", "q", [again]) in keys


def test_the_breaker_counts_failures_in_a_row() -> None:
    clock = Clock()
    breaker = Breaker(2, 10, clock)
    assert not breaker.failed()
    breaker.succeeded()
    assert not breaker.failed()
    assert breaker.allows()
    assert breaker.failed()
    assert not breaker.allows()
    clock.now += 10
    assert breaker.allows()  # the one trial
    assert not breaker.allows()
    breaker.gave_up()
    assert breaker.allows()
    assert not breaker.failed()  # it was open before
    assert breaker.state is State.OPEN


def test_a_trial_of_which_nothing_is_heard_does_not_block_for_ever() -> None:
    clock = Clock()
    breaker = Breaker(1, 10, clock)
    breaker.failed()
    clock.now += 10
    assert breaker.allows()
    clock.now += 9
    assert not breaker.allows()
    clock.now += 1
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.state is State.CLOSED
