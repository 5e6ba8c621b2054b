"""The hiring model: its map of statuses, its arithmetic, and its shape at rest."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from praca.jobs.hiring.data import Applications, pair_hash
from praca.jobs.hiring.evaluation import Confusion, auc_interval, figures, unseen_splits
from praca.jobs.hiring.model import HiringModel
from praca.jobs.hiring.pipeline import (
    build_pipeline,
    count_terms,
    predict_held_out,
    search,
)
from praca.jobs.hiring.statuses import LABELS, label_of
from praca.jobs.hiring.training import Fitted, fit
from praca.jobs.matching.errors import NotEnoughDataError
from praca.jobs.matching.outcomes import HIRED
from praca.learning.artifacts import ArtifactError, array_to_bytes
from praca.learning.estimators import estimator_to_bytes
from praca.platform.settings import HiringSettings

SETTINGS = HiringSettings()
WORDS = (
    *("java", "spring", "sql", "api", "vacina", "triagem", "curativo", "fiscal"),
    *("balanço", "ação", "docker", "teste", "nuvem"),
)


def applications(rows: int = 150, seed: int = 4) -> Applications:
    """Invented applications; a hire is likelier where the CV speaks of Java."""
    generator = np.random.default_rng(seed)

    def text(words: int) -> str:
        return " ".join(generator.choice(WORDS, words))

    vacancies = [(text(6), text(4)) for _ in range(40)]
    people = [text(30) for _ in range(50)]
    made = []
    for n in range(rows):
        vacancy, person = n % 40, int(generator.integers(50))
        chance = 0.8 if people[person].count("java") > 2 else 0.15
        status = "Contratado pela Decision" if generator.random() < chance else "Prospect"
        made.append((vacancy, person, status, *vacancies[vacancy], people[person]))
    return Applications.of(made)


DATA = applications()


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(DATA, SETTINGS, lambda *_: None)


# --- the map of statuses ------------------------------------------------------------------------


def test_the_map_has_the_documented_statuses() -> None:
    assert len(LABELS) == 21
    assert {status for status, label in LABELS.items() if label} == set(HIRED)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Contratado pela Decision", ("Contratado pela Decision", 1)),
        ("  nao aprovado pelo CLIENTE ", ("Não Aprovado pelo Cliente", 0)),
        ("Inscrito", ("Inscrito", 0)),
        ("", None),
        ("Contratado", None),
    ],
)
def test_statuses_are_known_whatever_their_case(
    status: str, expected: tuple[str, int] | None
) -> None:
    assert label_of(status) == expected


def test_unknown_statuses_are_left_out_and_counted() -> None:
    rows = [(1, n, status, "a", "b", "c") for n, status in enumerate(["Aprovado", "?", "?", ""])]
    data = Applications.of(rows)
    assert (data.labels.tolist(), data.left_out) == ([1], {"?": 2, "": 1})
    assert data.shares == {"Aprovado": 1.0}


# --- the grid search ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"tfidf_candidate_cv_max_features": 40, "tfidf_job_description_max_features": 7},
        {"tfidf_min_df": 2, "tfidf_max_df": 0.6, "grid_search_scoring": "neg_log_loss"},
        {"tfidf_min_df": 0.05, "tfidf_candidate_cv_ngram_range": (1, 3), "grid_search_cv": 3},
    ],
)
def test_the_search_finds_what_grid_search_cv_finds(changed: dict[str, object]) -> None:
    settings = SETTINGS.model_copy(update=changed)
    values = settings.grid_search_c_values
    rows = np.flatnonzero(np.arange(DATA.labels.size) % 7)
    expected = GridSearchCV(
        build_pipeline(settings, 1.0),
        {"classifier__C": values},
        cv=StratifiedKFold(settings.grid_search_cv),
        scoring=settings.grid_search_scoring,
    ).fit(DATA.texts[rows], DATA.labels[rows])
    done: list[int] = []
    found = search(count_terms(DATA.texts, settings), DATA.labels, rows, settings, done.append)
    assert done == list(range(1, settings.grid_search_cv + 1))
    assert found.best_c == expected.best_params_["classifier__C"]
    assert found.best_score == pytest.approx(expected.best_score_, abs=1e-6)
    results = expected.cv_results_
    assert found.mean_score == pytest.approx(results["mean_test_score"].mean(), abs=1e-6)
    assert found.std_score == pytest.approx(results["std_test_score"].mean(), abs=1e-6)


def test_held_out_predictions_are_those_of_the_pipeline() -> None:
    train, test = np.arange(0, 100), np.arange(100, 150)
    counts = count_terms(DATA.texts, SETTINGS)
    (found,) = predict_held_out(counts, DATA.labels, [(train, test)], SETTINGS, 1.0)
    pipeline = build_pipeline(SETTINGS, 1.0).fit(DATA.texts[train], DATA.labels[train])
    assert np.allclose(found, pipeline.predict_proba(DATA.texts[test])[:, 1], rtol=0, atol=1e-6)


# --- the figures --------------------------------------------------------------------------------


def test_figures_are_those_of_scikit_learn() -> None:
    from sklearn import metrics

    generator = np.random.default_rng(0)
    labels = (generator.random(300) < 0.3).astype(np.int8)
    stated = np.clip(generator.random(300) * 0.6 + labels * 0.3, 0, 1)
    said = (stated > 0.5).astype(int)
    counts = Confusion.of(labels, stated)
    expected = metrics.confusion_matrix(labels, said).ravel().tolist()
    assert [
        counts.true_negatives,
        counts.false_positives,
        counts.false_negatives,
        counts.true_positives,
    ] == expected
    assert counts.precision == pytest.approx(metrics.precision_score(labels, said))
    assert counts.recall == pytest.approx(metrics.recall_score(labels, said))
    assert counts.f1_score == pytest.approx(metrics.f1_score(labels, said))
    assert counts.accuracy == pytest.approx(metrics.accuracy_score(labels, said))
    found = figures(labels, stated, np.arange(300), base_rate=0.3, seed=1)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(labels, stated))
    assert found["auc_low"] < found["auc"] < found["auc_high"]
    assert found["baseline_brier"] == pytest.approx(np.mean((labels - 0.3) ** 2))


def test_nobody_said_to_be_hired_is_no_error() -> None:
    counts = Confusion.of(np.array([0, 1], np.int8), np.array([0.1, 0.2]))
    assert (counts.precision, counts.recall, counts.f1_score, counts.accuracy) == (0, 0, 0, 0.5)


def test_rows_of_one_vacancy_make_the_auc_less_sure() -> None:
    generator = np.random.default_rng(3)
    labels = np.repeat(generator.integers(0, 2, 40), 20).astype(np.int8)
    scores = np.repeat(generator.random(40), 20) + labels * 0.2
    alone = auc_interval(labels, scores, np.arange(800), seed=1)
    together = auc_interval(labels, scores, np.repeat(np.arange(40), 20), seed=1)
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_unseen_splits_share_neither_vacancy_nor_person() -> None:
    splits = unseen_splits(DATA.vacancies, DATA.candidates, seed=42)
    tested = np.concatenate([test for _, test in splits])
    assert len(set(tested.tolist())) == tested.size > 0
    for train, test in splits:
        assert not set(DATA.vacancies[train]) & set(DATA.vacancies[test])
        assert not set(DATA.candidates[train]) & set(DATA.candidates[test])


def test_a_model_that_remembers_people_is_shown_up_by_the_unseen_figure() -> None:
    """Hires are drawn per person and the texts say who it is, not how good: nothing to learn."""
    generator = np.random.default_rng(5)
    hired = generator.random(80) < 0.4
    names = [f"codinome{person} apelido{person}" for person in range(80)]
    rows = [
        (vacancy, person, "Aprovado" if hired[person] else "Desistiu", "vaga", "trabalho",
         names[person])
        for vacancy in range(60)
        for person in generator.choice(80, 10, replace=False).tolist()
    ]  # fmt: skip
    metrics = fit(Applications.of(rows), SETTINGS, lambda *_: None).metrics
    assert metrics["auc"] > 0.99
    assert metrics["auc_unseen_low"] < 0.6


# --- training -----------------------------------------------------------------------------------


def test_training_is_deterministic_and_tells_its_progress(fitted: Fitted) -> None:
    told: list[tuple[int, int, str]] = []
    again = fit(DATA, SETTINGS, lambda *step: told.append(step))
    assert again.metrics == fitted.metrics
    assert np.array_equal(again.probabilities, fitted.probabilities)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert all(done < total for done, total, _ in told)
    assert fitted.metrics["auc"] > 0.6


def test_the_parameters_matter(fitted: Fitted) -> None:
    settings = SETTINGS.model_copy(
        update={"grid_search_c_values": (3.0,), "random_state": 7, "test_size": 0.4}
    )
    other = fit(DATA, settings, lambda *_: None)
    assert other.metrics["best_c"] == 3.0
    assert other.test.size == pytest.approx(2 * fitted.test.size, abs=1)


def test_too_few_hires_are_refused() -> None:
    for rows in (DATA.labels == 0, DATA.labels == 1, np.arange(DATA.labels.size) < 6):
        kept = np.flatnonzero(rows)
        few = Applications(
            DATA.vacancies[kept],
            DATA.candidates[kept],
            DATA.texts[kept],
            DATA.labels[kept],
            tuple(DATA.statuses[at] for at in kept),
        )
        with pytest.raises(NotEnoughDataError, match="de menos"):
            fit(few, SETTINGS, lambda *_: None)


@pytest.mark.parametrize(
    "changed", [{"tfidf_min_df": 10**6}, {"tfidf_min_df": 0.9, "tfidf_max_df": 0.1}]
)
def test_parameters_that_leave_no_term_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NotEnoughDataError, match="termos"):
        fit(DATA, SETTINGS.model_copy(update=changed), lambda *_: None)


def test_texts_without_a_term_are_refused() -> None:
    rows = [(n, n, "Aprovado" if n % 2 else "Prospect", "", "a", "") for n in range(60)]
    with pytest.raises(NotEnoughDataError, match="termos"):
        fit(Applications.of(rows), SETTINGS, lambda *_: None)


# --- the model ----------------------------------------------------------------------------------


def test_one_prediction_is_that_of_the_pipeline(fitted: Fitted) -> None:
    texts = [*DATA.texts[:30], ("", "", ""), ("AÇÃO ação", "java java", "nada disso existe")]
    expected = fitted.model.probabilities(np.array(texts, dtype=object))
    found = [fitted.model.probability(row) for row in texts]
    assert np.allclose(found, expected, rtol=0, atol=1e-6)


def test_what_is_stored_is_what_was_fitted(fitted: Fitted) -> None:
    loaded = HiringModel.from_files(fitted.model.to_files())
    row = DATA.texts[3]
    assert loaded.probability(row) == fitted.model.probability(row)
    train = np.setdiff1d(np.arange(DATA.labels.size), fitted.test)
    assert loaded.was_trained_on(DATA.hashes[train]).all()
    assert not loaded.was_trained_on(np.array([pair_hash(999, 999)], np.uint64)).any()


def test_other_files_are_refused(fitted: Fitted) -> None:
    files = fitted.model.to_files()
    wrong = [
        {"pipeline.skops": files["pipeline.skops"]},
        files | {"more.json": b"{}"},
        files | {"trained_on.npy": array_to_bytes(np.zeros(3))},
        files | {"trained_on.npy": files["pipeline.skops"]},
        files | {"pipeline.skops": estimator_to_bytes(build_pipeline(SETTINGS, 1.0))},
    ]
    for content in wrong:
        with pytest.raises(ArtifactError):
            HiringModel.from_files(content)


@pytest.mark.parametrize("spoil", ["columns", "coef", "classes", "nan"])
def test_a_pipeline_whose_parts_do_not_fit_is_refused(spoil: str) -> None:
    pipeline = build_pipeline(SETTINGS, 1.0).fit(DATA.texts, DATA.labels)
    classifier, features = pipeline[-1], pipeline[0]
    if spoil == "columns":
        features.transformers_[0][1].vocabulary_["novo"] = 10**9
    elif spoil == "coef":
        classifier.coef_ = classifier.coef_[:, :-1]
    elif spoil == "classes":
        classifier.classes_ = np.array([1, 0])
    else:
        classifier.coef_[0, 0] = np.nan
    files = {
        "pipeline.skops": estimator_to_bytes(pipeline),
        "trained_on.npy": array_to_bytes(np.zeros(0, np.uint64)),
    }
    with pytest.raises(ArtifactError, match="forma esperada"):
        HiringModel.from_files(files)
