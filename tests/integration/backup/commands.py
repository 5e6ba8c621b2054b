"""``praca`` from one process that has loaded it: each command runs in a copy of that process.

A command is a process of its own, as for its users, and may be killed; but what it loads, which
takes longer than all that these commands do, is loaded once.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

from tests.e2e.running import environment

__all__ = ["Commands", "Done"]

_PROGRAM = """
import json, os, signal, sys
from praca.entrypoints import backups, restored
from praca.entrypoints.cli import work
from praca.entrypoints.cli.commands import app
from praca.platform.backup import making, restoring

def kill(what, done):
    if what == "arquivos":
        os.kill(os.getpid(), signal.SIGKILL)

def make_deadly(work):
    return lambda *arguments: work(*arguments[:-1], kill)

def run(job):
    for number, name in enumerate(("in", "out", "err")):
        os.dup2(os.open(job[name], os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.clear()
    os.environ.update(job["environment"])
    if job["kill"]:
        making.make_backup = make_deadly(making.make_backup)
        restoring.restore = make_deadly(restoring.restore)
    app(job["arguments"], prog_name="praca")

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Commands:
    """Runs commands one after the other, until it is left."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: folder / f"commands.{name}" for name in ("in", "out", "err")}
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", _PROGRAM],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        cast("IO[str]", self._process.stdin).close()
        cast("IO[str]", self._process.stdout).close()
        self._process.wait()

    def __call__(self, *arguments: str, **settings: str) -> Done:
        """Run one to its end."""
        return self._run(arguments, settings, is_killed=False)

    def killed(self, *arguments: str, **settings: str) -> Done:
        """Run one that is killed when it has copied the first part of a file."""
        return self._run(arguments, settings, is_killed=True)

    def _run(
        self, arguments: tuple[str, ...], settings: dict[str, str], *, is_killed: bool
    ) -> Done:
        job: dict[str, Any] = {"arguments": arguments, "kill": is_killed}
        job |= {name: str(path) for name, path in self._files.items()}
        line = json.dumps(job | {"environment": environment(**settings)})
        pipe = cast("IO[str]", self._process.stdin)
        pipe.write(f"{line}\n")
        pipe.flush()
        code = int(cast("IO[str]", self._process.stdout).readline())
        return Done(code, self._files["out"].read_text(), self._files["err"].read_text())
