"""What the image does, done here without an engine.

The lines of the Dockerfile are read and run: those that install, into a folder of their own; then
the commands of the image as its user, in a mount name space whose root is read-only, with its
variables and nothing else. The base image is this machine instead.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.dockerfiles import ROOT, Stage, stages_of
from tests.e2e.running import free_port, until

_SECRETS = {
    "PRACA_SECRET_KEY": "k" * 48,
    "PRACA_ENCRYPTION_KEYS": f"k1:{'A' * 43}=",
    "PRACA_PIX_WEBHOOK_SECRET": "w" * 48,
}
_QUIET = {
    "PRACA_DRIFT_CRON": "off",
    "PRACA_TRACKING": "off",
}
_PATIENCE_S = 120


def _may_mount() -> bool:
    """Tell whether this is root, and root may make a mount name space of its own."""
    names = ("unshare", "setpriv", "mount", "useradd", "uv")
    programs = [shutil.which(name) for name in names]
    if sys.platform != "linux" or not all(programs) or os.getuid() != 0:
        return False
    asked = ["unshare", "--mount", "mount", "-o", "remount,ro,bind", "/"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0  # noqa: S603


pytestmark = pytest.mark.skipif(
    not _may_mount(), reason="only root, with mount name spaces, can make its root read-only"
)


@dataclass(frozen=True)
class Container:
    """One installation, one data folder, and what every command of the image is run with."""

    folder: Path
    runtime: Stage
    environment: dict[str, str]

    def _arguments(self, words: list[str]) -> list[str]:
        """Return what runs ``words`` as the image would."""
        user, _, group = self.runtime.one("USER").partition(":")
        bare = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        return [
            *_entered(self.folder, _SEALED),
            *("setpriv", f"--reuid={user}", f"--regid={group}", *bare, "--", *words),
        ]

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(  # noqa: S603  # what our own Dockerfile says
            self._arguments(list(words)),
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )

    @contextlib.contextmanager
    def running(self, *command: str, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the entry point with ``command`` until the block ends."""
        words = [*self.runtime.words("ENTRYPOINT"), *command]
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  # what our own Dockerfile says
                self._arguments(words),
                env={**self.environment, **more},
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def is_well(self, *words: str) -> bool:
        return self.run(*(words or self.runtime.healthcheck())).returncode == 0

    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8")


_NAME_SPACE = """
# The interpreter lies where only root may look: here everybody may.
mount --bind {python} /mnt
mount -t tmpfs -o mode=0755 none {hidden}
mkdir -p {python}
mount --bind /mnt {python}
umount /mnt
# What the Dockerfile changes is the container's own.
mount --bind {folder}/etc /etc
mount --bind {folder}/lib /var/lib
mount --bind {folder}/opt /opt
"""
_SEALED = """
mount --bind /var/lib/praca /mnt
mount -t tmpfs -o mode=1777 none /tmp
# Scripts name their interpreter by the path that they were installed at.
mkdir -p {folder}/opt
mount --bind /opt {folder}/opt
for at in {folder}/opt /opt /var/lib /etc {python} /; do mount -o remount,ro,bind $at; done
mount --bind /mnt /var/lib/praca
cd /var/lib/praca
"""


def _entered(folder: Path, then: str = "") -> list[str]:
    """Return what runs the words behind it as root of the container in ``folder``."""
    python = Path(sys.base_prefix).resolve()
    script = f'{_NAME_SPACE}{then}exec "$@"'.format(
        folder=folder, python=python, hidden=_first_closed(python)
    )
    return ["unshare", "--mount", "sh", "-euc", script, "container"]


