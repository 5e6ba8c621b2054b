"""The scraper's requests over real sockets: what is asked for, how politely, and what fails."""

import asyncio
import gzip
import hashlib

import pytest
from tests.integration.library.asking import PAGE, Time, failure, fetching
from tests.integration.library.raw_server import Asked, RawServer, answer, raw_server

from praca.library.scraper.fetching import Fetched, Validators


async def test_a_page_is_received_and_counted(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(
        body=PAGE, ETag='"v1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT",
        Content_Type="text/html; charset=utf-8",
    )  # fmt: skip
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{raw_shop.url}/page")
        robots_bytes = len(answer(body=b"User-agent: *\nAllow: /\n"))
        assert fetched == Fetched(
            url=f"{raw_shop.url}/page",
            status=200,
            body=PAGE,
            etag='"v1"',
            last_modified="Thu, 01 Jan 2026 00:00:00 GMT",
            content_hash=hashlib.sha256(PAGE).digest(),
            received_bytes=raw_shop.sent_bytes - robots_bytes,
            charset="utf-8",
        )
        assert fetcher.received_bytes == raw_shop.sent_bytes
    assert raw_shop.asked[1].headers["user-agent"] == "PracaBot/0.1 (+https://praca.example)"
    assert raw_shop.asked[1].headers["accept-encoding"] == "gzip"
    assert "if-none-match" not in raw_shop.asked[1].headers


async def test_an_unchanged_page_moves_only_headers(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(304)
    known = Validators('W/"v1"', "Thu, 01 Jan 2026 00:00:00 GMT")
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{raw_shop.url}/page", known)
    assert (fetched.status, fetched.body, fetched.content_hash) == (304, None, b"")
    assert (fetched.etag, fetched.last_modified) == (known.etag, known.last_modified)
    assert fetched.received_bytes == len(answer(304))
    assert raw_shop.asked[-1].headers["if-none-match"] == 'W/"v1"'
    assert raw_shop.asked[-1].headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


async def test_unchanged_since_nothing_is_a_failure(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(304)
    async with fetching() as fetcher:
        assert (await failure(fetcher, f"{raw_shop.url}/page")).status == 304


async def test_validators_that_cannot_be_sent_back_are_left_out(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(
        body=PAGE, ETag='"' + "x" * 600 + '"', Last_Modified="ontem \xe7"
    )
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{raw_shop.url}/page", Validators("é\r\nx: y", "\0"))
    assert (fetched.etag, fetched.last_modified) == (None, None)
    assert not {"if-none-match", "if-modified-since", "x"} & raw_shop.asked[-1].headers.keys()


async def test_connections_are_kept_and_cookies_are_not(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(body=PAGE, Set_Cookie="visitante=7; Path=/")
    async with fetching() as fetcher:
        for _ in range(5):
            await fetcher.fetch(f"{raw_shop.url}/page")
    assert {asked.connection for asked in raw_shop.asked} == {1}
    assert not any("cookie" in asked.headers for asked in raw_shop.asked)


async def test_an_error_keeps_the_connection_too(raw_shop: RawServer) -> None:
    raw_shop.replies["/busy"] = answer(503, b"x" * 1000)
    async with fetching() as fetcher:
        await failure(fetcher, f"{raw_shop.url}/busy")
        await fetcher.fetch(f"{raw_shop.url}/page")
    assert {asked.connection for asked in raw_shop.asked} == {1}


async def test_starts_keep_their_distance(raw_shop: RawServer) -> None:
    time, starts = Time(), []

    async def note(_: Asked, writer: object) -> None:
        starts.append(time.now_s)
        assert isinstance(writer, asyncio.StreamWriter)
        writer.write(answer(body=PAGE))

    raw_shop.replies["/page"] = note
    async with fetching(time, scrape_delay_s=0.5) as fetcher:
        for _ in range(4):
            await fetcher.fetch(f"{raw_shop.url}/page")
            time.now_s += 0.2  # the page takes its time
    # The first waits for robots.txt, asked for at second 1000.
    assert starts == pytest.approx([1000.5, 1001.0, 1001.5, 1002.0])
    assert time.slept == pytest.approx([0.5, 0.3, 0.3, 0.3])


async def test_those_who_ask_at_once_are_spread_out(raw_shop: RawServer) -> None:
    time = Time()
    async with fetching(time, scrape_delay_s=1, scrape_concurrency=8) as fetcher:
        await asyncio.gather(*(fetcher.fetch(f"{raw_shop.url}/page") for _ in range(6)))
    assert time.now_s >= 1000 + 6


async def test_a_host_is_asked_only_so_many_times_at_once(raw_shop: RawServer) -> None:
    busy, busiest, full, leave = 0, 0, asyncio.Event(), asyncio.Event()

    async def wait(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal busy, busiest
        busy += 1
        busiest = max(busiest, busy)
        if busy == 3:
            full.set()
        await leave.wait()
        busy -= 1
        writer.write(answer(body=PAGE))

    raw_shop.replies["/page"] = wait
    async with fetching(scrape_concurrency=3) as fetcher, asyncio.TaskGroup() as group:
        for _ in range(9):
            group.create_task(fetcher.fetch(f"{raw_shop.url}/page"))
        await full.wait()
        leave.set()
    assert busiest == 3
    assert raw_shop.connections == 3


@pytest.mark.parametrize(
    ("status", "is_transient"),
    [
        (204, False), (206, False), (300, False), (400, False), (401, False), (403, False),
        (404, False), (408, True), (410, False), (425, True), (429, True), (451, False),
        (500, True), (502, True), (503, True), (504, True),
    ],
)  # fmt: skip
async def test_a_status_tells_whether_to_ask_again(
    raw_shop: RawServer, status: int, is_transient: bool
) -> None:
    raw_shop.replies["/page"] = answer(status)
    async with fetching() as fetcher:
        failed = await failure(fetcher, f"{raw_shop.url}/page")
    assert (failed.status, failed.is_transient) == (status, is_transient)
    assert failed.retry_after_s is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), ("0", 0), ("999999999999", 3600), ("-5", None), ("1.5", None),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120), ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 22 Nov 2027 12:00:00 GMT", 3600), ("Sun, 22 Nov 2026 12:01:00 -0000", 60),
        ("amanhã", None), ("Sun, 99 Nov 2026 12:00:00 GMT", None), ("", None), ("9" * 400, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
async def test_a_shop_says_when_to_come_again(
    raw_shop: RawServer, status: int, value: str, seconds: float | None
) -> None:
    raw_shop.replies["/page"] = answer(status, Retry_After=value)
    async with fetching() as fetcher:
        assert (await failure(fetcher, f"{raw_shop.url}/page")).retry_after_s == seconds


@pytest.mark.parametrize(
    "length", ["Content-Length: 200000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_an_endless_page_is_given_up_on(raw_shop: RawServer, length: str) -> None:
    sent = 0

    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 200 OK\r\n{length}".encode())
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()
            sent += 1024

    raw_shop.replies["/page"] = endless
    async with fetching(scrape_max_page_bytes=10_000) as fetcher:
        failed = await failure(fetcher, f"{raw_shop.url}/page")
        assert fetcher.received_bytes < 200_000
    assert (failed.is_transient, failed.status) == (False, 200)
    assert "grande" in failed.reason


async def test_gzip_is_unpacked_and_counted_packed(raw_shop: RawServer) -> None:
    body = PAGE * 100
    packed = gzip.compress(body)
    raw_shop.replies["/page"] = answer(body=packed, Content_Encoding="gzip")
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{raw_shop.url}/page")
    assert fetched.body == body
    assert len(packed) < fetched.received_bytes < len(packed) + 100


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_bomb_does_not_go_off(raw_shop: RawServer, layers: int) -> None:
    packed = gzip.compress(bytes(50_000_000), 9)
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    assert len(packed) < 60_000
    raw_shop.replies["/page"] = answer(body=packed, Content_Encoding=", ".join(["gzip"] * layers))
    async with fetching(scrape_max_page_bytes=60_000) as fetcher:
        assert "grande" in (await failure(fetcher, f"{raw_shop.url}/page")).reason


async def test_what_is_no_gzip_is_a_passing_failure(raw_shop: RawServer) -> None:
    raw_shop.replies["/page"] = answer(body=b"not gzip", Content_Encoding="gzip")
    async with fetching() as fetcher:
        assert (await failure(fetcher, f"{raw_shop.url}/page")).is_transient


async def test_redirections_within_the_shop_are_followed(raw_shop: RawServer) -> None:
    raw_shop.replies["/a"] = answer(301, Location="/b#parte")
    raw_shop.replies["/b"] = answer(302, Location=f"{raw_shop.url}/page")
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{raw_shop.url}/a")
    assert (fetched.url, fetched.body) == (f"{raw_shop.url}/page", PAGE)
    assert raw_shop.paths() == ["/robots.txt", "/a", "/b", "/page"]
    assert fetched.received_bytes == raw_shop.sent_bytes - len(
        answer(body=b"User-agent: *\nAllow: /\n")
    )


async def test_five_redirections_and_not_one_more(raw_shop: RawServer) -> None:
    for number in range(6):
        raw_shop.replies[f"/{number}"] = answer(307, Location=f"/{number + 1}")
    raw_shop.replies["/6"] = answer(body=PAGE)
    async with fetching() as fetcher:
        assert (await fetcher.fetch(f"{raw_shop.url}/1")).body == PAGE
        failed = await failure(fetcher, f"{raw_shop.url}/0")
    assert (failed.is_transient, failed.status) == (False, 307)


async def test_nothing_leads_to_another_host(raw_shop: RawServer) -> None:
    async with raw_server() as other, fetching() as fetcher:
        for place in (
            f"{other.url}/page", other.url.replace("http:", ""),
            raw_shop.url.replace("http", "https"), "http://localhost/", "ftp://127.0.0.1/",
            "http://[", "http://127.0.0.1:70000/",
            "", "file:///etc/passwd", "/" + "x" * 3000,
        ):  # fmt: skip
            raw_shop.replies["/page"] = answer(302, Location=place)
            failed = await failure(fetcher, f"{raw_shop.url}/page")
            assert (failed.is_transient, failed.status) == (False, 302), place
        assert other.asked == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "loja", "http://a:b@127.0.0.1/"])
async def test_what_is_no_address_of_the_web_is_not_asked_for(url: str) -> None:
    async with fetching() as fetcher:
        assert not (await failure(fetcher, url)).is_transient


async def test_silence_is_a_passing_failure_and_holds_no_place(raw_shop: RawServer) -> None:
    async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def slow(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    raw_shop.replies.update({"/silent": silent, "/slow": slow})
    async with fetching(scrape_timeout_s=0.2, scrape_concurrency=1) as fetcher:
        for path in ("/silent", "/slow", "/silent"):
            failed = await failure(fetcher, f"{raw_shop.url}{path}")
            assert (failed.is_transient, failed.status) == (True, None)
            assert "a tempo" in failed.reason
        assert (await fetcher.fetch(f"{raw_shop.url}/page")).body == PAGE


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
        b"this is no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000,
    ],
)
async def test_a_broken_answer_is_a_passing_failure(raw_shop: RawServer, said: bytes) -> None:
    async def broken(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    raw_shop.replies["/page"] = broken
    async with fetching() as fetcher:
        assert (await failure(fetcher, f"{raw_shop.url}/page")).is_transient


async def test_nobody_listening_is_a_passing_failure() -> None:
    async with raw_server() as raw_shop:
        url = raw_shop.url
    async with fetching() as fetcher:
        failed = await failure(fetcher, f"{url}/page")
    assert failed.is_transient
    assert failed.reason.startswith("robots.txt: ")


async def test_a_cancelled_request_gives_its_place_back(raw_shop: RawServer) -> None:
    reached = asyncio.Event()

    async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
        reached.set()
        await asyncio.Event().wait()

    raw_shop.replies["/silent"] = silent
    async with fetching(scrape_concurrency=1) as fetcher:
        asking = asyncio.create_task(fetcher.fetch(f"{raw_shop.url}/silent"))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await fetcher.fetch(f"{raw_shop.url}/page")).body == PAGE
