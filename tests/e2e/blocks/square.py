"""The one ``praca up`` that all pages share, and other programs that they start."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["COMMAND_S", "Square", "Start", "Starter", "program", "run"]

COMMAND_S = 300
_START_S = 300


class Square:
    """What ``praca up`` started: its address, and what it said until it was ready."""

    def __init__(self, address: str, output: str) -> None:
        self.address = address
        self.output = output

    def password_of(self, account: str) -> str:
        """Return the password that the first start printed."""
        found = re.search(rf"^{account} (\S+)$", self.output, re.MULTILINE)
        assert found is not None
        return found[1]


Start = Callable[[], Square]


class Starter:
    """Runs ``praca up`` until it is ready, once, whoever asks first."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._log = folder / "up.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._square: Square | None = None

    def __call__(self) -> Square:
        """Return what is running."""
        if self._square is None:
            with self._log.open("wb") as output:
                self._process = subprocess.Popen(  # noqa: S603  # our own program
                    [program("praca"), "up", "--no-dashboard"],
                    env=dict(self._environment),
                    cwd=self._folder,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            try:
                self._square = self._until_ready(self._process)
            except BaseException:
                self._process.kill()
                self._process.wait()
                self._process = None
                raise
        return self._square

    def stop(self) -> None:
        """Send Ctrl-C, and insist on a good end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            assert self._process.wait(timeout=60) == 0

    def _until_ready(self, process: "subprocess.Popen[bytes]") -> Square:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            output = self._log.read_text(encoding="utf-8")
            if found := re.search(r"^ready: (http://\S+)$", output, re.MULTILINE):
                return Square(found[1], output)
            assert process.poll() is None, output
            time.sleep(0.1)
        raise TimeoutError(self._log.read_text(encoding="utf-8"))


def program(name: str) -> str:
    """Return the path of a program that ``uv run`` would find."""
    path = Path(sys.executable).with_name(name)
    assert path.exists(), f"{name} is not installed"
    return str(path)


def run(arguments: list[str], environment: Mapping[str, str], cwd: Path) -> str:
    """Run a program that must end well, and return what it printed."""
    answer = subprocess.run(  # noqa: S603  # what our own documents say
        arguments,
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout
