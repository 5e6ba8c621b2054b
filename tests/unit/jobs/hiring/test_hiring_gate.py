"""The gate of the hiring model: on which rows two versions are compared."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.gate import FEWEST_SHARED, HiringGate, evaluate
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import HiringModel
from praca.jobs.hiring.pipeline import build_pipeline
from praca.learning.artifacts import pack
from praca.learning.gate import Verdict
from praca.learning.store import Champion
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import HiringSettings, Settings

ROWS = 600
SECRET = "segredo-de-uma-cidade-de-teste-42"  # of no city
GOOD, BAD = "java spring", "nada disso"


def applications() -> Applications:
    generator = np.random.default_rng(8)
    hired = generator.random(ROWS) < 0.4
    rows = []
    for n in range(ROWS):
        says_so = generator.random() < 0.8
        cv = GOOD if hired[n] == says_so else BAD
        rows.append((n // 4, n, "Aprovado" if hired[n] else "Desistiu", "vaga", "texto", cv))
    return Applications.of(rows)


DATA = applications()


def model_of(
    train: np.ndarray, labels: np.ndarray | None = None, secret: str = SECRET
) -> HiringModel:
    """A model trained on rows, perhaps with other labels than the true ones."""
    truth = DATA.labels if labels is None else labels
    pipeline = build_pipeline(HiringSettings(), 1.0).fit(DATA.texts[train], truth[train])
    marks = Marks(secret)
    trained_on = marks.of(DATA.vacancies[train], DATA.candidates[train])
    return HiringModel(pipeline, np.sort(np.concatenate([marks.own, trained_on])))


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Resources:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_SECRET_KEY", SECRET)
    return open_resources(Settings.load(), "postgresql://nobody@127.0.0.1:1/nothing", [])


def verdict(
    resources: Resources, challenger: HiringModel, champion: HiringModel | bytes, test: np.ndarray
) -> Verdict:
    files = {"pipeline.skops": champion} if isinstance(champion, bytes) else champion.to_files()
    artifact = pack(files, name="hiring", version="1", created_at=datetime.now(UTC))
    resources.objects.write_all("models/hiring/x", artifact)
    gate = HiringGate(resources, challenger, DATA, test)
    return asyncio.run(gate(Champion(1, "models/hiring/x"), 1000))


def test_versions_are_compared_on_rows_neither_learned_from(resources: Resources) -> None:
    everything = np.arange(ROWS)
    test = everything[ROWS // 2 :]
    challenger = model_of(everything[: ROWS // 2])
    champion = model_of(everything[: ROWS * 3 // 4])  # knows half of the test rows
    check = verdict(resources, challenger, champion, test).checks[0]
    assert check.passed is True
    shared = everything[ROWS * 3 // 4 :]
    assert check.figures["units"] == np.unique(DATA.vacancies[shared]).size


def test_a_version_that_learned_nonsense_is_stopped(resources: Resources) -> None:
    train, test = np.arange(ROWS // 2), np.arange(ROWS // 2, ROWS)
    upside_down = model_of(train, 1 - DATA.labels)
    found = verdict(resources, upside_down, model_of(train), test)
    assert not found.accepted
    assert found.checks[0].passed is False
    assert verdict(resources, model_of(train), upside_down, test).accepted


@pytest.mark.parametrize("left", [0, FEWEST_SHARED - 1])
def test_too_few_shared_rows_make_a_comparison_impossible(resources: Resources, left: int) -> None:
    test = np.arange(ROWS // 2, ROWS)
    champion = model_of(np.arange(ROWS - left))
    check = verdict(resources, model_of(np.arange(ROWS // 2)), champion, test).checks[0]
    assert check.passed is None
    assert "de menos para comparar" in check.reason


def test_marks_of_another_secret_make_it_impossible(resources: Resources) -> None:
    """They cannot tell which test rows the champion knows, and it may know all of them."""
    champion = model_of(np.arange(ROWS), secret="segredo-de-antes-de-ser-trocado-42")
    test = np.arange(ROWS // 2, ROWS)
    check = verdict(resources, model_of(np.arange(ROWS // 2)), champion, test).checks[0]
    assert check.passed is None
    assert "de menos para comparar" in check.reason


def test_rows_of_one_class_make_it_impossible_too(resources: Resources) -> None:
    train = np.arange(ROWS // 2)
    test = np.flatnonzero(DATA.labels[ROWS // 2 :] == 0) + ROWS // 2
    assert test.size > FEWEST_SHARED
    check = verdict(resources, model_of(train), model_of(train), test).checks[0]
    assert check.passed is None


def test_a_champion_that_cannot_be_read_is_not_compared_with(resources: Resources) -> None:
    train, test = np.arange(ROWS // 2), np.arange(ROWS // 2, ROWS)
    check = verdict(resources, model_of(train), b"\x80\x04cos\nsystem\n", test).checks[0]
    assert check.passed is None


def test_vacancies_are_the_units() -> None:
    rows = np.arange(ROWS // 2, ROWS)
    found = evaluate(model_of(np.arange(ROWS // 2)), DATA, rows)
    assert (found.metric, found.count) == ("auc", ROWS // 2 // 4)
    assert found.labels.size == found.probabilities.size == rows.size
    assert 0.6 < found.figure(np.arange(found.count)) < 1
    assert found.latency_ms > 0
