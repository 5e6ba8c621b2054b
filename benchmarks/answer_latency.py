"""How long does an answer take: quoted, worded by a model, and by a model that misbehaves?

    uv run python -m benchmarks.answer_latency [--questions 200] [--rounds 5]

The shipped articles answer questions made of their titles. Quoted answers are timed one by one,
none of them remembered, with the search's share. Then a real HTTP server on loopback plays a
language model that copies sentences of the passages it is given, at a pace of its own; the same
questions go through the bare ``openai`` client, which checks nothing, and through the engine, in
turn in one run: what the engine adds to the bare client is search, check and closing words. The
check's own time is measured once more by itself. Last, the model is slow, silent, broken, or
invents a price: every answer must come within its time, and hold nothing invented.
"""

import argparse
import asyncio
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import openai
from tests.model_server import ModelServer, Script, opened_model

from praca.helpdesk.answering.breaker import Breaker
from praca.helpdesk.answering.cache import Kept
from praca.helpdesk.answering.grounding import Ground, unfounded
from praca.helpdesk.answering.index import ArticleIndex
from praca.helpdesk.answering.llm import open_model
from praca.helpdesk.answering.passages import Reading
from praca.helpdesk.answering.prompt import INSTRUCTIONS, given
from praca.helpdesk.answering.sentences import spans
from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.telling import Teller
from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.records import Answer, Knowledge
from praca.platform.settings import LlmSettings

_ASKED = ("quanto custa {}", "qual o prazo: {}", "como faço: {}", "quem cuida: {}", "onde: {}")
_TOKEN_CHARS = 4
_PACE_S = 0.004
_TIMEOUT_S = 1.0


class Shipped:
    """The shipped articles."""

    async def revision(self) -> str:
        """Return the only one there is."""
        return "1"

    async def load(self) -> Knowledge:
        """Return all."""
        return Knowledge("1", sample_articles())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    articles = sample_articles()
    asked = [
        _ASKED[n % 5].format(articles[n // 5 % len(articles)].title.lower()) for n in range(365)
    ]
    questions = [f"{asked[n % 365]} {n // 365 or ''}" for n in range(arguments.questions)]
    _quoted(questions)
    _check(questions[:50])
    with _served() as server:
        asyncio.run(_with_model(server, questions[:20], arguments.rounds))


def _quoted(questions: list[str]) -> None:
    articles = sample_articles()
    started = time.perf_counter()
    index = ArticleIndex.build(articles)
    built_s = time.perf_counter() - started
    search = [_ms(partial(index.search, question, 6)) for question in questions]
    asyncio.run(_time_quoted(questions, search, built_s))


async def _time_quoted(questions: list[str], search: list[float], built_s: float) -> None:
    answering = Answering(Shipped(), ArticleIndex.build, Limits(min_confidence=0.0))
    await answering.answer("primeira")
    whole: list[float] = []
    again: list[float] = []
    for times in (whole, again):
        for question in questions:
            started = time.perf_counter()
            await answering.answer(question)
            times.append((time.perf_counter() - started) * 1000)
    print(f"{len(sample_articles())} articles, indexed in {built_s * 1000:.0f} ms")
    print(f"\n{'quoted answers, ms':40}{'p50':>9}{'p99':>9}")
    _row("the search alone", search)
    _row("a new question", whole)
    _row("a question asked before", again)


def _check(questions: list[str]) -> None:
    """Time the check of a sentence that copies its passage, facts of the passage not yet known."""
    articles = sample_articles()
    reading = Reading(articles)
    times = []
    for question, article in zip(questions, articles, strict=False):
        passages = reading.windows(question, article, 4000)
        sentences = [_first_sentence(passage.text) for passage in passages]
        ground = Ground(passages, INSTRUCTIONS)
        for number, sentence in enumerate(sentences, 1):
            times.append(_ms(partial(ground.fault, sentence, [number])))
    _row("checking a model's sentence", times)


async def _with_model(server: ModelServer, questions: list[str], rounds: int) -> None:
    server.play = _copying
    print(f"\n{'a model of 1 piece in 4 ms, ms':40}{'p50':>9}{'p99':>9}")
    bare: dict[str, list[float]] = {"first": [], "whole": []}
    ours: dict[str, list[float]] = {"first": [], "whole": []}
    engines: Counter[str] = Counter()
    client = openai.AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0)
    passages = Reading(sample_articles())
    for number in range(rounds):
        for question in questions:
            asked = f"{question} {number}"
            data = given(asked, passages.windows(asked, sample_articles()[0], 4000))
            await _time_bare(client, data, bare)
        answering = _engine(server.url, timeout_s=30)
        await answering.answer("")
        for question in questions:
            engines[await _time_stream(answering, f"{question} {number}", ours)] += 1
        await answering.stop()
    await client.close()
    _row("bare client, first piece", bare["first"])
    _row("bare client, whole answer", bare["whole"])
    _row("ours, first checked sentence", ours["first"])
    _row("ours, whole answer", ours["whole"])
    print(f"  engines: {dict(engines)}")
    print(f"\n{'a model that misbehaves (1 s), ms':40}{'p50':>9}{'p99':>9}  what came")
    for name, play in _FAULTY.items():
        await _faulty(server, name, play, questions[:10])


async def _faulty(
    server: ModelServer, name: str, play: Callable[[dict[str, Any]], Script], questions: list[str]
) -> None:
    server.play = play
    answering = _engine(server.url)
    await answering.answer("")  # reads the articles, asks nobody
    whole, came = [], Counter[str]()
    for question in questions:
        started = time.perf_counter()
        answer = await answering.answer(question)
        whole.append((time.perf_counter() - started) * 1000)
        assert not unfounded(answer.text, [one.passage for one in answer.citations]), answer
        came[str(answer.engine)] += 1
    await answering.stop()
    _row(name, whole, end=f"  {dict(came)}\n")
    assert max(whole) < (_TIMEOUT_S + 2) * 1000, "an answer took longer than it may"


def _engine(url: str, timeout_s: float = _TIMEOUT_S) -> Answering:
    settings = LlmSettings(llm_base_url=url, llm_timeout_s=timeout_s, llm_tries=1)
    model = open_model(settings)
    assert model is not None
    teller = Teller(
        model,
        timeout_s=timeout_s,
        max_tokens=400,
        breaker=Breaker(5, 30),
        kept=Kept(1000),
    )
    return Answering(Shipped(), ArticleIndex.build, Limits(min_confidence=0.0), teller)


async def _time_bare(client: openai.AsyncOpenAI, data: str, times: dict[str, list[float]]) -> None:
    started = time.perf_counter()
    first = None
    stream = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": data}], stream=True
    )
    async for chunk in stream:
        if first is None and chunk.choices[0].delta.content:
            first = time.perf_counter()
    times["first"].append(((first or time.perf_counter()) - started) * 1000)
    times["whole"].append((time.perf_counter() - started) * 1000)


