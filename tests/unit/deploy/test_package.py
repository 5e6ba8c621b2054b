"""The wheel and the source distribution: everything is in them, and nothing else."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from tests.dockerfiles import ROOT

import praca

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _built(target: Path, *options: str) -> dict[str, bytes]:
    uv = shutil.which("uv")
    assert uv is not None
    subprocess.run(  # noqa: S603  # our own package
        [uv, "build", "--quiet", "--python", sys.executable, "--out-dir", str(target), *options],
        cwd=ROOT,
        check=True,
    )
    (wheel,) = target.glob("*.whl")
    return _contents(wheel)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> dict[str, bytes]:
    """The wheel as ``uv build`` makes it: from the source distribution, not from the checkout."""
    return _built(folder)


def _source_files() -> dict[str, bytes]:
    source = ROOT / "src"
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in (source / "praca").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_source_is_in_the_wheel(wheel: dict[str, bytes]) -> None:
    in_wheel = {name: body for name, body in wheel.items() if ".dist-info/" not in name}
    assert in_wheel == _source_files()
    assert "praca/py.typed" in in_wheel
    for ending in (".toml", ".mako", ".npz"):  # articles, migrations, the chatbot's model
        assert any(name.endswith(ending) for name in in_wheel)


def test_the_checkout_builds_the_same_wheel(wheel: dict[str, bytes], tmp_path: Path) -> None:
    assert _built(tmp_path, "--wheel") == wheel


def test_the_source_distribution_holds_what_it_is_built_from(
    wheel: dict[str, bytes], folder: Path
) -> None:
    assert wheel
    (path,) = folder.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = {f"src/{name}" for name in _source_files()}
    beside = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert names == expected | beside


def test_the_package_says_what_it_is(wheel: dict[str, bytes]) -> None:
    (name,) = [name for name in wheel if name.endswith(".dist-info/METADATA")]
    said = Parser().parsestr(wheel[name].decode())
    assert said["Version"] == praca.__version__ == _PROJECT["version"]
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == _PROJECT["requires-python"]
    assert set(said.get_all("Provides-Extra", [])) == set(_PROJECT["optional-dependencies"])
    (points,) = [body for name, body in wheel.items() if name.endswith("/entry_points.txt")]
    assert b"praca = praca.__main__:main" in points
