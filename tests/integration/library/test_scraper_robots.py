"""Whose pages the scraper may ask for: ``robots.txt`` over real sockets."""

import asyncio

import pytest
from tests.integration.library.asking import PAGE, Time, failure, fetching
from tests.integration.library.raw_server import RawServer, answer

from praca.library.scraper.fetching import RobotsDisallowedError
from praca.library.scraper.robots import MOST_BYTES, Robots, product_token

DAY_S = 24 * 3600
RULES = b"""
User-agent: outrobot
Disallow: /page

User-agent: pracabot
Disallow: /privado
Allow: /privado/mas-este
Crawl-delay: 7

User-agent: *
Disallow: /
"""


async def test_rules_that_name_us_count(raw_shop: RawServer) -> None:
    raw_shop.replies["/robots.txt"] = answer(body=RULES)
    raw_shop.replies["/privado/mas-este"] = answer(body=PAGE)
    raw_shop.replies["/desvio"] = answer(302, Location="/privado/x")
    time = Time()
    async with fetching(time, scrape_delay_s=1) as fetcher:
        await fetcher.fetch(f"{raw_shop.url}/page")
        await fetcher.fetch(f"{raw_shop.url}/privado/mas-este")
        for path in ("/privado/x", "/desvio"):
            with pytest.raises(RobotsDisallowedError):
                await fetcher.fetch(f"{raw_shop.url}{path}")
    assert raw_shop.paths() == ["/robots.txt", "/page", "/privado/mas-este", "/desvio"]
    assert time.slept == [7, 7, 7]


@pytest.mark.parametrize(
    ("agent", "is_let_in"), [("Pracabot", True), ("Outro/1.0 (PracaBot)", False)]
)
async def test_others_are_told_apart(raw_shop: RawServer, agent: str, is_let_in: bool) -> None:
    raw_shop.replies["/robots.txt"] = answer(body=RULES)
    async with fetching(scrape_user_agent=agent) as fetcher:
        if is_let_in:
            await fetcher.fetch(f"{raw_shop.url}/page")
        else:
            with pytest.raises(RobotsDisallowedError):
                await fetcher.fetch(f"{raw_shop.url}/page")


async def test_rules_are_asked_for_once_a_day_however_many_wait(raw_shop: RawServer) -> None:
    time = Time()
    async with fetching(time) as fetcher:
        await asyncio.gather(*(fetcher.fetch(f"{raw_shop.url}/page") for _ in range(8)))
        time.now_s += DAY_S - 1
        await fetcher.fetch(f"{raw_shop.url}/page")
        assert raw_shop.paths().count("/robots.txt") == 1
        time.now_s += 2
        raw_shop.replies["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /")
        with pytest.raises(RobotsDisallowedError):
            await fetcher.fetch(f"{raw_shop.url}/page")
    assert raw_shop.paths().count("/robots.txt") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_host_without_rules_allows_everything(raw_shop: RawServer, status: int) -> None:
    raw_shop.replies["/robots.txt"] = answer(status, b"User-agent: *\nDisallow: /")
    async with fetching() as fetcher:
        assert (await fetcher.fetch(f"{raw_shop.url}/page")).body == PAGE


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_rules_that_cannot_be_had_forbid_everything_for_now(
    raw_shop: RawServer, status: int
) -> None:
    time = Time()
    raw_shop.replies["/robots.txt"] = [answer(status, Retry_After="30"), answer()]
    async with fetching(time) as fetcher:
        for _ in range(3):
            failed = await failure(fetcher, f"{raw_shop.url}/page")
            assert (failed.is_transient, failed.retry_after_s, failed.status) == (True, 30, None)
        assert raw_shop.paths() == ["/robots.txt"]
        time.now_s += 6
        assert (await fetcher.fetch(f"{raw_shop.url}/page")).body == PAGE


async def test_rules_may_be_redirected_within_the_host(raw_shop: RawServer) -> None:
    raw_shop.replies["/robots.txt"] = answer(301, Location="/regras.txt")
    raw_shop.replies["/regras.txt"] = answer(body=b"User-agent: *\nDisallow: /page")
    async with fetching() as fetcher:
        with pytest.raises(RobotsDisallowedError):
            await fetcher.fetch(f"{raw_shop.url}/page")


@pytest.mark.parametrize("place", ["/robots.txt", "http://localhost/robots.txt"])
async def test_rules_that_are_led_astray_forbid_everything(raw_shop: RawServer, place: str) -> None:
    raw_shop.replies["/robots.txt"] = answer(301, Location=place)
    async with fetching() as fetcher:
        assert (await failure(fetcher, f"{raw_shop.url}/page")).is_transient
    assert "/page" not in raw_shop.paths()


def test_of_long_rules_the_beginning_counts() -> None:
    line = b"Disallow: /nao\n"
    filling = line * (MOST_BYTES // len(line) + 1)
    rules = Robots.parse(b"User-agent: *\n" + filling + b"Disallow: /depois\n", "PracaBot")
    assert not rules.may_fetch("http://x.example/nao")
    assert rules.may_fetch("http://x.example/depois")
    cut = b"User-agent: *\n" + b"#" * (MOST_BYTES - 16 - 10) + b"\nDisallow: /a-very-long-path"
    assert Robots.parse(cut, "PracaBot").may_fetch("http://x.example/a")


async def test_long_rules_are_not_received_whole(raw_shop: RawServer) -> None:
    rules = b"User-agent: *\nDisallow: /page\n" + b"# long\n" * 1_000_000
    raw_shop.replies["/robots.txt"] = answer(body=rules)
    async with fetching() as fetcher:
        with pytest.raises(RobotsDisallowedError):
            await fetcher.fetch(f"{raw_shop.url}/page")
        assert fetcher.received_bytes < 2 * MOST_BYTES


@pytest.mark.parametrize(
    ("asked", "heeded"), [("3", 3), ("0.5", 0.5), ("86400", 60), ("nunca", 0), ("-1", 0)]
)
def test_a_delay_is_heeded_within_reason(asked: str, heeded: float) -> None:
    rules = Robots.parse(f"User-agent: *\nCrawl-delay: {asked}".encode(), "PracaBot/1")
    assert rules.delay_s == heeded


@pytest.mark.parametrize(
    ("agent", "token"), [("PracaBot/0.1 (+x)", "PracaBot"), ("my-bot_x", "my-bot_x"), ("7bot", "")]
)
def test_our_name_is_the_beginning_of_how_we_present_ourselves(agent: str, token: str) -> None:
    assert product_token(agent) == token


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\0",
        b"<html>404</html>",
        b"",
        b"Disallow: /",
        b"\xef\xbb\xbfUser-agent: *\nAllow: /",
    ],
)
def test_what_are_no_rules_forbids_nothing(body: bytes) -> None:
    assert Robots.parse(body, "PracaBot").may_fetch("http://x.example/page")
