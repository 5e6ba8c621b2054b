"""Whom does the matcher put first on the real files, by sex and disability?

    uv run python -m benchmarks.fairness [--vacancies 200] [--seed 1]

Vacancies that had applications are drawn at random and held out; the match model learns from the
others, and ranks everyone with a CV for those held out (real files: see ``matching_quality.py``;
read in place, nothing is copied). The audit is the one of every training, with its rules on what
may be shown. Few records say a sex or a disability: people without stay in the ranking, not in the
comparison. Printed by attribute and rule of selection: people, how often one was selected, rate,
share of those put forward who were selected, ratio to the highest rate with its interval.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from benchmarks.ranking.data import Data, load, real_data_folder

from praca.jobs.matching.fairness import FairnessReport, known_values, report
from praca.jobs.matching.model import MatchModel
from praca.learning.fairness import GroupFigures

__all__ = ["audited", "protected_values", "table"]


def protected_values(folder: Path) -> dict[int, tuple[str, str]]:
    """Return code of a person -> sex and disability, ``""`` where the record says nothing."""
    records = json.loads(gzip.decompress((folder / "applicants.json.gz").read_bytes()))
    return {
        int(code): known_values(personal.get("sexo"), personal.get("pcd"))
        for code, record in records.items()
        for personal in [record.get("informacoes_pessoais", {})]
    }


def audited(
    data: Data, values: dict[int, tuple[str, str]], *, held_out: int, seed: int
) -> FairnessReport:
    """Learn without ``held_out`` vacancies, and audit the ranking of everyone for them."""
    applied = sorted(data.put_forward)
    drawn = np.random.default_rng(seed).permutation(applied)[:held_out]
    asked = frozenset(drawn.tolist())
    people = list(data.candidates.values())
    learned = [vacancy for code, vacancy in data.vacancies.items() if code not in asked]
    model = MatchModel().fit(people, learned, data.pairs)
    offers = [data.vacancies[code] for code in sorted(asked)]
    return report(model, people, offers, data.pairs, values, seed=seed)


def table(found: FairnessReport) -> Iterator[str]:
    """Yield the lines to print."""
    yield f"{found.people} people ranked for {found.vacancies} vacancies held out"
    for figures in found.figures:
        yield f"\n{figures.attribute}, {figures.selection}"
        yield f"{'':24}{'people':>8}{'selected':>10}{'rate':>8}{'found':>8}  ratio"
        for group in figures.groups:
            yield _line(group)
    yield ""
    yield from found.summary


def _line(group: GroupFigures) -> str:
    rate, found = group.selection_rate, group.true_positive_rate
    return (
        f"{group.group or 'not known':24}{group.people:>8}{group.selected:>10}{rate:>8.2%}"
        f"{'' if found is None else f'{found:.2f}':>8}  {group.against_highest or ''}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vacancies", type=int, default=200, help="held out and audited")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    folder = real_data_folder()
    if folder is None:
        print("The real data is not here (PRACA_REAL_DATA): nothing to audit.")
        return
    values = protected_values(folder)
    found = audited(load(folder), values, held_out=options.vacancies, seed=options.seed)
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
