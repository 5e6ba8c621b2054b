"""That each line is written once, whatever happens to the database, the process or the line."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from structlog.testing import capture_logs
from tests.integration.cities import create_database, drop_database
from tests.integration.journal.conftest import rows
from tests.workers import own

from praca.platform.database import Database, Databases, migrate
from praca.platform.journal import Journal
from praca.platform.resources import Resources
from praca.platform.settings import Settings

_COUNT = "SELECT count(*) FROM platform.request_log"
_ROUTES = "SELECT route FROM platform.request_log ORDER BY at, id"
_DROPPED = "SELECT coalesce(sum(lines), 0)::int FROM platform.journal_drops"


def note(journal: Journal, *routes: str) -> None:
    for route in routes:
        journal.note_request("GET", route, 200, 1.5, None)


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"/{n:06}" for n in range(start, start + count)]


@pytest.fixture
async def away(migrated_url: str) -> AsyncIterator["Away"]:
    name = own("praca_tests_journal")
    databases = Databases(create_database(migrated_url, name), None)
    await migrate(databases)
    yield Away(migrated_url, databases.city)
    await databases.dispose()
    drop_database(migrated_url, name)


class Away:
    """A database that can be taken away, connections and all, and be brought back."""

    def __init__(self, server: str, database: Database) -> None:
        self.server, self.database = server, database
        self.name = make_url(database.dsn).database or ""

    def _say(self, *statements: str) -> None:
        names = (sql.Identifier(self.name), sql.Identifier(f"{self.name}_away"))
        with psycopg.connect(self.server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement).format(*names))

    def take(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self.name],
            )
        self._say("ALTER DATABASE {0} RENAME TO {1}")

    def bring_back(self) -> None:
        self._say("ALTER DATABASE {1} RENAME TO {0}")


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110  # the journal tells nobody
            await asyncio.sleep(0.01)


async def until_written(journal: Journal) -> None:
    await until(lambda: journal.waiting == 0)


async def test_a_thousand_requests_at_once_are_noted_once_each(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str
) -> None:
    journal.start()
    answers = await asyncio.gather(*(client.get("/api/v1/health") for _ in range(1_000)))
    assert {answer.status_code for answer in answers} == {200}
    await journal.stop()
    assert rows(city_dsn, _COUNT) == [(1_000,)]
    assert rows(city_dsn, "SELECT count(*) FROM platform.journal_writers") == [(1,)]


async def test_many_lines_are_written_before_their_time(
    settings: Settings, resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL_FLUSH_S", "60")
    journal = Journal(Settings.load(), resources.databases.city)
    assert settings.journal.journal_flush_s == 1.0
    journal.start()
    note(journal, *numbered(1_500))
    await until_written(journal)
    assert rows(city_dsn, _ROUTES) == [(route,) for route in numbered(1_500)]
    await journal.stop()


async def test_lines_wait_for_a_database_that_is_away(
    away: Away, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL_FLUSH_S", "0.02")
    monkeypatch.setenv("PRACA_JOURNAL_BUFFER", "100")
    assert settings.journal.journal
    journal = Journal(Settings.load(), away.database)
    journal.start()
    note(journal, *numbered(30))
    await until_written(journal)
    with capture_logs() as log:
        away.take()
        note(journal, *numbered(130, start=30))
        await until(lambda: "journal.database_lost" in [line["event"] for line in log])
        assert journal.waiting == 100
        away.bring_back()
        await until_written(journal)
        note(journal, "/de-volta")
        await journal.stop()
    events = [(line["event"], line.get("lines")) for line in log]
    assert events.count(("journal.database_lost", None)) == 1
    assert ("journal.database_back", None) in events
    assert ("journal.lines_dropped", 30) in events
    kept = [*numbered(130), "/de-volta"]
    assert rows(away.database.dsn, _ROUTES) == [(route,) for route in kept]
    assert rows(away.database.dsn, _DROPPED) == [(30,)]


async def test_a_process_ends_in_time_without_its_database(away: Away, settings: Settings) -> None:
    journal = Journal(settings, away.database)
    journal.start()
    note(journal, "/a", "/b")
    away.take()
    with capture_logs() as log:
        await asyncio.wait_for(journal.stop(), 10)
    away.bring_back()
    lost = [line for line in log if line["event"] == "journal.lines_lost"]
    assert [line["lines"] for line in lost] == [2]


class Forgetful(Database):
    """Commits, and then loses the connection before it could say so."""

    losses = 0

    async def fetch_one(self, query: str, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
        answer = await super().fetch_one(query, params)
        if self.losses:
            self.losses -= 1
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return answer


async def test_a_commit_whose_answer_was_lost_is_not_repeated(
    settings: Settings, city_dsn: str
) -> None:
    database = Forgetful(city_dsn)
    journal = Journal(settings, database)
    note(journal, "/a", "/b")
    database.losses = 2
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            await journal.flush()
    note(journal, "/c")
    await journal.flush()
    await database.dispose()
    assert rows(city_dsn, _ROUTES) == [("/a",), ("/b",), ("/c",)]


async def test_a_table_that_is_locked_keeps_no_connection(
    settings: Settings, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("praca.platform.journal.journal._WRITE_S", 0.1)
    database = Database(city_dsn, pool_size=1)
    journal = Journal(settings, database)
    note(journal, "/a", "/b")
    async with await psycopg.AsyncConnection.connect(city_dsn) as locking:
        await locking.execute("LOCK TABLE platform.request_log")
        for _ in range(2):
            async with asyncio.timeout(10):
                with pytest.raises(TimeoutError):
                    await journal.flush()
        assert await database.fetch_one("SELECT 1", {}) == (1,)
    monkeypatch.undo()
    note(journal, "/c")
    await journal.flush()
    await database.dispose()
    assert rows(city_dsn, _ROUTES) == [("/a",), ("/b",), ("/c",)]


async def test_a_bad_line_spoils_no_other(journal: Journal, city_dsn: str) -> None:
    good = numbered(50)
    note(journal, *good[:20], "/a\0", *good[20:])
    journal.note_request("GET", "/status", 70_000, 1.0, None)
    with capture_logs() as log:
        await journal.flush()
        await journal.flush()
    assert rows(city_dsn, _ROUTES) == [(route,) for route in good]
    assert rows(city_dsn, _DROPPED) == [(2,)]
    assert [line["event"] for line in log].count("journal.line_refused") == 2
    assert journal.waiting == 0


async def test_the_writer_outlives_what_it_did_not_expect(
    settings: Settings, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL_FLUSH_S", "0.02")
    assert settings.journal.journal
    database = Database(city_dsn)
    journal = Journal(Settings.load(), database)
    failures = [RuntimeError("never seen before"), BaseExceptionGroup("", [SystemError()])]
    flush = journal.flush

    async def fail_first() -> None:
        if failures:
            raise failures.pop()
        await flush()

    monkeypatch.setattr(journal, "flush", fail_first)
    journal.start()
    note(journal, "/a")
    await until_written(journal)
    await journal.stop()
    await database.dispose()
    assert rows(city_dsn, _COUNT) == [(1,)]


async def test_what_waited_long_no_longer_says_whose_it_was(
    journal: Journal, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.note_request("GET", "/antes", 200, 1.0, 7)
    monkeypatch.setattr("praca.platform.journal.journal._NAMELESS_S", 0.0)
    await journal.flush()
    monkeypatch.undo()
    journal.note_request("GET", "/depois", 200, 1.0, 7)
    await journal.flush()
    query = "SELECT route, user_id FROM platform.request_log ORDER BY at"
    assert rows(city_dsn, query) == [("/antes", None), ("/depois", 7)]


async def test_what_took_long_no_longer_says_whose_it_was(journal: Journal, city_dsn: str) -> None:
    """An event stream may outlast its account, and the sweeps after the account's erasure."""
    journal.note_request("GET", "/longa", 200, 1_801_000.0, 7)
    journal.note_request("GET", "/curta", 200, 1_700_000.0, 7)
    await journal.flush()
    query = "SELECT route, user_id FROM platform.request_log ORDER BY at"
    assert rows(city_dsn, query) == [("/longa", None), ("/curta", 7)]


