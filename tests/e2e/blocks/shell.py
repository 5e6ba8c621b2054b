"""The rules by which the commands of shell blocks are run."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest
from tests.e2e import compose_lines
from tests.e2e.blocks.curl import ask
from tests.e2e.blocks.once import HELP, Benchmarks, reference
from tests.e2e.blocks.pages import ROOT
from tests.e2e.blocks.square import COMMAND_S, Start, program, run

__all__ = ["Shell"]

_PORT_OF_README = "127.0.0.1:8000"
_ADDRESS = f"http://{_PORT_OF_README}"
_PASSWORD_OF = {
    "SENHA": "recrutador",
    "SENHA_ADMIN": "admin",
    "SENHA_BIBLIOTECARIA": "bibliotecaria",
    "SENHA_CIDADAO": "cidadao",
    "SENHA_OPERADOR": "operador",
}
"""What the documents call the passwords that ``praca up`` prints."""


def _in_ci(command: str) -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert command in [line.strip().replace(" --quiet", "") for line in lines]


class Shell:
    """Runs the commands of a shell block, each by the first rule that knows it."""

    def __init__(
        self,
        start: Start,
        environment: Mapping[str, str],
        folder: Path,
        benchmarks: Benchmarks,
    ) -> None:
        self._start = start
        self._benchmarks = benchmarks
        self._environment = environment
        self._folder = folder
        self._rules: tuple[tuple[str, Callable[[str], str]], ...] = (
            # The suite itself, perhaps on a server: that the same words are in .ci/run is all
            # that can be said of it from inside.
            (
                r"(PRACA_DATABASE_URL=postgresql://\S+ )?(pip install uv && )?uv run pytest",
                self._ci,
            ),
            (r"uv run (ruff check|ruff format --check|mypy|lint-imports)", self._ci),
            (r"(pip install uv && )?uv run praca up", self._up),
            (r"uv run praca mlflow", self._pages),
            (r"uv run python -m websockets \"ws://127\.0\.0\.1:8000/\S+\"", self._socket),
            (r"curl -N .+ \| grep -m1 '[^']+'", self._stream),
            (r"uv run praca backup .+", self._backup),
            (r"uv run praca [a-z].*", self._praca),
            (HELP.pattern, self._benchmark),
            (r"uv run pytest -q tests/\S+\.py", self._tests),
            (r"uv run python -m tools\.reference", self._reference),
            (r"(uv run )?python -c '[^']+'", self._python),
            (r"curl '?http://127\.0\.0\.1:8000/\S*", self._curl),
            (
                r"curl (-X|-H|-d|--data-binary|--json|\"\$[A-Z]+\"|\"http://127\.0\.0\.1:8000/).*",
                self._curl_with_options,
            ),
            (r"[A-Z]+=\$\(curl .+ \| python -c '[^']+'\)", self._assign),
            (r"until curl .+ \| grep -q '[^']+'; do sleep 1; done", self._until),
            # There is no engine here; what such a line names must be there.
            (r"docker compose [^|&;<>]+( [<>] [\w.-]+)?", self._compose),
            (r"sh deploy/compose/[\w-]+\.sh( \S+)?", self._script),
        )
        self._variables: dict[str, str] = {}

    def run(self, command: str) -> str:
        """Run one command and return what it printed."""
        for pattern, rule in self._rules:
            if re.fullmatch(pattern, command):
                return rule(command)
        pytest.fail(f"no rule knows how to test: {command}")

    def _compose(self, command: str) -> str:
        compose_lines.check(re.sub(r" [<>] \S+$", "", command))
        return ""

    def _script(self, command: str) -> str:
        _, script, *arguments = shlex.split(command)
        path = str(ROOT / script)
        return run(["/bin/sh", path, *arguments], self._environment, self._folder)

    def _ci(self, command: str) -> str:
        command = re.sub(r"^PRACA_DATABASE_URL=\S+ ", "", command)
        if command == "uv run pytest":
            command = "pip install uv && uv run pytest"
        _in_ci(command)
        return ""

    def _up(self, _command: str) -> str:
        return self._start().output

    def _pages(self, _command: str) -> str:
        """Run what only Ctrl-C ends, until its pages answer."""
        process = subprocess.Popen(  # noqa: S603  # our own program
            [program("praca"), "mlflow"],
            env={**self._environment, "PRACA_MLFLOW_PORT": "0"},
            cwd=self._folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().removeprefix("mlflow: ").strip()
                transport = httpx.HTTPTransport(retries=20)
                with httpx.Client(transport=transport, timeout=60) as client:
                    assert client.get(address).status_code == 200
            finally:
                process.send_signal(signal.SIGINT)
        assert process.returncode == 0
        return address

    def _backup(self, command: str) -> str:
        self._start()  # there must be something to back up
        return self._praca(command)

    def _praca(self, command: str) -> str:
        arguments = shlex.split(command)[3:]
        return run([program("praca"), *arguments], self._environment, self._folder)

    def _tests(self, command: str) -> str:
        """Run the tests of one file, apart from those of which this one is."""
        own = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        arguments = [program("pytest"), "-n", "0", "-p", "no:cacheprovider"]
        return run([*arguments, *shlex.split(command)[3:]], own, ROOT)

    def _reference(self, _command: str) -> str:
        return reference()

    def _benchmark(self, command: str) -> str:
        return self._benchmarks.explain(command)

    def _python(self, command: str) -> str:
        program = shlex.split(command.removeprefix("uv run "))[1:]
        return run([sys.executable, *program], self._environment, self._folder)

    def _curl(self, command: str) -> str:
        return httpx.get(self._here(shlex.split(command)[1]), timeout=30).text

    def _curl_with_options(self, command: str) -> str:
        return ask(
            [self._here(word) for word in shlex.split(self._expanded(command))[1:]], self._folder
        )

    def _stream(self, command: str) -> str:
        """Listen until a line has the word in it."""
        asked, word = re.findall(r"curl -N (.+) \| grep -m1 '([^']+)'", command)[0]
        address = self._here(shlex.split(self._expanded(asked))[-1])
        with httpx.stream("GET", address, timeout=30) as answer:
            assert answer.is_success
            return next(line for line in answer.iter_lines() if word in line)

    def _socket(self, command: str) -> str:
        """Open a socket as the client of the library does, until a message has come."""
        url = shlex.split(self._expanded(command))[-1]
        own = self._start().address.replace("http://", "ws://")
        process = subprocess.Popen(  # noqa: S603  # our own client
            [sys.executable, "-m", "websockets", url.replace(f"ws://{_PORT_OF_README}", own)],
            env=dict(self._environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            try:
                return next(line for line in process.stdout if "< {" in line)
            finally:
                process.kill()

    def _until(self, command: str) -> str:
        """Ask until the answer has the word in it."""
        asked, word = re.findall(r"until (curl .+) \| grep -q '([^']+)'; do", command)[0]
        deadline = time.monotonic() + COMMAND_S
        while word not in (text := self.run(asked)):
            assert time.monotonic() < deadline, text
            time.sleep(0.2)
        return ""

    def _assign(self, command: str) -> str:
        name, asked, program = re.findall(r"(\w+)=\$\((.+) \| python -c '(.+)'\)", command)[0]
        answer = subprocess.run(  # noqa: S603  # what our own documents say
            [sys.executable, "-c", program],
            input=self.run(asked),
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=True,
        )
        self._variables[name] = answer.stdout.strip()
        return ""

    def _expanded(self, command: str) -> str:
        """Put in the variables, as a shell does: not between single quotes."""
        return re.sub(
            r"'[^']*'|\$(\w+)",
            lambda found: self._value(found[1]) if found[1] else found[0],
            command,
        )

    def _value(self, name: str) -> str:
        if name in _PASSWORD_OF:
            return self._start().password_of(_PASSWORD_OF[name])
        return self._variables[name]

    def _here(self, word: str) -> str:
        """Return the word with the address of what is running in place of the documents'."""
        if not word.startswith(_ADDRESS):
            return word
        return word.replace(_ADDRESS, self._start().address, 1)
