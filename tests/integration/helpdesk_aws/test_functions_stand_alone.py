"""The functions load what is packed for them, and nothing else that this machine has."""

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from deploy.aws.build import REQUIREMENTS, copy_package, folder_bytes

HANDLERS = ("api", "connect", "notify", "process", "sweep")
PROGRAM = """
import asyncio, json, sys

allowed = set(json.loads(sys.argv[1])) | set(sys.stdlib_module_names) | {"praca"}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in allowed and not root.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"not packed: {name}", name=name)

sys.meta_path.insert(0, Refuse())
for name in json.loads(sys.argv[2]):
    __import__(f"praca.entrypoints.aws.{name}")

from praca.entrypoints.aws import api
from praca.entrypoints.aws.knowledge import open_knowledge
from praca.helpdesk.answering import open_responder
from praca.platform.settings import Settings

settings = Settings.load(needs_secrets=False)
responder = open_responder(settings, open_knowledge(settings.aws, None))
answer = asyncio.run(responder.answer("Como tiro a segunda via do cartão de transporte?"))
app = api.create_app(None)
print(json.dumps({"text": answer.text, "routes": len(app.routes)}))
"""


def packed(requirements: Iterable[str]) -> set[str]:
    """The distributions that come with ``requirements``, all the way down."""
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for other machines
        found.add(name)
        waiting += [
            re.split(r"[\s;<>=!~\[(]", need, maxsplit=1)[0]
            for need in needs
            if "extra ==" not in need
        ]
    return found


def modules_of(distributions: set[str]) -> list[str]:
    owners = importlib.metadata.packages_distributions()
    return sorted(
        module
        for module, names in owners.items()
        if {re.sub(r"[-_.]+", "-", name).lower() for name in names} & distributions
    )


def run(allowed: list[str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(allowed), json.dumps(HANDLERS)],
        env={
            "PRACA_ENV": "production",
            "PRACA_DATA_DIR": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
            "PRACA_AWS_PROCESS_TOPIC_ARN": "arn",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    copy_package(tmp_path)
    return tmp_path


def test_handlers_need_nothing_that_is_not_packed(package: Path) -> None:
    allowed = modules_of(packed(REQUIREMENTS))
    assert not {"scipy", "sklearn", "sqlalchemy", "psycopg", "mlflow"} & set(allowed)
    answer = run(allowed, package)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["text"]
    assert not (package / "secret-key").exists()


def test_what_is_not_packed_is_missed(package: Path) -> None:
    allowed = modules_of(packed(set(REQUIREMENTS) - {"structlog"}))
    answer = run(allowed, package)
    assert answer.returncode == 1
    assert "not packed: structlog" in answer.stderr


def test_the_package_is_small(package: Path) -> None:
    assert folder_bytes(package / "praca") < 10 * 2**20
    assert not (package / "praca" / "migrations").exists()
