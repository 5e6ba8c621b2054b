"""The catalogue of faults fits the sources, and the cheap ones are caught; see benchmarks/."""

import ast
import shutil
from pathlib import Path

import pytest
from benchmarks.ledger.faults import FAULTS, Fault
from benchmarks.ledger_faults import Trial, plant

import praca

SOURCE = Path(praca.__file__).parents[1]
CHEAP = ("running balance off by one", "cancelled card takes money")


def copied(fault: Fault, folder: Path) -> None:
    for name, *_ in fault.changes:
        (folder / "praca" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / "praca" / name, folder / "praca" / name)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_planted(fault: Fault, tmp_path: Path) -> None:
    copied(fault, tmp_path)
    plant(fault, tmp_path)
    for name, old, _ in fault.changes:
        text = (tmp_path / "praca" / name).read_text()
        assert old not in text or text != (SOURCE / "praca" / name).read_text()
        ast.parse(text)


def test_there_are_many_and_each_has_a_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 24


def test_words_that_are_gone_are_an_error(tmp_path: Path) -> None:
    fault = Fault("gone", (("wallet/ledger/rules.py", "no such words", ""),))
    copied(fault, tmp_path)
    with pytest.raises(ValueError, match="gone: 0 times"):
        plant(fault, tmp_path)


def test_cheap_faults_are_caught_and_the_sources_are_not(tmp_path: Path) -> None:
    trial = Trial(tmp_path, server=None)
    assert trial.run(None, until="rules").test == ""
    outcomes = [trial.run(fault, until="rules") for fault in FAULTS if fault.name in CHEAP]
    assert [outcome.stage for outcome in outcomes] == ["rules", "rules"]