async def test_threads_note_predictions_side_by_side(journal: Journal, city_dsn: str) -> None:
    def predict() -> None:
        for n in range(200):
            journal.note_prediction("modelo", 1, {"n": n}, "sim", 0.5)

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await journal.flush()
    query = "SELECT count(*), count(DISTINCT input_hash) FROM platform.prediction_log"
    assert rows(city_dsn, query) == [(800, 200)]


_PROCESS = """
import asyncio, os, sys, time
from praca.platform.database import Database
from praca.platform.journal import Journal
from praca.platform.settings import Settings

def note(journal, count):
    for _ in range(count):
        journal.note_request("GET", "/a", 200, 1.0, None)

async def write(journal, database):
    await journal.flush()
    await database.dispose()

settings, dsn = Settings.load(), sys.argv[1]
"""
_KILLED = """
journal = Journal(settings, Database(dsn))
note(journal, 500)
asyncio.run(journal.flush())
note(journal, 50)
print("noted", flush=True)
time.sleep(60)
"""
_FORKED = """
database = Database(dsn)
journal = Journal(settings, database)
note(journal, 3)
child = os.fork()
note(journal, 1)
asyncio.run(write(journal, database))
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.usefixtures("settings")
def test_a_killed_process_loses_what_it_had_not_written_and_no_more(city_dsn: str) -> None:
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", _PROCESS + _KILLED, city_dsn], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "noted\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert rows(city_dsn, _COUNT) == [(500,)]


@pytest.mark.usefixtures("settings")
def test_a_forked_child_does_not_write_what_its_parent_noted(city_dsn: str) -> None:
    command = [sys.executable, "-c", _PROCESS + _FORKED, city_dsn]
    subprocess.run(command, check=True)  # noqa: S603
    assert rows(city_dsn, _COUNT) == [(5,)]
    assert rows(city_dsn, "SELECT count(*) FROM platform.journal_writers") == [(2,)]
