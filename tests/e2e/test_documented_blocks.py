"""Every code block of the documents is run, or recognised as something that is.

A block that nobody here knows how to run fails: nobody can add an untested one. The rules are in
``tests/e2e/blocks``.
"""

import json
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from tests.e2e import compose_lines
from tests.e2e.blocks.once import Benchmarks
from tests.e2e.blocks.pages import PAGES, ROOT, Block, blocks_of, of
from tests.e2e.blocks.shell import Shell
from tests.e2e.blocks.square import Start, Starter, run

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
    starter = Starter(clean_environment, data_dir)
    yield starter
    starter.stop()


@pytest.fixture(scope="module")
def benchmarks(clean_environment: Mapping[str, str]) -> Benchmarks:
    return Benchmarks(clean_environment)


@pytest.fixture
def shell(
    start: Start, clean_environment: Mapping[str, str], tmp_path: Path, benchmarks: Benchmarks
) -> Shell:
    return Shell(start, clean_environment, tmp_path, benchmarks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_fence_is_a_block_of_a_language_that_is_tested(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = blocks_of(page.name, text)
    assert len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)) == 2 * len(blocks)
    assert {block.language for block in blocks} <= {"sh", "json", "python", "mermaid", ""}


_PAGES_WITH_COMMANDS = sorted({block.page for block in of("sh")})


@pytest.mark.parametrize("page", _PAGES_WITH_COMMANDS)
def test_shell_blocks_run(page: str, shell: Shell) -> None:
    # All of a page in one shell: what an earlier block was answered, a later one may use.
    for block in of("sh"):
        if block.page == page:
            assert block.commands()
            for command in block.commands():
                shell.run(command)


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_documented_answers_are_the_answers(block: Block, shell: Shell) -> None:
    assert block.before is not None
    assert block.before.language == "sh"
    (command,) = block.before.commands()
    assert command.startswith("curl ")
    assert json.loads(shell.run(command)) == json.loads(block.text)


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_blocks_run(
    block: Block, clean_environment: Mapping[str, str], tmp_path: Path
) -> None:
    # In a process of its own: a class of an example would be one of the application's for ever.
    run([sys.executable, "-W", "error", "-c", block.text], clean_environment, tmp_path)


@pytest.mark.parametrize("block", of("mermaid", ""), ids=str)
def test_pictures_show_the_layers_that_are_enforced(block: Block) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
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
