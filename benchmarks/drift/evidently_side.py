"""The same questions put to Evidently, by an interpreter that has it; prints JSON.

    PYTHON -m benchmarks.drift.evidently_side alarms --days 100

Everything is left as Evidently chooses it: ``DataDriftPreset()``.
"""

import argparse
import json
import os
import time
from typing import Any

os.environ["DO_NOT_TRACK"] = "1"  # it tells its makers what is called

import numpy as np
from benchmarks.drift.data import Table, peak_mb, shifted, table

REFERENCE = 5_000


class Evidently:
    """One reference, and reports on tables against it."""

    def __init__(self, reference: Table) -> None:
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415
        from evidently import (  # type: ignore[import-not-found]  # noqa: PLC0415
            DataDefinition,
            Dataset,
            Report,
        )
        from evidently.presets import (  # type: ignore[import-not-found]  # noqa: PLC0415
            DataDriftPreset,
        )

        self._frame = pd.DataFrame
        self._dataset = Dataset.from_pandas
        self._report: Any = lambda: Report([DataDriftPreset()])
        self._definition = DataDefinition(
            numerical_columns=[f"n{at}" for at in range(len(reference.numbers))],
            categorical_columns=[f"c{at}" for at in range(len(reference.names))],
        )
        self._reference = self._wrapped(reference)

    def drifted(self, current: Table) -> set[str]:
        """Return the names of the columns that it says have drifted."""
        run = self._report().run(self._wrapped(current), self._reference)
        return {
            metric["config"]["column"]
            for metric in run.dict()["metrics"]
            if "ValueDrift" in metric["config"]["type"] and _is_drift(metric)
        }

    def _wrapped(self, data: Table) -> Any:
        columns = {f"n{at}": column for at, column in enumerate(data.numbers)}
        columns |= {f"c{at}": column for at, column in enumerate(data.names)}
        return self._dataset(self._frame(columns), data_definition=self._definition)


def _is_drift(metric: dict[str, Any]) -> bool:
    # A p-value alarms below its threshold, a distance from it on.
    threshold, method = metric["config"]["threshold"], metric["config"]["method"]
    return bool(
        metric["value"] < threshold if "p_value" in method else metric["value"] >= threshold
    )


def main() -> None:
    """Answer one question."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("question", choices=["alarms", "power", "size"])
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--trials", type=int, default=30)
    given = parser.parse_args()
    started = time.process_time()
    import evidently  # noqa: PLC0415
    import evidently.presets  # noqa: F401, PLC0415

    answer: dict[str, Any] = {"import_s": time.process_time() - started}
    generator = np.random.default_rng(1)
    if given.question == "size":
        reference = table(generator, given.rows, given.columns)
        current = table(generator, given.rows, given.columns)
        answer["data_mb"] = peak_mb()
        started = time.process_time()
        Evidently(reference).drifted(current)
        answer |= {"seconds": time.process_time() - started, "peak_mb": peak_mb()}
    else:
        tool = Evidently(table(generator, REFERENCE, given.columns))
        sizes = generator.integers(200, 2_001, given.days)
        if given.question == "alarms":
            days = [len(tool.drifted(table(generator, int(rows), given.columns))) for rows in sizes]
            answer |= {"days": len(days), "alarms": sum(count > 0 for count in days)}
            answer["most_columns"] = max(days)
        else:
            found = [
                tool.drifted(shifted(generator, table(generator, given.rows, given.columns)))
                for _ in range(given.trials)
            ]
            answer["number"] = float(np.mean(["n1" in names for names in found]))
            answer["name"] = float(np.mean(["c0" in names for names in found]))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
