"""The scripts that CodeDeploy runs on a machine of one's own, run on a folder of their own."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import yaml
from psycopg import sql
from tests.e2e.running import environment, free_port, is_gone, short_folder, until
from tests.workers import own

_ROOT = Path(__file__).parents[3]
_MACHINE = _ROOT / "deploy" / "machine"
_SCRIPTS = ("before_install", "after_install", "start_application", "stop_application")
_HALF_SENT = 8
_BODY = b"username=ninguem&password=nada"
_BAD_MIGRATION = "raise SystemExit('nao migra')"
_BAD_START = "import sys\nsys.exit(0 if 'migrate' in sys.argv else 'nao comeca')"


def bundle(folder: Path, version: str, main: str | None = None) -> Path:
    """Make what CodeDeploy brings: the scripts and a wheel, of ours or of a broken release."""
    shutil.copytree(_MACHINE, folder)
    (folder / "wheels").mkdir()
    name = f"praca-{version}"
    with zipfile.ZipFile(folder / "wheels" / f"{name}-py3-none-any.whl", "w") as wheel:
        if main is None:
            # As an editable wheel has it: a copy would have to be compiled by each process.
            wheel.writestr("praca.pth", f"{_ROOT / 'src'}\n")
        else:
            wheel.writestr("praca/__init__.py", "")
            wheel.writestr("praca/__main__.py", main)
        info = f"{name}.dist-info"
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: praca\nVersion: {version}"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return folder


@dataclass
class Machine:
    """A folder that the scripts take for a whole machine."""

    root: Path
    database: str
    port: int = field(default_factory=free_port)

    def run(self, script: str, bundle: Path, **more: str) -> "subprocess.CompletedProcess[str]":
        with self.begin(script, bundle, **more) as process:
            out, error = process.communicate(timeout=120)
        return subprocess.CompletedProcess(script, process.returncode, out, error)

    def begin(self, script: str, bundle: Path, **more: str) -> "subprocess.Popen[str]":
        settings = {
            "DEPLOY_ROOT": str(self.root),
            "DEPLOY_USER": psutil.Process().username(),
            "DEPLOY_SUPERVISOR": "process",
            "DEPLOY_PYTHON": sys.executable,
            # The requirements are those of this environment: nothing is fetched.
            "DEPLOY_PIP_OPTIONS": "--offline --no-index --no-deps",
            "PYTHONPATH": sysconfig.get_path("purelib"),
            "DEPLOY_NEEDED_KIB": "1",
        }
        return subprocess.Popen(  # noqa: S603  # our own scripts
            [bundle / "scripts" / f"{script}.sh"],
            env=environment(**(settings | more)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def settings_file(self) -> Path:
        return self.root / "etc/praca/praca.env"

    def configure(self) -> None:
        """Say what after_install cannot know, as whoever runs the machine does."""
        text = self.settings_file.read_text().replace("PRACA_PORT=8000", f"PRACA_PORT={self.port}")
        more = (
            f"PRACA_DATABASE_URL={self.database}",
            "PRACA_TRACKING=off",
            "PRACA_DRIFT_CRON=off",
            "PRACA_DRAIN_S=0.5",
        )
        self.settings_file.write_text(f"{text}\n# ours\n" + "\n".join(more) + "\n")

    def processes(self) -> dict[str, psutil.Process]:
        """What was started and not yet stopped."""
        files = (self.root / "run/praca").glob("*.pid")
        return {file.stem: psutil.Process(int(file.read_text())) for file in files}

    def current(self) -> str:
        return (self.root / "opt/praca/current").resolve().name

    def status(self, path: str = "/api/v1/ready") -> int | None:
        """Ask by a connection of its own; None: nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            return None
        finally:
            connection.close()


class Load:
    """Requests one after the other, each with a connection of its own, and what came of them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._over = threading.Event()
        self.answers: list[int | None] = []
        self.broken: list[str] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(self._machine.status("/api/v1/health"))
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(repr(error))
            time.sleep(0.02)  # the server shares these cores

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


class HalfSent:
    """A request whose head is there and whose body is not: it is in flight until we finish it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        head = (
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: praca\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(_BODY)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + _BODY[:5])

    def finish(self) -> bytes:
        """Send the rest, and return the answer's first line."""
        with self._socket:
            self._socket.sendall(_BODY[5:])
            return self._socket.recv(65536).partition(b"\r\n")[0]


@dataclass
class Story:
    """What was seen of a machine from its first release to the way back."""

    machine: Machine
    steps: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(server_url: str) -> Iterator[Story]:
    name = own("praca_machine")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection, short_folder() as folder:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        info = psycopg.conninfo.conninfo_to_dict(server_url)
        host = info.get("host") or ""
        at = (
            f"/{name}?host={host}"
            if str(host).startswith("/")
            else f"{host}:{info.get('port', 5432)}/{name}"
        )
        password = f":{info['password']}" if info.get("password") else ""
        machine = Machine(
            folder / "a machine", f"postgresql://{info.get('user', 'postgres')}{password}@{at}"
        )
        told = Story(machine)
        try:
            _tell(told, folder)
            yield told
        finally:
            for process in machine.processes().values():
                os.killpg(process.pid, signal.SIGKILL)
            connection.execute(drop)