async def _time_stream(answering: Answering, question: str, times: dict[str, list[float]]) -> str:
    started = time.perf_counter()
    first, answer = None, None
    async for piece in answering.stream(question):
        first = first or time.perf_counter()
        answer = piece.answer or answer
    assert isinstance(answer, Answer)
    times["first"].append(((first or started) - started) * 1000)
    times["whole"].append((time.perf_counter() - started) * 1000)
    return str(answer.engine)


def _copying(body: dict[str, Any]) -> Script:
    """Copy a sentence of each of the first three passages."""
    said = " ".join(_cited(piece) for piece in _passages(body)[:3])
    return Script(
        [said[at : at + _TOKEN_CHARS] for at in range(0, len(said), _TOKEN_CHARS)], pause_s=_PACE_S
    )


def _passages(body: dict[str, Any]) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = json.loads(body["messages"][-1]["content"])["trechos"]
    return pieces


def _cited(piece: dict[str, Any]) -> str:
    return f"{_first_sentence(piece['texto'])[:150].rstrip('.;:')} [{piece['n']}]."


def _first_sentence(text: str) -> str:
    start, end = spans(text)[0]
    return text[start:end]


def _inventing(body: dict[str, Any]) -> Script:
    good = "".join(_copying(body).pieces)
    return Script([f"{good} A taxa é de R$ 4.321,99 [1]."])


_FAULTY: dict[str, Callable[[dict[str, Any]], Script]] = {
    "slow: 1 piece in 100 ms": lambda body: Script(_copying(body).pieces, pause_s=0.1),
    "silent": lambda _body: Script(["a"], hangs_after=0),
    "silent in the middle": lambda body: Script(_copying(body).pieces, hangs_after=8),
    "500": lambda _body: Script(status=500),
    "cut off": lambda body: Script(_copying(body).pieces, drops_after=8),
    "garbage": lambda _body: Script(events=["data: nada\n\n"]),
    "invents a price": _inventing,
}


@contextmanager
def _served() -> Iterator[ModelServer]:
    """Run the server in a thread, beside the loop that is measured."""
    ready, stop = threading.Event(), threading.Event()
    servers: list[ModelServer] = []

    async def serve() -> None:
        async with opened_model() as server:
            servers.append(server)
            ready.set()
            while not stop.is_set():  # noqa: ASYNC110  # the event is another thread's
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield servers[0]
    finally:
        stop.set()
        thread.join()


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _row(name: str, times: list[float], end: str = "\n") -> None:
    p99 = sorted(times)[min(len(times) - 1, int(0.99 * len(times)))]
    print(f"{name:40}{statistics.median(times):9.2f}{p99:9.2f}", end=end)


if __name__ == "__main__":
    main()
