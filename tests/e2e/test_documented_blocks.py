"""Every code block of the documents is run, or recognised as something that is.

A block that this file does not know how to run fails: nobody can add an untested one.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e import compose_lines
from tools.reference import pages

_ROOT = Path(__file__).parents[2]
_PAGES = sorted(
    [
        *_ROOT.glob("*.md"),
        *(_ROOT / "docs").rglob("*.md"),
        *(_ROOT / "benchmarks").glob("*.md"),
    ]
)
_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORT_OF_README = "127.0.0.1:8000"
_PASSWORD_OF = {
    "SENHA": "recrutador",
    "SENHA_ADMIN": "admin",
    "SENHA_BIBLIOTECARIA": "bibliotecaria",
    "SENHA_CIDADAO": "cidadao",
    "SENHA_OPERADOR": "operador",
}
"""What the documents call the passwords that ``praca up`` prints."""
_HELP = re.compile(r"uv run python (benchmarks/\w+\.py|-m benchmarks(\.\w+)+) --help")
_EXPLAIN = """
import json, pathlib, runpy, sys
for number, arguments in enumerate(json.loads(sys.argv[1])):
    if number:
        print(end="\\0")
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(str(pathlib.Path(sys.argv[0]).resolve()), run_name="__main__")
    except SystemExit as ended:
        assert not ended.code, arguments
"""
_START_S = 300
_COMMAND_S = 300


@dataclass(frozen=True)
class Block:
    """One fenced block; ``before`` is the one that stands before it on the page."""

    page: str
    number: int
    language: str
    text: str
    before: "Block | None" = None

    def __str__(self) -> str:
        return f"{self.page}:{self.number}:{self.language or 'text'}"

    def commands(self) -> list[str]:
        """Return the lines of a shell block; one line is one command."""
        lines = [line.strip() for line in self.text.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]


def _blocks_of(page: str, text: str) -> list[Block]:
    blocks: list[Block] = []
    for number, (language, body) in enumerate(_FENCE.findall(text), start=1):
        blocks.append(Block(page, number, language, body, blocks[-1] if blocks else None))
    return blocks


def _all_blocks() -> list[Block]:
    return [
        block
        for page in _PAGES
        for block in _blocks_of(
            page.relative_to(_ROOT).as_posix(), page.read_text(encoding="utf-8")
        )
    ]


_BLOCKS = _all_blocks()


class Square:
    """What ``praca up`` started: its address, and what it said until it was ready."""

    def __init__(self, address: str, output: str) -> None:
        self.address = address
        self.output = output


Start = Callable[[], Square]
_QUIET = {"PRACA_BOOKSHOP_PORT": "0", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    # A short path: the server's socket lies in it.
    with tempfile.TemporaryDirectory(prefix="doc-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def clean_environment(data_dir: Path) -> dict[str, str]:
    """The environment of a newcomer, but for the folder and the port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRACA_")}
    return {**kept, "PRACA_DATA_DIR": str(data_dir), "PRACA_PORT": "0", **_QUIET}


