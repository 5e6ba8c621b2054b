"""Kill what runs, at random moments, and compare what is there in the end.

Run with ``uv run python -m benchmarks.reliability`` from the project's root; it ends with 1 if any
trial ends differently from the undisturbed run.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.reliability.processes import Server
from benchmarks.reliability.trial import City, Disturbance, Outcome, Trial, opened_city

from praca.jobs.sample import SampleCity, write_sample_files

_VICTIMS = (("worker",), ("api",), ("worker", "api"))


def main() -> int:
    """Run the trials and print the table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="rel-") as name:
        folder = Path(name)
        os.environ["PRACA_DATA_DIR"] = str(folder / "prepare")
        city = SampleCity(candidates=options.candidates, vacancies=options.candidates * 3 // 5)
        write_sample_files(city, folder / "sample")
        with Server(folder / "pg").running() as server:
            return _run(server, folder, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--candidates", type=int, default=3000)
    parser.add_argument("--kill-database", action="store_true", help="also kill PostgreSQL")
    return parser.parse_args()


def _run(server: Server, folder: Path, options: argparse.Namespace) -> int:
    undisturbed = _trial(server, folder, "undisturbed", None)
    print(f"undisturbed: {undisturbed.seconds:.1f} s, {undisturbed.state.counts}", flush=True)
    for table, digest in undisturbed.state.digests.items():
        print(f"  {table:16} {digest[:16]}")
    print(f"  model            {undisturbed.state.model}")
    wrong = len(undisturbed.faults)
    print("trial  moment  during    killed              recovered  whole   attempts  end state")
    victims = (*_VICTIMS, ("database",)) if options.kill_database else _VICTIMS
    for number in range(1, options.trials + 1):
        chance = random.Random(f"{options.seed}/{number}")  # noqa: S311  # a repeatable draw
        moment = _moment(undisturbed, (number - 1 + chance.random()) / options.trials)
        killed = victims[chance.randrange(len(victims))]
        disturbance = Disturbance(killed, _after(moment))
        outcome = _trial(server, folder, f"trial_{number}", disturbance)
        problems = _problems(undisturbed, outcome)
        wrong += len(problems)
        print(_line(number, moment, killed, outcome, problems), flush=True)
    print("all trials ended as the undisturbed run" if not wrong else f"{wrong} differences")
    return 1 if wrong else 0


def _moment(undisturbed: Outcome, share: float) -> float:
    """Return when to kill: half of the trials fall into the imports, half into the training.

    Each trial has a slice of its own, so that few already cover the whole of the work.
    """
    imports_s = undisturbed.imports_s
    if share < 0.5:
        return imports_s * share * 2
    return imports_s + (undisturbed.seconds - imports_s) * (share * 2 - 1)


def _after(seconds: float) -> Callable[[City], None]:
    def wait(_city: City) -> None:
        time.sleep(seconds)

    return wait


def _trial(server: Server, folder: Path, name: str, disturbance: Disturbance | None) -> Outcome:
    with opened_city(server, folder / name, folder / "sample", name) as city:
        return Trial(city, disturbance).run()


def _problems(expected: Outcome, found: Outcome) -> list[str]:
    problems = list(found.faults)
    for table, digest in expected.state.digests.items():
        if found.state.digests[table] != digest:
            was, now = expected.state.counts[table], found.state.counts[table]
            problems.append(f"{table} differ ({now} rows for {was})")
    if found.state.model != expected.state.model:
        problems.append(f"the model differs: {found.state.model}")
    return problems


def _line(
    number: int, moment: float, killed: tuple[str, ...], outcome: Outcome, problems: list[str]
) -> str:
    recovered = "-" if outcome.recovered_s is None else f"{outcome.recovered_s:.1f} s"
    return (
        f"{number:5}  {moment:4.1f} s  {outcome.killed_while:8}  {', '.join(killed):18}"
        f"  {recovered:>9}  {outcome.seconds:4.1f} s  {outcome.attempts:8}"
        f"  {'equal' if not problems else '; '.join(problems)}"
    )


if __name__ == "__main__":
    sys.exit(main())
