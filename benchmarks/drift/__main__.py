"""How often does the drift check cry wolf, what does it miss, and what does it cost?

    uv run python -m benchmarks.drift [--days 365] [--rows 1000000] [--columns 100]
        [--evidently PYTHON] [--evidently-days 100] [--evidently-rows 100000,1000000]

Invented tables, three columns of numbers for one of names. Seconds are the processor's, so that a
busy machine changes them little. *Raw PSI* and *raw KS* are the usual rules on the raw rows: an
alarm if any column has a PSI of 0.2, or any number a KS p-value below 5 % (scipy). ``--evidently``
names the interpreter of an environment with Evidently (and pandas < 3) in it, which answers the
same questions with its defaults. With the real recruitment files beside the project (or in
``PRACA_REAL_DATA``) the cost of one reference and one check is measured too.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.drift.data import Table, peak_mb, shifted, table
from numpy.typing import NDArray
from scipy import stats

from praca.jobs.matching.drift.reference import Reference, drawn, reference_files
from praca.jobs.matching.drift.watched import Offers, People
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import candidate_from_record, vacancy_from_record
from praca.kit.clock import utc_now
from praca.learning.drift import (
    CategorySketch,
    FeatureDrift,
    NumericSketch,
    VectorSample,
    Watched,
    judged,
    judged_domain,
)

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = 5_000
SKETCHES = NumericSketch | CategorySketch
POWER_ROWS = (50, 100, 200, 500, 1_000, 2_000, 5_000)
BATCH = 50_000


class Ours:
    """The sketches of one reference, and what the check finds of tables against it."""

    def __init__(self, reference: Table) -> None:
        self.numbers = [NumericSketch.learn(c).counted(c) for c in reference.numbers]
        self.names = [CategorySketch.learn(c).counted(c) for c in reference.names]

    def counted(self, current: Table) -> list[SKETCHES]:
        """Return the sketches of a table, in the cells of the reference."""
        numbers = zip(self.numbers, current.numbers, strict=True)
        names = zip(self.names, current.names, strict=True)
        return [*(s.counted(c) for s, c in numbers), *(s.counted(c) for s, c in names)]

    def judged(self, current: Sequence[SKETCHES]) -> tuple[FeatureDrift, ...]:
        """Return the verdict on every column."""
        reference: list[SKETCHES] = [*self.numbers, *self.names]
        both = zip(reference, current, strict=True)
        return judged(
            Watched(str(at), str(at), "g", then, now) for at, (then, now) in enumerate(both)
        )


def raw_ks_alarms(reference: Table, current: Table) -> bool:
    """Tell whether any number has a KS p-value below 5 % on the raw rows."""
    return any(
        stats.ks_2samp(then, now, method="asymp").pvalue < 0.05
        for then, now in zip(reference.numbers, current.numbers, strict=True)
    )


def false_alarms(days: int, columns: int) -> None:
    """Print on how many days of no change each rule alarms."""
    generator = np.random.default_rng(1)
    reference = table(generator, REFERENCE, columns)
    ours = Ours(reference)
    counts = dict.fromkeys(("ours", "raw PSI > 0.2", "raw KS p < .05"), 0)
    for rows in generator.integers(200, 2_001, days).tolist():
        current = table(generator, rows, columns)
        found = ours.judged(ours.counted(current))
        counts["ours"] += any(item.alarm for item in found)
        counts["raw PSI > 0.2"] += any(item.psi > 0.2 for item in found)
        counts["raw KS p < .05"] += raw_ks_alarms(reference, current)
    print(f"\nFalse alarms: {days} days without change, {columns} columns, 200 to 2,000 rows a day")
    for name, count in counts.items():
        print_rate(name, count, days)


def print_rate(name: str, count: int, days: int) -> None:
    """Print a rate with its exact 95 % interval."""
    interval = stats.binomtest(count, days).proportion_ci(method="exact")
    print(
        f"  {name:18}{count:5} of {days} days {count / days:8.1%}"
        f"   (95 %: {interval.low:.1%} to {interval.high:.1%})"
    )


def power(trials: int, columns: int) -> None:
    """Print how often a change of PSI 0.2 in one of many columns is found."""
    generator = np.random.default_rng(2)
    reference = table(generator, REFERENCE, columns)
    ours = Ours(reference)
    first_name = len(reference.numbers)
    print(f"\nPower: one number and one name changed by a true PSI of 0.2, {trials} trials")
    print(f"  {'rows':>6}{'number':>9}{'name':>9}   with a line at PSI 0.2: number, name")
    for rows in POWER_ROWS:
        seen = np.zeros(4)
        for _ in range(trials):
            current = shifted(generator, table(generator, rows, columns))
            found = ours.judged(ours.counted(current))
            number, name = found[1], found[first_name]
            strict = [(item.q or 1.0) <= 0.01 and item.psi >= 0.2 for item in (number, name)]
            seen += [number.alarm, name.alarm, *strict]
        rates = (seen / trials).tolist()
        print(f"  {rows:6,}{rates[0]:9.0%}{rates[1]:9.0%}   {rates[2]:30.0%},{rates[3]:6.0%}")


def size(rows: int, columns: int) -> None:
    """Print time and memory of a reference and a check in batches; the rows are made on the way."""
    generator = np.random.default_rng(3)
    ours = Ours(table(generator, BATCH, columns))
    before = peak_mb()
    spent = 0.0
    totals: list[list[Any]] = [[], []]
    for side in range(2):
        for _ in range(rows // BATCH):
            batch = table(generator, BATCH, columns)
            started = time.process_time()
            counted = ours.counted(batch)
            totals[side] = (
                [a + b for a, b in zip(totals[side], counted, strict=True)]
                if totals[side]
                else counted
            )
            spent += time.process_time() - started
    numbers = len(ours.numbers)
    ours.numbers, ours.names = totals[0][:numbers], totals[0][numbers:]
    started = time.process_time()
    found = ours.judged(totals[1])
    compared = time.process_time() - started
    state = sum(len(json.dumps(sketch.to_json())) for sketch in totals[0])
    print(f"\nSize: {rows:,} rows x {columns} columns on each side, in batches of {BATCH:,}")
    print(
        f"  counting both sides {spent:8.1f} s ({2 * rows * columns / spent / 1e6:.0f} M values/s)"
    )
    print(f"  comparing           {compared:8.2f} s, {sum(item.alarm for item in found)} alarms")
    print(f"  peak memory         {peak_mb():8.0f} MB; {before:.0f} MB with one batch of rows")
    print(f"  stored reference    {state / 1e6:8.2f} MB")


def real_data() -> None:
    """Print what a reference and a check cost on the real files."""
    folder = real_folder()
    if folder is None:
        print("\nReal data: absent (../shared/data or PRACA_REAL_DATA); not measured")
        return
    people = [candidate_from_record(r, int(code)) for code, r in records(folder, "applicants")]
    offers = [vacancy_from_record(r, int(code)) for code, r in records(folder, "vagas")]
    pairs = list(applications(folder))
    started = time.process_time()
    model = MatchModel().fit(people, offers, pairs)
    trained = time.process_time() - started
    started = time.process_time()
    files = reference_files(model, people, offers, pairs, utc_now())
    referenced = time.process_time() - started
    started = time.process_time()
    found = check_all(model, files, people, offers)
    checked = time.process_time() - started
    print(f"\nReal data: {len(people):,} candidates, {len(offers):,} vacancies")
    print(f"  training the model  {trained:8.1f} s")
    print(
        f"  taking a reference  {referenced:8.1f} s, {sum(map(len, files.values())) / 1e6:.2f} MB"
    )
    print(f"  checking every row  {checked:8.1f} s, {found} alarms (same rows: 0 expected)")


def check_all(
    model: MatchModel, files: dict[str, bytes], people: Sequence[Any], offers: Sequence[Any]
) -> int:
    """Compare the rows with their own reference as a check does; return the number of alarms."""
    reference = Reference.from_files(files)
    assert reference is not None
    mine = People.encoded(model, drawn(people, model.seed))
    theirs = Offers.encoded(model, drawn(offers, model.seed))
    counters = {**mine.counters(model), **theirs.counters(model)}
    found = judged(
        Watched(name, name, "g", reference.sketches[name], count(reference.sketches[name]))
        for name, count in counters.items()
    )
    vectors: dict[str, NDArray[np.float32]] = {
        "candidatos": mine.projections(model),
        "vagas": theirs.projections(model),
    }
    domains = [
        judged_domain(side, side, reference.vectors[side].vectors, VectorSample.of(now).vectors)
        for side, now in vectors.items()
    ]
    return sum(item.alarm for item in found) + sum(item.alarm for item in domains)


def real_folder() -> Path | None:
    """Return the folder of the real files, or None."""
    given = os.environ.get("PRACA_REAL_DATA")
    base = Path(given) if given else ROOT.parent / "shared" / "data"
    folders = (base, base / "decision")
    return next((each for each in folders if (each / "applicants.json.gz").is_file()), None)


def records(folder: Path, name: str) -> Iterator[tuple[str, Any]]:
    """Yield (code, record) of a file."""
    with gzip.open(folder / f"{name}.json.gz") as file:
        yield from json.load(file).items()


def applications(folder: Path) -> Iterator[Pair]:
    """Yield the applications."""
    for code, group in records(folder, "prospects"):
        for one in group["prospects"]:
            yield Pair(int(one["codigo"]), int(code), one["situacao_candidado"])


def evidently(python: str, given: argparse.Namespace) -> None:
    """Print Evidently's answers."""
    print(f"\nEvidently, defaults ({python})")
    answer = ask(python, "alarms", days=given.evidently_days, columns=40)
    print(f"  import              {answer['import_s']:8.1f} s")
    print_rate("any column", answer["alarms"], answer["days"])
    print(f"  most columns of a day: {answer['most_columns']} of 40")
    for rows in (200, 1_000):
        answer = ask(python, "power", rows=rows, columns=40, trials=given.evidently_trials)
        print(f"  power at {rows:5} rows: number {answer['number']:.0%}, name {answer['name']:.0%}")
    for rows in (int(part) for part in given.evidently_rows.split(",") if part):
        answer = ask(python, "size", rows=rows, columns=given.columns)
        if answer:
            print(
                f"  {rows:9,} x {given.columns}: {answer['seconds']:7.1f} s,"
                f" peak {answer['peak_mb']:,.0f} MB ({answer['data_mb']:,.0f} MB with the data)"
            )


