import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from praca.platform.database import EmbeddedPostgres, EmbeddedPostgresError

_HOLDER = """
import sys
from pathlib import Path
from praca.platform.database import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    # A short path: the server's socket lies in it.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        pid_file = Path(name) / "postgres" / "postmaster.pid"
        if pid_file.exists() and _serves(_pid(Path(name)), Path(name)):
            os.kill(_pid(Path(name)), signal.SIGQUIT)


def _pid(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def _serves(pid: int, folder: Path) -> bool:
    """Tell whether ``pid`` is alive and the server of this test's folder."""
    try:
        process = psutil.Process(pid)
        return Path(process.cwd()) == (folder / "postgres").resolve()
    except psutil.NoSuchProcess:
        return False


def _is_stopped(folder: Path) -> bool:
    return not (folder / "postgres" / "postmaster.pid").exists()


def _fetch(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _make_row(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
        connection.execute("INSERT INTO kept VALUES (42)")


@contextmanager
def _holder(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Let another process hold the server; it leaves when its input is closed."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", _HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("postgresql://")
        yield process, url
    finally:
        process.kill()
        process.communicate(timeout=30)


def _kill_hard(folder: Path) -> None:
    """Kill the server that this test started as a power cut would."""
    pid = _pid(folder)
    assert _serves(pid, folder)
    server = psutil.Process(pid)
    everybody = [server, *server.children(recursive=True)]
    server.kill()
    # Zombies without a reaper count as gone; the helpers notice by themselves that they are alone.
    _, alive = psutil.wait_procs(everybody, timeout=0.1)
    for _ in range(100):
        alive = [process for process in alive if _serves(process.pid, folder)]
        if not alive:
            break
        _, alive = psutil.wait_procs(alive, timeout=0.1)
    assert not alive


def test_it_starts_stops_and_starts_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        _ = server.url
    with server:
        _make_row(server.url)
        pid = _pid(folder)
    assert _is_stopped(folder)
    assert not _serves(pid, folder)
    server.release()  # a second one does nothing
    with EmbeddedPostgres(folder) as again:
        assert _fetch(again.url, "SELECT n FROM kept") == 42
        assert _fetch(again.url, "SHOW max_connections") == "200"
        assert _fetch(again.url, "SHOW listen_addresses") == ""
    assert _is_stopped(folder)


def test_the_server_survives_until_the_last_holder_leaves(folder: Path) -> None:
    with _holder(folder) as (first, url), EmbeddedPostgres(folder) as second:
        assert second.url == url
        pid = _pid(folder)
        first.communicate(timeout=60)
        assert first.returncode == 0
        assert _pid(folder) == pid
        assert _fetch(second.url, "SELECT 1") == 1
    assert _is_stopped(folder)


def test_the_first_may_leave_while_the_second_stays(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    with _holder(folder) as (second, url):
        server.release()
        assert _fetch(url, "SELECT 1") == 1
        second.communicate(timeout=60)
    assert _is_stopped(folder)


def test_a_killed_holder_does_not_keep_the_server_alive(folder: Path) -> None:
    with _holder(folder) as (killed, _):
        killed.kill()
        killed.wait(timeout=30)
        assert not _is_stopped(folder)
        with EmbeddedPostgres(folder) as server:
            assert _fetch(server.url, "SELECT 1") == 1
    assert _is_stopped(folder)


def _name_a_foreign_process(path: Path) -> None:
    lines = path.read_text().split("\n")
    path.write_text("\n".join([str(os.getpid()), *lines[1:]]))


def _empty(path: Path) -> None:
    path.write_text("")


def _leave(path: Path) -> None:
    assert path.exists()


@pytest.mark.parametrize("spoil", [_name_a_foreign_process, _empty, _leave])
def test_a_stale_pid_file_is_survived(folder: Path, spoil: Callable[[Path], None]) -> None:
    with _holder(folder) as (killed, url):
        _make_row(url)
        killed.kill()
        killed.wait(timeout=30)
    _kill_hard(folder)
    spoil(folder / "postgres" / "postmaster.pid")
    with EmbeddedPostgres(folder) as server:
        assert _pid(folder) != os.getpid()
        assert _fetch(server.url, "SELECT n FROM kept") == 42
    assert _is_stopped(folder)


@pytest.mark.parametrize("version", ["9", "17", None])
def test_a_folder_of_another_make_is_refused_untouched(folder: Path, version: str | None) -> None:
    postgres = folder / "postgres"
    (postgres / "base").mkdir(parents=True)
    (postgres / "base" / "1").write_text("somebody's data")
    if version is not None:
        (postgres / "PG_VERSION").write_text(f"{version}\n")

    def contents() -> dict[str, tuple[int, int, str]]:
        return {
            str(path): (
                path.stat().st_mode,
                path.stat().st_mtime_ns,
                path.read_text() if path.is_file() else "",
            )
            for path in [postgres, *postgres.rglob("*")]
        }

    before = contents()
    with pytest.raises(EmbeddedPostgresError, match="Nothing was changed"):
        EmbeddedPostgres(folder).start()
    assert contents() == before
    assert not list(folder.glob("postgres.new*"))


@pytest.mark.parametrize("is_empty_folder_there", [False, True])
def test_an_interrupted_initdb_is_survived(folder: Path, is_empty_folder_there: bool) -> None:
    draft = folder / "postgres.new"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    if is_empty_folder_there:
        (folder / "postgres").mkdir()
    with EmbeddedPostgres(folder) as server:
        assert _fetch(server.url, "SELECT 1") == 1
    assert not draft.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_starting_opens_no_folder_to_everybody(folder: Path) -> None:
    inner = folder / "data"
    inner.mkdir(mode=0o700)
    with EmbeddedPostgres(inner):
        for path in (inner, folder):
            assert path.stat().st_mode & 0o066 == 0
        assert (inner / "postgres").stat().st_mode & 0o077 == 0


def test_a_held_server_that_died_is_started_again(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        address = server.url
        _make_row(address)
        assert not server.revive()
        _kill_hard(folder)
        assert server.revive()
        assert server.url == address
        assert _fetch(address, "SELECT n FROM kept") == 42
        assert not server.revive()
    assert _is_stopped(folder)
    assert not server.revive()
