"""The workflows: checked by what checks workflows, and held to what ``.ci/run`` does."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.dockerfiles import ROOT, stages_of
from tests.unit.deploy.composed import read

_FOLDER = ROOT / ".github"
_PATHS = sorted((_FOLDER / "workflows").glob("*.yml"))
_WORKFLOWS = {path.stem: read(path) for path in _PATHS}
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _program(name: str, *arguments: str, text: str = "") -> str:
    """Run a linter; return what it has found, which is nothing if it is content."""
    done = subprocess.run(  # noqa: S603  # a program of ours, on files of ours
        [str(Path(sys.executable).with_name(name)), *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=text,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in _WORKFLOWS.items():
        for job in workflow["jobs"].values():
            for step in job.get("steps", ()):
                yield name, step


def _commands(workflow: str) -> list[str]:
    """Return the lines of all ``run`` steps."""
    return [
        line.strip()
        for name, step in _steps()
        if name == workflow
        for line in step.get("run", "").splitlines()
    ]


def _of_ci() -> list[str]:
    """Return what .ci/run does by uv, without what it needs to get there."""
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    return [
        line.strip().removeprefix("pip install --quiet uv && ")
        for line in lines
        if re.match(r"(pip install --quiet uv && )?uv (sync|run) ", line.strip())
    ]


def test_they_keep_to_their_schemas() -> None:
    schema = "--builtin-schema"
    assert not _program("check-jsonschema", schema, "vendor.github-workflows", *map(str, _PATHS))
    dependabot = str(_FOLDER / "dependabot.yml")
    assert not _program("check-jsonschema", schema, "vendor.dependabot", dependabot)


def test_nothing_in_them_opens_a_door() -> None:
    assert not _program("zizmor", "--offline", "--no-progress", str(_FOLDER))


def test_what_they_run_is_clean_shell() -> None:
    for script in sorted({step["run"] for _, step in _steps() if "run" in step}):
        # What the runner puts in is a word like any other here.
        text = re.sub(r"[$][{][{].*?[}][}]", "value", script)
        assert not _program("shellcheck", "--shell=bash", "-", text=f"{text}\n")


def test_the_workflow_runs_what_ci_runs_and_nothing_else_by_uv() -> None:
    ours = _of_ci()
    assert len(ours) >= 6  # it was found at all
    assert {line for line in _commands("ci") if line.startswith("uv ")} == set(ours)


def test_a_release_passes_the_same_checks_first() -> None:
    jobs = _WORKFLOWS["release"]["jobs"]
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    for name in ("package", "image"):
        assert set(jobs[name]["needs"]) == {"ci", "build"}
    assert {"package", "image"} <= set(jobs["release"]["needs"])


def test_tests_run_on_every_python_that_the_package_is_for() -> None:
    prefix = "Programming Language :: Python :: 3."
    named = [
        name.removeprefix("Programming Language :: Python :: ")
        for name in _PROJECT["classifiers"]
        if name.startswith(prefix)
    ]
    assert _WORKFLOWS["ci"]["jobs"]["tests"]["strategy"]["matrix"]["python"] == named
    assert _PROJECT["requires-python"] == f">={named[0]}"


def test_both_workflows_build_the_images_that_the_compose_file_runs() -> None:
    compose = read(ROOT / "compose.yaml")
    default = stages_of(ROOT / "Dockerfile")[1].arguments()["EXTRAS"]
    composed = {
        service["image"].rpartition(":-")[2].partition(":")[0]: service["build"]
        .get("args", {})
        .get("EXTRAS", default)
        for service in compose["services"].values()
        if "IMAGE_" in service["image"]
    }
    for workflow in _WORKFLOWS.values():
        built = workflow["jobs"]["image"]["strategy"]["matrix"]["include"]
        assert {row["name"]: row["extras"] for row in built} == composed


@pytest.mark.parametrize("name", sorted(_WORKFLOWS))
def test_nobody_may_more_than_needed_nor_for_ever(name: str) -> None:
    workflow = _WORKFLOWS[name]
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert "permissions" in job
        assert "uses" in job or job["timeout-minutes"] <= 60
        allowed = {key for key, value in job["permissions"].items() if value == "write"}
        assert not allowed or name == "release"


def test_actions_are_pinned_to_a_commit_whose_version_is_named() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in _PATHS)
    uses = re.findall(r"uses: (.+)", text)
    for line in uses:
        assert re.fullmatch(r"\./\S+( # .+)?|[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    pins = {line.partition("@")[::2] for line in uses}
    assert len(pins) == len({name for name, _ in pins})


def test_uv_is_the_same_everywhere() -> None:
    (image,) = [
        stage.base.partition(":")[2]
        for stage in stages_of(ROOT / "Dockerfile")
        if stage.name == "uv"
    ]
    named = {step["with"]["version"] for _, step in _steps() if "setup-uv" in step.get("uses", "")}
    assert named == {image}