def ask(python: str, question: str, **options: int) -> dict[str, Any]:
    """Run Evidently's side; an empty answer if it took too long or too much memory."""
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [python, "-W", "ignore", "-m", "benchmarks.drift.evidently_side"]
    try:
        done = subprocess.run(  # noqa: S603  # our own script
            [*command, question, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=1_800,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"  {question} {options}: stopped after 30 minutes")
        return {}
    if done.returncode:
        print(f"  {question} {options}: ended with {done.returncode} {done.stderr[-300:]}")
        return {}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Answer every question, or those asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--only", choices=["alarms", "power", "size", "real", "evidently"])
    parser.add_argument("--evidently", metavar="PYTHON", help="interpreter that has Evidently")
    parser.add_argument("--evidently-days", type=int, default=100)
    parser.add_argument("--evidently-trials", type=int, default=30)
    parser.add_argument("--evidently-rows", default="100000,1000000")
    given = parser.parse_args()
    wanted = [given.only] if given.only else ["size", "alarms", "power", "real", "evidently"]
    # Memory first: the peak of a process is that of all it has done.
    if "size" in wanted:
        size(given.rows, given.columns)
    if "alarms" in wanted:
        false_alarms(given.days, 40)
    if "power" in wanted:
        power(given.trials, 40)
    if "real" in wanted:
        real_data()
    if "evidently" in wanted and given.evidently:
        evidently(given.evidently, given)
    elif not given.evidently:
        print("\nEvidently: not measured (--evidently PYTHON)", file=sys.stderr)


if __name__ == "__main__":
    main()