@pytest.fixture(scope="module")
def start(clean_environment: Mapping[str, str], data_dir: Path) -> Iterator[Start]:
    """Return what runs ``praca up`` until it is ready, once; it is stopped with Ctrl-C."""
    log = data_dir / "up.log"
    started: list[tuple[subprocess.Popen[bytes], Square]] = []

    def up() -> Square:
        if not started:
            with log.open("wb") as output:
                process = subprocess.Popen(  # noqa: S603  # our own program
                    [_program("praca"), "up", "--no-dashboard"],
                    env=clean_environment,
                    cwd=data_dir,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            try:
                started.append((process, _until_ready(process, log)))
            except BaseException:
                process.kill()
                process.wait()
                raise
        return started[0][1]

    yield up
    for process, _ in started:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def _until_ready(process: "subprocess.Popen[bytes]", log: Path) -> Square:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        output = log.read_text(encoding="utf-8")
        if found := re.search(r"^ready: (http://\S+)$", output, re.MULTILINE):
            return Square(found[1], output)
        assert process.poll() is None, output
        time.sleep(0.1)
    raise TimeoutError(log.read_text(encoding="utf-8"))


def _program(name: str) -> str:
    """Return the path of a program that ``uv run`` would find."""
    path = Path(sys.executable).with_name(name)
    assert path.exists(), f"{name} is not installed"
    return str(path)


def _run(arguments: list[str], environment: Mapping[str, str], cwd: Path) -> str:
    answer = subprocess.run(  # noqa: S603  # what our own documents say
        arguments,
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=_COMMAND_S,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def _in_ci(command: str) -> None:
    lines = (_ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert command in [line.strip().replace(" --quiet", "") for line in lines]


class Shell:
    """Runs the commands of a shell block, each by the first rule that knows it."""

    def __init__(self, start: Start, environment: Mapping[str, str], folder: Path) -> None:
        self._start = start
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
            (_HELP.pattern, self._benchmark),
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
        self._explained: dict[str, str] | None = None

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
        path = str(_ROOT / script)
        return _run(["/bin/sh", path, *arguments], self._environment, self._folder)

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
            [_program("praca"), "mlflow"],
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
        return _run([_program("praca"), *arguments], self._environment, self._folder)

    def _tests(self, command: str) -> str:
        """Run the tests of one file, apart from those of which this one is."""
        own = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        arguments = [_program("pytest"), "-n", "0", "-p", "no:cacheprovider"]
        return _run([*arguments, *shlex.split(command)[3:]], own, _ROOT)

    def _reference(self, _command: str) -> str:
        """Make the pages, but leave the clone as it is: others of these tests read it."""
        return "\n".join(pages())

    def _benchmark(self, command: str) -> str:
        """Ask all benchmarks of the documents at once: what they load, they load once."""
        if self._explained is None:
            asked = [one for block in _of("sh") for one in block.commands() if _HELP.fullmatch(one)]
            arguments = json.dumps([shlex.split(one)[3:] for one in asked])
            program = [sys.executable, "-c", _EXPLAIN, arguments]
            told = _run(program, self._environment, _ROOT).split("\0")
            self._explained = dict(zip(asked, told, strict=True))
        assert self._explained[command].startswith("usage: ")
        return self._explained[command]

    def _python(self, command: str) -> str:
        program = shlex.split(command.removeprefix("uv run "))[1:]
        return _run([sys.executable, *program], self._environment, self._folder)

    def _curl(self, command: str) -> str:
        address = self._start().address
        url = shlex.split(command)[1].replace(f"http://{_PORT_OF_README}", address)
        return httpx.get(url, timeout=30).text

    def _curl_with_options(self, command: str) -> str:
        """Ask as curl would, and insist on a good answer."""
        words = shlex.split(self._expanded(command))[1:]
        asked: dict[str, Any] = {"headers": {}}
        method, output = "", None
        form: dict[str, Any] = {}
        while len(words) > 1:
            option, value, *words = words
            if option == "-X":
                method = value
            elif option == "-H":
                asked["headers"] |= [value.split(": ", 1)]
            elif option == "--json":
                asked["json"] = json.loads(value)
            elif option == "--data-binary":
                asked["content"] = (self._folder / value.removeprefix("@")).read_bytes()
            elif option == "-o":
                output = self._folder / value
            elif option == "-F":
                name, _, content = value.partition("=")
                of_file = (self._folder / content[1:]).read_bytes() if content[0] == "@" else b""
                form[name] = (content[1:], of_file) if of_file else (None, content)
            else:
                asked["data"] = dict(pair.split("=", 1) for pair in value.split("&"))
        url = words[0].replace(f"http://{_PORT_OF_README}", self._start().address)
        if form:
            asked["files"] = form
        method = method or (
            "POST" if asked.keys() & {"content", "data", "files", "json"} else "GET"
        )
        answer = httpx.request(method, url, timeout=30, **asked)
        assert answer.is_success, answer.text
        if output is not None:
            output.write_bytes(answer.content)
        return answer.text

    def _stream(self, command: str) -> str:
        """Listen until a line has the word in it."""
        asked, word = re.findall(r"curl -N (.+) \| grep -m1 '([^']+)'", command)[0]
        url = shlex.split(self._expanded(asked))[-1]
        address = url.replace(f"http://{_PORT_OF_README}", self._start().address)
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
        deadline = time.monotonic() + _COMMAND_S
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
            timeout=_COMMAND_S,
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
            return self._password(_PASSWORD_OF[name])
        return self._variables[name]

    def _password(self, account: str) -> str:
        found = re.search(rf"^{account} (\S+)$", self._start().output, re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.fixture
def shell(start: Start, clean_environment: Mapping[str, str], tmp_path: Path) -> Shell:
    return Shell(start, clean_environment, tmp_path)


def _of(*languages: str) -> list[Block]:
    return [block for block in _BLOCKS if block.language in languages]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(_ROOT).as_posix())
def test_every_fence_is_a_block_of_a_language_that_is_tested(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = _blocks_of(page.name, text)
    assert len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)) == 2 * len(blocks)
    assert {block.language for block in blocks} <= {"sh", "json", "python", "mermaid", ""}


_PAGES_WITH_COMMANDS = sorted({block.page for block in _of("sh")})


@pytest.mark.parametrize("page", _PAGES_WITH_COMMANDS)
def test_shell_blocks_run(page: str, shell: Shell) -> None:
    # All of a page in one shell: what an earlier block was answered, a later one may use.
    for block in _of("sh"):
        if block.page == page:
            assert block.commands()
            for command in block.commands():
                shell.run(command)


@pytest.mark.parametrize("block", _of("json"), ids=str)
def test_documented_answers_are_the_answers(block: Block, shell: Shell) -> None:
    assert block.before is not None
    assert block.before.language == "sh"
    (command,) = block.before.commands()
    assert command.startswith("curl ")
    assert json.loads(shell.run(command)) == json.loads(block.text)


@pytest.mark.parametrize("block", _of("python"), ids=str)
def test_python_blocks_run(
    block: Block, clean_environment: Mapping[str, str], tmp_path: Path
) -> None:
    # In a process of its own: a class of an example would be one of the application's for ever.
    _run([sys.executable, "-W", "error", "-c", block.text], clean_environment, tmp_path)


@pytest.mark.parametrize("block", _of("mermaid", ""), ids=str)
def test_pictures_show_the_layers_that_are_enforced(block: Block) -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = [
        layer.replace("praca.", "")
        for layer in project["tool"]["importlinter"]["contracts"][0]["layers"]
    ]
    if block.language == "":
        assert block.text.strip() == " > ".join(layers)
        return
    if block.text.startswith("sequenceDiagram"):
        _check_participants(block.text)
        return
    nodes = re.findall(r'^ +(\w+)\["\1: ', block.text, re.MULTILINE)
    shown = [[room for room in layer.split(" | ") if room in nodes] for layer in layers]
    assert nodes == [room for rooms in shown for room in rooms]
    assert f"    {' --> '.join(' & '.join(rooms) for rooms in shown if rooms)}\n" in block.text


def _check_participants(text: str) -> None:
    """Check that everybody who takes part is declared, and that our modules are there."""
    declared = dict(re.findall(r"^ +participant (\w+)(?: as (.+))?$", text, re.MULTILINE))
    taking = set(re.findall(r"^ +(\w+)-{1,2}>>", text, re.MULTILINE))
    taking |= set(re.findall(r">>(\w+): ", text))
    assert taking == set(declared)
    for label in declared.values():
        assert not label.startswith("praca.") or find_spec(label), label


def test_what_the_readme_tells_about_the_start_is_true(start: Start) -> None:
    square = start()
    for name in ("admin", "recrutador", "cidadao"):
        assert re.search(rf"^{name} \S{{12,}}$", square.output, re.MULTILINE)
    assert httpx.get(f"{square.address}/docs", timeout=30).status_code == 200
    vacancies = httpx.get(f"{square.address}/api/v1/vagas/list", timeout=30).json()
    assert vacancies["total"] > 0


@pytest.mark.parametrize(
    "line",
    [
        "docker compose --profile prod up --detach",
        "docker compose --profile prod logs --follow api worker",
        "docker compose --profile prod run --rm api ledger verify",
        "docker compose --profile prod run --rm --volume /srv:/in api backup verify /in/a.tar",
        "docker compose --profile prod exec postgres psql",
    ],
)
def test_a_line_for_compose_that_names_what_is_there_is_good(line: str) -> None:
    compose_lines.check(line)


@pytest.mark.parametrize(
    "line",
    [
        "docker compose --profile prod",
        "docker compose --profile staging up",
        "docker compose --env-file deploy/compose/none.env --profile dev up",
        "docker compose --profile prod up --no-such-option",
        "docker compose --profile prod logs apis",
        "docker compose --profile prod logs mail",
        "docker compose logs api",
        "docker compose --profile prod kill api",
        "docker compose --profile prod run --rm",
        "docker compose --profile prod run --rm api",
        "docker compose --profile prod run --rm api ledger verity",
        "docker compose --profile prod run --rm api backup verify /in/a.tar",
        "docker compose --profile prod run --rm --volume",
        "docker compose --profile prod exec api sh",
    ],
)
def test_a_line_for_compose_that_names_what_is_not_there_fails(line: str) -> None:
    with pytest.raises(AssertionError):
        compose_lines.check(line)


@pytest.mark.parametrize(
    "command",
    ["rm -rf /", "uv run praca", "uv run python x.py", "uv run ruff check --fix", "curl ftp://x"],
)
def test_a_command_that_nobody_knows_fails(shell: Shell, command: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="no rule"):
        shell.run(command)


def test_a_check_that_ci_does_not_make_fails(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda *_arguments, **_options: "echo nothing")
    with pytest.raises(AssertionError):
        shell.run("uv run mypy")
