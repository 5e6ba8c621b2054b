"""Faults planted into the ledger, one at a time: which of them do its tests catch?

    uv run python -m benchmarks.ledger_faults [--only NAME] [--list] [--until STAGE]

Each fault replaces a few words in a copy of the sources, in a temporary folder; the real ones are
not touched. A process of its own runs the tests on the copy: first the rules, then the tests on an
embedded PostgreSQL, then, if nothing failed so far, the crowd of clients whose processes are
killed. A fault is caught when a test fails, or when nothing ends within ``--patience`` seconds. A
fault whose words are no longer there, or that leaves something that cannot even be loaded, is an
error: it would prove nothing. Printed: a line for each fault, with the first test that failed, and
the share caught. It ends with 1 if one survived that is not known to be harmless.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ledger.faults import FAULTS, Fault

from praca.platform.embedded import EmbeddedPostgres

__all__ = ["Outcome", "Trial", "plant"]

_ROOT = Path(__file__).parents[1]
_FOLDER = "tests/integration/wallet_ledger"
_STAGES = {
    "rules": ("tests/unit/wallet/test_ledger_rules.py", "--noconftest"),
    "database": (
        f"{_FOLDER}/test_ledger_append_only.py",
        f"{_FOLDER}/test_ledger_transactions.py",
        f"{_FOLDER}/test_ledger_simulation.py",
    ),
    "crowd": (f"{_FOLDER}/test_ledger_crowd.py",),
}
_FAILED = re.compile(r"^(?:FAILED|ERROR) \S+?::(\w+)", re.MULTILINE)
_TESTS_FAILED = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault.

    Attributes:
        stage: in which it was caught; empty: it survived.
        test: the first that failed.
    """

    stage: str
    test: str
    seconds: float


def plant(fault: Fault, source: Path) -> None:
    """Replace the fault's words in the sources below ``source``.

    Raises:
        ValueError: they are not there exactly once.
    """
    for name, old, new in fault.changes:
        path = source / "praca" / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{fault.name}: {text.count(old)} times in {name}: {old!r}")
        path.write_text(text.replace(old, new), encoding="utf-8")


class Trial:
    """Runs the tests on copies of the sources.

    Args:
        folder: for the copies.
        server: address of a PostgreSQL server of its own; none: only the rules are tried.
        patience_s: after which a run is ended, and the fault counts as caught.
        operations: of the simulator.
    """

    def __init__(
        self, folder: Path, server: str | None, *, patience_s: float = 300, operations: int = 8000
    ) -> None:
        self._source = folder / "src"
        self._server, self._patience_s, self._operations = server, patience_s, operations
        shutil.copytree(_ROOT / "src", self._source)

    def run(self, fault: Fault | None, *, until: str = "crowd") -> Outcome:
        """Try one fault, or the sources as they are.

        Raises:
            ValueError: the fault's words are not there.
            RuntimeError: the tests could not be run at all.
        """
        started = time.perf_counter()
        with self._planted(fault):
            stage = test = ""
            for name, arguments in _STAGES.items():
                if name == "rules" and fault is not None and not fault.touches_rules:
                    continue
                test = self._tests(arguments)
                if test:
                    stage = name
                if test or name == until:
                    break
        return Outcome(stage, test, time.perf_counter() - started)

    @contextmanager
    def _planted(self, fault: Fault | None) -> Iterator[None]:
        if fault is None:
            yield
            return
        plant(fault, self._source)
        try:
            yield
        finally:
            for name, *_ in fault.changes:
                # With its old time, which tells what was compiled from it from what was not.
                shutil.copy2(_ROOT / "src" / "praca" / name, self._source / "praca" / name)

    def _tests(self, arguments: tuple[str, ...]) -> str:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            *arguments,
        ]
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(  # noqa: S603  # our own tests
                command,
                cwd=_ROOT,
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(self._patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
                return "(nothing ended)"
            output.seek(0)
            text = output.read()
        if code not in {0, _TESTS_FAILED}:
            raise RuntimeError(text[-3000:])
        found = _FAILED.search(text)
        return "" if code == 0 else found.group(1) if found else "(no test's name)"

    def _environment(self) -> dict[str, str]:
        ours = ("PRACA_", "PYTHONDONTWRITEBYTECODE")  # what is not changed is compiled once
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        more = {
            "PYTHONPATH": str(self._source),
            "LEDGER_SOURCE": str(self._source),
            "LEDGER_OPERATIONS": str(self._operations),
        }
        if self._server is not None:
            more["PRACA_DATABASE_URL"] = self._server
        return {**kept, **more}


def main() -> int:
    """Try every fault and print the table."""
    options = _options()
    chosen = [fault for fault in FAULTS if options.only in fault.name]
    if options.list:
        print("\n".join(f"{fault.name:44} {fault.changes[0][0]}" for fault in chosen))
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as name,
        EmbeddedPostgres(Path(name) / "pg") as server,
    ):
        trial = Trial(
            Path(name), server.url, patience_s=options.patience, operations=options.operations
        )
        sound = trial.run(None, until=options.until)
        if sound.test:
            print(f"the tests fail without any fault: {sound.test}")
            return 2
        print(f"without a fault everything passes ({sound.seconds:.0f} s)\n")
        return _report(trial, chosen, options.until)


def _report(trial: Trial, chosen: list[Fault], until: str) -> int:
    caught, survivors = 0, []
    print(f"{'fault':44} {'caught by':9} {'first test that failed':64} seconds")
    for fault in chosen:
        outcome = trial.run(fault, until=until)
        caught += bool(outcome.stage)
        if not outcome.stage:
            survivors.append(fault)
        where = outcome.stage or "SURVIVED"
        print(f"{fault.name:44} {where:9} {outcome.test:64} {outcome.seconds:4.0f}", flush=True)
    print(f"\n{caught} of {len(chosen)} caught ({caught / max(1, len(chosen)):.0%})")
    for fault in survivors:
        print(f"survived: {fault.name}: {fault.harmless or 'no reason is known'}")
    return 1 if any(not fault.harmless for fault in survivors) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME", help="faults with this in their name")
    parser.add_argument("--list", action="store_true", help="name the faults and do nothing")
    parser.add_argument("--patience", type=float, default=300, help="seconds per stage")
    parser.add_argument("--operations", type=int, default=8000, help="of the simulator")
    parser.add_argument("--until", choices=[*_STAGES], default="crowd", help="last stage")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