def _tell(story: Story, folder: Path) -> None:
    machine, steps = story.machine, story.steps
    first = bundle(folder / "b1", "1.0")
    steps["before"] = [machine.run("before_install", first) for _ in range(2)]
    # Without a server of its own Praça would bring one; here it is told of ours, so that the
    # first run writes settings, cannot migrate yet, and the second one goes on from there.
    steps["unmigrated"] = machine.run("after_install", first, PRACA_DATABASE_URL="mysql://x")
    steps["written"] = machine.settings_file.read_text()
    steps["mode"] = machine.settings_file.stat().st_mode & 0o777
    machine.configure()
    steps["kept"] = machine.settings_file.read_text()
    steps["after"] = [machine.run("after_install", first) for _ in range(2)]
    steps["kept since"] = machine.settings_file.read_text()
    steps["start"] = machine.run("start_application", first)
    steps["ready"] = machine.status()
    before = machine.processes()
    steps["start again"] = machine.run("start_application", first)
    steps["same processes"] = machine.processes() == before
    steps["bad migration"] = machine.run(
        "after_install", bundle(folder / "b2", "2.0", _BAD_MIGRATION)
    )
    steps["ready beside it"] = machine.status()
    steps["left running"] = machine.run("stop_application", first, DEPLOY_STOP="roll")
    _roll_under_load(story, folder)
    _stop_under_load(story, first)
    steps["stop again"] = machine.run("stop_application", first)
    broken = bundle(folder / "b3", "3.0", _BAD_START)
    steps["not installed"] = machine.run("start_application", broken)
    steps["broken installed"] = machine.run("after_install", broken)
    steps["broken start"] = machine.run("start_application", broken)
    steps["back"] = [
        machine.run(script, first, DEPLOY_UNITS="api")
        for script in ("after_install", "start_application")
    ]
    steps["back at"] = (machine.current(), machine.status())
    (folder / "b1/wheels/praca-9.9-py3-none-any.whl").touch()
    steps["two wheels"] = machine.run("before_install", first)
    steps["end"] = machine.run("stop_application", first)
    steps["left behind"] = machine.processes()


def _roll_under_load(story: Story, folder: Path) -> None:
    """Replace the API's processes by those of another release while requests are answered."""
    machine, steps = story.machine, story.steps
    second = bundle(folder / "b4", "1.1")
    rolling = {"DEPLOY_STOP": "roll", "DEPLOY_UNITS": "api"}
    parent = machine.processes()["api"]
    steps["second"] = machine.run("after_install", second, **rolling)
    load = Load(machine)
    begun = [HalfSent(machine.port) for _ in range(2)]
    starting = machine.begin("start_application", second, **rolling)
    until(lambda: len(load.answers) > 50, "answers while it rolls")
    steps["begun before it rolled"] = [request.finish() for request in begun]
    out, error = starting.communicate(timeout=120)
    load.end()
    steps["rolled"] = subprocess.CompletedProcess("", starting.returncode, out, error)
    steps["while it rolled"] = load
    steps["rolled to"] = (machine.current(), machine.processes()["api"] == parent)


def _stop_under_load(story: Story, first: Path) -> None:
    """Stop while requests are answered, and others have been begun and not been sent whole."""
    machine, steps = story.machine, story.steps
    processes = machine.processes()
    load = Load(machine)
    begun = [HalfSent(machine.port) for _ in range(_HALF_SENT)]
    until(lambda: len(load.answers) > 30, "answers under load")
    steps["before the stop"] = list(load.answers)
    stopping = machine.begin("stop_application", first)
    # It drains, or takes no more connections: it has been told.
    until(lambda: machine.status() != 200, "a server that is stopping")
    steps["still there"] = stopping.poll() is None
    steps["in flight"] = [request.finish() for request in begun]
    out, _ = stopping.communicate(timeout=60)
    load.end()
    steps["stop"] = (stopping.returncode, out)
    steps["gone"] = {name: is_gone(process) for name, process in processes.items()}
    steps["under load"] = load
    steps["afterwards"] = machine.status()


def test_everything_may_be_run_twice(story: Story) -> None:
    steps = story.steps
    for name in ("before", "after", "back"):
        for answer in steps[name]:
            assert answer.returncode == 0, answer.stderr
    for name in ("start", "start again", "stop again", "end"):
        assert steps[name].returncode == 0, steps[name].stderr
    assert "is installed" in steps["after"][1].stdout
    assert steps["same processes"]
    assert "nothing runs" in steps["stop again"].stdout
    assert steps["left behind"] == {}


def test_settings_are_made_once_with_secrets_and_never_overwritten(story: Story) -> None:
    steps = story.steps
    written = dict(line.split("=", 1) for line in steps["written"].splitlines() if line[0] != "#")
    assert steps["mode"] == 0o640
    assert written["PRACA_ENV"] == "production"
    assert len(written["PRACA_SECRET_KEY"]) >= 48
    assert written["PRACA_ENCRYPTION_KEYS"].startswith("k1:")
    assert steps["kept"] == steps["kept since"]
    for name in ("unmigrated", "start", "end"):
        said = steps[name].stdout + steps[name].stderr
        assert written["PRACA_SECRET_KEY"] not in said