def _first_closed(path: Path) -> Path:
    """Return the outermost folder above ``path`` that only its owner may enter, or its parent."""
    above = [folder for folder in reversed(path.parents) if folder != Path("/")]
    closed = [folder for folder in above if not folder.stat().st_mode & 0o001]
    return closed[0] if closed else path.parent


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with tempfile.TemporaryDirectory(prefix="image-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _, build, runtime = stages_of(ROOT / "Dockerfile")
        _install(build, folder)
        _make_user(runtime, folder)
        environment = runtime.environment({"PATH": "/usr/local/bin:/usr/bin:/bin"})
        assert environment["PRACA_DATA_DIR"] == "/var/lib/praca"
        environment["PRACA_PORT"] = str(free_port())
        environment["PATH"] = environment["PATH"].replace("/opt/", f"{folder}/opt/")
        yield Container(folder, runtime, {**environment, **_QUIET})


def _install(build: Stage, folder: Path) -> None:
    """Copy and run what the stage that installs copies and runs.

    Into another folder, and with links to what this machine's cache holds. Compiling all of it
    takes half a minute: what others wrote is compiled in this environment already.
    """
    source = folder / "src"
    for paths, target in build.copied():
        for path in paths:
            where = source if target == "./" else source / target
            where.mkdir(parents=True, exist_ok=True)
            _copy(ROOT / path, where)
    environment = build.environment({**os.environ, **build.arguments()})
    environment |= {
        "UV_PROJECT_ENVIRONMENT": str(folder / "opt/praca"),
        "UV_COMPILE_BYTECODE": "0",
        "UV_LINK_MODE": "hardlink",
        "UV_PYTHON": sys.executable,
    }
    environment.pop("VIRTUAL_ENV", None)
    for command in build.commands():
        _succeed(["/bin/sh", "-c", command], cwd=source, env=environment)
    python = folder / "opt/praca/bin/python"
    packages = next((folder / "opt/praca/lib").glob("python*/site-packages"))
    _link_compiled(Path(sysconfig.get_path("purelib")), packages)
    _succeed([str(python), "-m", "compileall", "-q", str(packages / "praca")])


def _link_compiled(here: Path, there: Path) -> None:
    """Bring what is compiled along; Python looks whether it is of the same source."""
    for compiled in here.rglob("__pycache__"):
        source = there / compiled.parent.relative_to(here)
        if source.is_dir() and not (source / "__pycache__").exists():
            shutil.copytree(compiled, source / "__pycache__", copy_function=_link)


def _link(path: str, target: str) -> None:
    try:
        os.link(path, target)
    except OSError:  # on another disk
        shutil.copy2(path, target)


def _make_user(runtime: Stage, folder: Path) -> None:
    """Run what the last stage runs, on a copy of what it changes."""
    shutil.copytree("/etc", folder / "etc", symlinks=True)
    (folder / "lib").mkdir()
    for command in runtime.commands():
        _succeed([*_entered(folder), "/bin/sh", "-c", command])


def _succeed(arguments: list[str], **more: Any) -> None:
    done = subprocess.run(  # noqa: S603  # what our own Dockerfile says
        arguments, capture_output=True, text=True, check=False, **more
    )
    assert done.returncode == 0, done.stderr


def _copy(path: Path, target: Path) -> None:
    if path.is_dir():
        kept = shutil.ignore_patterns("__pycache__")
        shutil.copytree(path, target, dirs_exist_ok=True, ignore=kept)
    else:
        shutil.copy(path, target)


def test_only_the_data_folder_and_tmp_can_be_written(container: Container) -> None:
    places = "/ /opt /opt/praca /etc /usr/local /root /var/lib /var/lib/praca /tmp"
    script = f"for at in {places}; do touch $at/x 2>/dev/null && echo $at; done; id -u; id -g"
    assert container.run("sh", "-c", script).stdout.split() == [
        *("/var/lib/praca", "/tmp", "10001", "10001"),  # noqa: S108
    ]


def test_nothing_of_development_is_in_it(container: Container) -> None:
    program = (
        "import importlib.util as found, praca, sysconfig\n"
        "print(praca.__file__.startswith(sysconfig.get_path('purelib')))\n"
        "print([n for n in ('pytest', 'mypy', 'moto', 'streamlit', 'ruff') if found.find_spec(n)])"
    )
    answer = container.run("python", "-c", program)
    assert answer.stdout.splitlines() == ["True", "[]"], answer.stderr


def test_it_does_not_start_without_secrets(container: Container) -> None:
    (command,) = container.runtime.words("CMD")
    answer = container.run("praca", command)
    assert answer.returncode == 1
    assert "PRACA_SECRET_KEY" in answer.stderr
    assert not container.is_well()


def test_the_commands_run_answer_and_end_in_order(container: Container) -> None:
    worker_check = ("praca", "health", "--worker")
    migrated = container.run("praca", "migrate", **_SECRETS)
    assert migrated.returncode == 0, migrated.stderr
    with (
        container.running(*container.runtime.words("CMD"), **_SECRETS) as api,
        container.running("worker", **_SECRETS) as worker,
    ):
        until(container.is_well, "a ready API")
        until(lambda: container.is_well(*worker_check), "a working worker")
        assert container.is_well("praca", "health", "--live")
        # PostgreSQL's programs are in the image, and need nothing else to write to.
        backed_up = container.run("praca", "backup", "--out", "/var/lib/praca/kept", **_SECRETS)
        assert backed_up.returncode == 0, backed_up.stderr
        ending = signal.Signals[container.runtime.one("STOPSIGNAL")]
        for process in (worker, api):
            process.send_signal(ending)
        for process in (worker, api):
            assert process.wait(timeout=_PATIENCE_S) == 0, container.output()
    assert not container.is_well()
    assert not container.is_well(*worker_check)
