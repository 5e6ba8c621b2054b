"""The scripts of a machine that systemd looks after, as far as no systemd is needed to tell.

There is none where the tests run: a few lines of shell stand in for ``systemctl``, which refuse
what it refuses, and note what they were asked.
"""

import os
import subprocess
from pathlib import Path

import pytest

_SCRIPTS = Path(__file__).parents[3] / "deploy/machine/scripts"
_SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$DEPLOY_ROOT/asked"
verb=$1; shift
[ "$verb" = is-active ] && exit 3
for unit in "$@"; do
    [ -e "$DEPLOY_ROOT/etc/systemd/system/$unit.service" ] || exit 5
done
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine on which nothing was ever installed, in a folder with a blank."""
    root = tmp_path / "a machine"
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "systemctl").write_text(_SYSTEMCTL)
    (root / "systemctl").chmod(0o755)
    return root


def _stop(machine: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # our own script
        [_SCRIPTS / "stop_application.sh"],
        env={
            "PATH": f"{machine}:{os.environ['PATH']}",
            "DEPLOY_ROOT": str(machine),
            "DEPLOY_SUPERVISOR": "systemd",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_before_the_first_installation_there_is_nothing_to_stop(machine: Path) -> None:
    answer = _stop(machine)
    assert (answer.returncode, answer.stdout) == (0, "stop_application.sh: nothing runs\n")
    assert "stop " not in (machine / "asked").read_text()


def test_a_unit_that_waits_for_its_next_start_is_stopped_too(machine: Path) -> None:
    (machine / "etc/systemd/system/praca-api.service").touch()
    assert _stop(machine).returncode == 0
    # It is not active between two starts, and would come up again under the new release.
    assert "stop praca-api" in (machine / "asked").read_text().splitlines()