def test_what_was_installed_answers(story: Story) -> None:
    assert story.steps["ready"] == 200
    assert re.search(r"1\.0-[0-9a-f]{12} answers", story.steps["start"].stdout)


def test_a_release_that_cannot_migrate_leaves_the_running_one_alone(story: Story) -> None:
    for name in ("bad migration", "unmigrated"):
        assert story.steps[name].returncode == 1
        assert "the migration failed" in story.steps[name].stderr
    assert story.steps["ready beside it"] == 200


def test_what_was_begun_before_the_stop_is_answered(story: Story) -> None:
    steps = story.steps
    assert steps["still there"]
    assert steps["in flight"] == [b"HTTP/1.1 401 Unauthorized"] * _HALF_SENT
    assert set(steps["before the stop"]) == {200}
    # Then answers, then nobody who listens: nothing else. A connection that nobody had taken from
    # the queue when it was closed is no request that was begun.
    load = steps["under load"]
    assert set(load.answers) == {200, None}
    assert len(load.broken) <= 3
    returncode, out = steps["stop"]
    assert returncode == 0
    assert "stopped: api worker" in out
    assert steps["gone"] == {"api": True, "worker": True}
    assert steps["afterwards"] is None


def test_to_roll_means_that_nothing_is_stopped(story: Story) -> None:
    assert story.steps["left running"].returncode == 0
    assert "left running" in story.steps["left running"].stdout


def test_to_roll_fails_no_request(story: Story) -> None:
    steps = story.steps
    for name in ("second", "rolled"):
        assert steps[name].returncode == 0, steps[name].stderr
    assert steps["begun before it rolled"] == [b"HTTP/1.1 401 Unauthorized"] * 2
    assert steps["while it rolled"].broken == []
    assert set(steps["while it rolled"].answers) == {200}
    name, is_same_parent = steps["rolled to"]
    assert name.startswith("1.1-")
    assert is_same_parent


def test_a_release_that_does_not_start_is_told_and_the_way_back_is_the_same_way(
    story: Story,
) -> None:
    steps = story.steps
    assert steps["not installed"].returncode == 1
    assert "run after_install.sh first" in steps["not installed"].stderr
    assert steps["broken installed"].returncode == 0
    assert steps["broken start"].returncode == 1
    assert "nao comeca" in steps["broken start"].stderr
    assert "ended before it was ready" in steps["broken start"].stderr
    name, status = steps["back at"]
    assert name.startswith("1.0-")
    assert status == 200


def test_one_wheel_is_installed_and_no_other(story: Story) -> None:
    assert story.steps["two wheels"].returncode == 1
    assert "one wheel is needed" in story.steps["two wheels"].stderr


def test_shellcheck_finds_nothing() -> None:
    program = Path(sys.executable).with_name("shellcheck")
    files = sorted((_MACHINE / "scripts").glob("*.sh"))
    assert {file.stem for file in files} == {*_SCRIPTS, "common"}
    answer = subprocess.run(  # noqa: S603  # our own scripts
        [program, "-x", *files], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout


def test_the_appspec_names_the_scripts_that_are_there() -> None:
    spec = yaml.safe_load((_MACHINE / "appspec.yml").read_text())
    assert spec["version"] == 0.0
    assert spec["os"] == "linux"
    hooks = {name: [one["location"] for one in told] for name, told in spec["hooks"].items()}
    assert hooks == {
        "ApplicationStop": ["scripts/stop_application.sh"],
        "BeforeInstall": ["scripts/before_install.sh"],
        "AfterInstall": ["scripts/after_install.sh"],
        "ApplicationStart": ["scripts/start_application.sh"],
    }
    for (location,) in hooks.values():
        assert os.access(_MACHINE / location, os.X_OK)
    timeouts = {name: told[0]["timeout"] for name, told in spec["hooks"].items()}
    assert sum(timeouts.values()) <= 3600
    # None is cut off before it would have given up by itself.
    common = (_MACHINE / "scripts/common.sh").read_text()
    limits = dict(re.findall(r"(start_s|stop_s)=\$\{DEPLOY_\w+:-(\d+)\}", common))
    start_s, stop_s = int(limits["start_s"]), int(limits["stop_s"])
    assert timeouts["ApplicationStop"] > stop_s
    assert timeouts["ApplicationStart"] > 2 * start_s + stop_s + start_s


@pytest.mark.parametrize("line", ["export A=1", "praca_x=1", "PRACA_PORT", "$(id)=1"])
def test_settings_that_are_no_settings_are_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "etc/praca").mkdir(parents=True)
    (tmp_path / "etc/praca/deploy.env").write_text(f"# ours\n\nDEPLOY_STOP=drain\n{line}\n")
    answer = subprocess.run(  # noqa: S603  # our own script
        [_MACHINE / "scripts/stop_application.sh"],
        env={"PATH": os.environ["PATH"], "DEPLOY_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "line 4 is not NAME=value" in answer.stderr
    assert line not in answer.stderr
