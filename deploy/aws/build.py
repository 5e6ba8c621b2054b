"""Makes the folder of the functions: the package, and as little else as its handlers load.

    uv run python -m deploy.aws.build [--llm] [--into FOLDER]

Versions are those of ``uv.lock``, wheels those of Lambda's machines. Prints sizes; more than
Lambda takes (250 MB) is an error.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["LLM_REQUIREMENTS", "REQUIREMENTS", "build", "copy_package", "folder_bytes", "main"]

_ROOT: Final = Path(__file__).parents[2]
_LARGEST: Final = 250 * 1024 * 1024
_PYTHON: Final = "3.13"
_PLATFORM: Final = "aarch64-manylinux_2_28"
REQUIREMENTS: Final = (
    "boto3",
    "cachetools",
    "croniter",
    "fastapi",
    "mangum",
    "numpy",
    "orjson",
    "pydantic",
    "pydantic-settings",
    "pystemmer",
    "structlog",
    "tzdata",
)
LLM_REQUIREMENTS: Final = ("openai",)
_LEFT_OUT: Final = ("*.pyc", "__pycache__", "tests", "*.pyi", "dashboard", "migrations")
"""Of the package; the handlers load none of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the folder that the command line asks for; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = Path(__file__).parent / "build" / "function"
    parser.add_argument("--into", type=Path, default=default, help="the folder, made anew")
    parser.add_argument("--llm", action="store_true", help="with what speaks to a language model")
    asked = parser.parse_args(arguments)
    sizes = build(asked.into, has_llm=asked.llm)
    total = sum(sizes.values())
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        sys.stdout.write(f"{size / 2**20:8.1f} MB  {name}\n")
    sys.stdout.write(f"{total / 2**20:8.1f} MB  {asked.into}\n")
    if total > _LARGEST:
        sys.stderr.write("more than the 250 MB that Lambda takes\n")
        return 1
    return 0


def build(into: Path, *, has_llm: bool = False) -> dict[str, int]:
    """Make the folder; return the bytes of each thing in it."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    requirements = (*REQUIREMENTS, *(LLM_REQUIREMENTS if has_llm else ()))
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(_run("uv", "export", "--frozen", "--no-hashes", "--no-emit-workspace"))
        _run(
            *("uv", "pip", "install", "--quiet", "--target", str(into)),
            *("--python-version", _PYTHON, "--python-platform", _PLATFORM),
            *("--only-binary", ":all:", "--constraint", str(pins)),
            *requirements,
        )
    for name in ("bin", ".lock"):
        left = into / name
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
    _strip(into)
    copy_package(into)
    return {path.name: folder_bytes(path) for path in into.iterdir()}


def copy_package(into: Path) -> None:
    """Copy ``praca`` as it is in this repository."""
    shutil.copytree(
        _ROOT / "src" / "praca", into / "praca", ignore=shutil.ignore_patterns(*_LEFT_OUT)
    )


def folder_bytes(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _strip(into: Path) -> None:
    """Remove the tests of numpy, and botocore's descriptions of services that nobody here asks."""
    for folder in (into / "numpy").rglob("tests"):
        shutil.rmtree(folder)
    services = {"dynamodb", "sns", "sqs", "s3", "secretsmanager", "apigatewaymanagementapi", "sts"}
    for folder in (into / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)


def _run(*command: str) -> str:
    answer = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return answer.stdout


if __name__ == "__main__":
    raise SystemExit(main())
