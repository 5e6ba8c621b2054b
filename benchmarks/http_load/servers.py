"""Servers and commands that a benchmark runs as processes of their own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

__all__ = ["cpu_s", "free_port", "praca", "resident_bytes", "running", "wait"]

_READY_S = 60.0


def praca(environment: dict[str, str], *arguments: str, sent: str = "") -> None:
    """Run a command of ours to its end; a failure ends the benchmark with what it said."""
    command = [sys.executable, "-m", "praca", *arguments]
    done = subprocess.run(  # noqa: S603  # our own program
        command, check=False, env=environment, input=sent, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"praca {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], core: int, log: Path) -> Iterator[int]:
    """Run a server on one core, its log in a file, and yield its process id."""
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink)  # noqa: S603
        try:
            os.sched_setaffinity(process.pid, {core})
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU that a server and the processes it started have used.

    ``praca api`` serves nothing itself: its processes do. Those that ended meanwhile count, too.
    """
    return sum(_of_all(pid, lambda process: sum(process.cpu_times()[:4])))


def resident_bytes(pid: int) -> int:
    """Return the memory that a server and the processes it started hold."""
    return int(sum(_of_all(pid, lambda process: process.memory_info().rss)))


def _of_all(pid: int, measure: Callable[[psutil.Process], float]) -> Iterator[float]:
    server = psutil.Process(pid)
    for process in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended just now
            yield measure(process)


def wait(url: str, log: Path) -> None:
    """Return when ``url`` answers; if it never does, end the benchmark with the log."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(URLError, OSError), urlopen(url, timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        time.sleep(0.1)
    sys.exit(f"{url} does not answer:\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
