"""The recipe of the sample city and the writing of its three files."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from praca.jobs.sample.applications import has_group, prospect_group
from praca.jobs.sample.candidates import applicant_code, applicant_record
from praca.jobs.sample.vacancies import vacancy_code, vacancy_record

__all__ = ["SampleCity", "write_sample_files"]

Progress = Callable[[str, int, int], None]

_encode = json.JSONEncoder(ensure_ascii=False).encode
_REPORT_EVERY = 250


@dataclass(frozen=True, slots=True)
class SampleCity:
    """How large the city is and which city it is; the records are made while they are read.

    A candidate or a vacancy is the same in cities of any size with the same seed. The applications
    depend on how many candidates there are to choose from.
    """

    candidates: int = 400
    vacancies: int = 240
    seed: int = 2026

    def __post_init__(self) -> None:
        if self.candidates < 0 or self.vacancies < 0:
            raise ValueError("a city cannot have fewer than zero candidates or vacancies")

    def applicants(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each candidate's code and record in the layout of ``applicants.json``."""
        for index in range(self.candidates):
            yield applicant_code(index), applicant_record(self.seed, index)

    def vagas(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each vacancy's code and record in the layout of ``vagas.json``."""
        for index in range(self.vacancies):
            yield vacancy_code(index), vacancy_record(self.seed, index)

    def prospects(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield vacancy code and applications in the layout of ``prospects.json``.

        Some vacancies have no group, and some groups have no application yet, as in real files.
        """
        for index in range(self.vacancies):
            if has_group(self.seed, index):
                yield vacancy_code(index), prospect_group(self.seed, index, self.candidates)

    def groups(self) -> int:
        """Count what `prospects` yields, without making it."""
        return len([index for index in range(self.vacancies) if has_group(self.seed, index)])


def write_sample_files(
    city: SampleCity, folder: Path, *, on_progress: Progress | None = None
) -> list[Path]:
    """Write ``applicants.json``, ``vagas.json`` and ``prospects.json`` into ``folder``.

    Each is a UTF-8 JSON object keyed by code, one record per line, written record by record under a
    temporary name and renamed when complete; an existing file is replaced.

    Args:
        city: what to write.
        folder: made if it does not exist.
        on_progress: called with file name, records written so far and records in all.

    Returns:
        The three paths, in the order written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = (
        ("applicants.json", city.applicants(), city.candidates),
        ("vagas.json", city.vagas(), city.vacancies),
        ("prospects.json", city.prospects(), city.groups()),
    )
    return [_write(folder / name, records, total, on_progress) for name, records, total in contents]


def _write(
    path: Path,
    records: Iterator[tuple[str, dict[str, Any]]],
    total: int,
    on_progress: Progress | None,
) -> Path:
    report = on_progress or (lambda _name, _done, _total: None)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write("{")
            for done, (code, record) in enumerate(records):
                if done % _REPORT_EVERY == 0:
                    report(path.name, done, total)
                file.write(f'{"," if done else ""}\n"{code}": {_encode(record)}')
            file.write("\n}\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    report(path.name, total, total)
    return path
