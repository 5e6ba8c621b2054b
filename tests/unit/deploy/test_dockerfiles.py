"""The Dockerfiles: what the linter says, and what it does not know."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.dockerfiles import ROOT, stages_of

_FILES = [ROOT / "Dockerfile", ROOT / "deploy/images/collector.Dockerfile"]
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_linter_has_nothing_to_say() -> None:
    program = str(Path(sys.executable).with_name("hadolint"))
    on_ecs = ROOT / "deploy/ecs/Dockerfile"
    done = subprocess.run(  # noqa: S603  # a program of ours, on files of ours
        [program, *map(str, _FILES), str(on_ecs)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_bases_are_pinned_and_the_user_is_a_number(path: Path) -> None:
    stages = stages_of(path)
    for stage in stages:
        assert re.fullmatch(r"[a-z/-]+:(\$\{PYTHON_VERSION\}|\d+\.\d+)[\w.-]*", stage.base)
        assert not stage.all("ADD")
    assert stages[-1].one("USER") == "10001:10001"


def test_the_image_says_how_it_is_started_stopped_and_looked_at() -> None:
    runtime = stages_of(ROOT / "Dockerfile")[-1]
    assert runtime.words("ENTRYPOINT") == ["praca"]
    assert runtime.words("CMD") == ["api"]
    assert runtime.healthcheck() == ["praca", "health"]
    assert runtime.one("STOPSIGNAL") == "SIGTERM"
    assert runtime.environment({"PATH": ""})["PRACA_ENV"] == "production"
    labels = " ".join(runtime.all("LABEL"))
    for name in ("title", "description", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_no_secret_is_built_in() -> None:
    for path in _FILES:
        for stage in stages_of(path):
            names = {*stage.environment({"PATH": ""}), *stage.arguments()}
            assert not [name for name in names if re.search(r"KEY|SECRET|TOKEN|PASSWORD", name)]


def test_extras_and_python_are_those_of_the_package() -> None:
    build = stages_of(ROOT / "Dockerfile")[1]
    extras = set(build.arguments()["EXTRAS"].split())
    assert extras <= set(_PROJECT["optional-dependencies"])
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (version,) = re.findall(r"^ARG PYTHON_VERSION=(\S+)$", text, re.MULTILINE)
    assert f"Programming Language :: Python :: {version}" in _PROJECT["classifiers"]


def test_only_what_is_copied_gets_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = stages_of(ROOT / "Dockerfile")[1].copied()
    assert {path for paths, _ in copied for path in paths} == let_in
