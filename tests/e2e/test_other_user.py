"""Praça run by somebody who is not root, as on servers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.running import environment, short_folder

_USER = "nobody"


def _as_nobody(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed")
    return subprocess.run(  # noqa: S603  # our own program, as a user of fewer rights
        [setpriv, f"--reuid={_USER}", "--clear-groups", sys.executable, *arguments],
        env=environment(HOME=str(folder)),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may become another")
def test_another_user_makes_and_migrates_a_database() -> None:
    with short_folder() as folder:
        shutil.chown(folder, _USER)
        if _as_nobody("-c", "import praca", folder=folder).returncode != 0:
            pytest.skip(f"{_USER} cannot read {sys.executable} or the package")
        done = _as_nobody("-m", "praca", "migrate", "--data-dir", str(folder), folder=folder)
        assert done.returncode == 0, done.stderr
        assert "Banco de dados atualizado." in done.stdout
        version = folder / "postgres" / "PG_VERSION"
        assert version.owner() == _USER
