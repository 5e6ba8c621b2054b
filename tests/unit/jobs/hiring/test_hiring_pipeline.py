"""The hiring model: its map of statuses, its arithmetic, and its shape at rest."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline

from praca.jobs.hiring.counts import TermCounts
from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.evaluation import Confusion, auc_interval, figures, unseen_splits
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import ALLOWED_TYPES, HiringModel
from praca.jobs.hiring.pipeline import (
    Counts,
    build_pipeline,
    count_terms,
    fit_pipeline,
    predict_held_out,
    search,
    vectorizers,
)
from praca.jobs.hiring.statuses import LABELS, label_of
from praca.jobs.hiring.texts import LONGEST_READ, readable
from praca.jobs.hiring.training import Fitted, fit
from praca.jobs.matching.errors import NotEnoughDataError
from praca.jobs.matching.outcomes import HIRED
from praca.learning.artifacts import ArtifactError, array_to_bytes
from praca.learning.estimators import estimator_from_bytes, estimator_to_bytes
from praca.platform.settings import HiringSettings

SETTINGS = HiringSettings()
MARKS = Marks("segredo-de-uma-cidade-de-teste-42")
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
    return fit(DATA, SETTINGS, MARKS, lambda *_: None)


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


def counts_of_any_source(settings: HiringSettings) -> Counts:
    """As scikit-learn counts, to which rows are all there is."""
    return [
        TermCounts.of(DATA.texts[:, at], DATA.candidates, replace(asked, min_sources=1))[0]
        for at, asked in enumerate(vectorizers(settings).values())
    ]


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
    counts = counts_of_any_source(settings)
    found = search(counts, DATA.labels, rows, settings, done.append)
    assert done == list(range(1, settings.grid_search_cv + 1))
    assert found.best_c == expected.best_params_["classifier__C"]
    assert found.best_score == pytest.approx(expected.best_score_, abs=1e-6)
    results = expected.cv_results_
    assert found.mean_score == pytest.approx(results["mean_test_score"].mean(), abs=1e-6)
    assert found.std_score == pytest.approx(results["std_test_score"].mean(), abs=1e-6)


def test_held_out_predictions_are_those_of_the_pipeline() -> None:
    train, test = np.arange(0, 100), np.arange(100, 150)
    counts, terms = count_terms(DATA, SETTINGS)
    (found,) = predict_held_out(counts, DATA.labels, [(train, test)], SETTINGS, 1.0)
    pipeline = fit_pipeline(DATA, counts, terms, train, SETTINGS, 1.0)
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
    """Hires are drawn per person and the texts say who it is, not how good: nothing to learn.

    No word is one person's alone, but which words there are is.
    """
    generator = np.random.default_rng(5)
    hired = generator.random(80) < 0.4
    words = np.array([f"palavra{n}" for n in range(200)])
    names = [" ".join(generator.choice(words, 40)) for _ in range(80)]
    rows = [
        (vacancy, person, "Aprovado" if hired[person] else "Desistiu", "vaga", "trabalho",
         names[person])
        for vacancy in range(60)
        for person in generator.choice(80, 10, replace=False).tolist()
    ]  # fmt: skip
    metrics = fit(Applications.of(rows), SETTINGS, MARKS, lambda *_: None).metrics
    assert metrics["auc"] > 0.99
    assert metrics["auc_unseen_low"] < 0.6


# --- training -----------------------------------------------------------------------------------


def test_training_is_deterministic_and_tells_its_progress(fitted: Fitted) -> None:
    told: list[tuple[int, int, str]] = []
    again = fit(DATA, SETTINGS, MARKS, lambda *step: told.append(step))
    assert again.metrics == fitted.metrics
    assert np.array_equal(again.probabilities, fitted.probabilities)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert all(done < total for done, total, _ in told)
    assert fitted.metrics["auc"] > 0.6


def test_the_parameters_matter(fitted: Fitted) -> None:
    settings = SETTINGS.model_copy(
        update={"grid_search_c_values": (3.0,), "random_state": 7, "test_size": 0.4}
    )
    other = fit(DATA, settings, MARKS, lambda *_: None)
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
            fit(few, SETTINGS, MARKS, lambda *_: None)


@pytest.mark.parametrize(
    "changed", [{"tfidf_min_df": 10**6}, {"tfidf_min_df": 0.9, "tfidf_max_df": 0.1}]
)
def test_parameters_that_leave_no_term_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NotEnoughDataError, match="termos"):
        fit(DATA, SETTINGS.model_copy(update=changed), MARKS, lambda *_: None)


def test_texts_without_a_term_are_refused() -> None:
    rows = [(n, n, "Aprovado" if n % 2 else "Prospect", "", "a", "") for n in range(60)]
    with pytest.raises(NotEnoughDataError, match="termos"):
        fit(Applications.of(rows), SETTINGS, MARKS, lambda *_: None)


# --- the model ----------------------------------------------------------------------------------


def test_one_prediction_is_that_of_the_pipeline(fitted: Fitted) -> None:
    texts = [*DATA.texts[:30], ("", "", ""), ("AÇÃO ação", "java java", "nada disso existe")]
    rows = np.array(texts, dtype=object)
    expected = fitted.model.pipeline.predict_proba(rows)[:, 1]
    found = [fitted.model.probability(row) for row in texts]
    assert np.allclose(found, expected, rtol=0, atol=1e-6)
    assert fitted.model.probabilities(rows).tolist() == found


def test_what_is_stored_is_what_was_fitted(fitted: Fitted) -> None:
    loaded = HiringModel.from_files(fitted.model.to_files())
    row = DATA.texts[3]
    assert loaded.probability(row) == fitted.model.probability(row)
    train = np.setdiff1d(np.arange(DATA.labels.size), fitted.test)
    marks = MARKS.of(DATA.vacancies, DATA.candidates)
    assert loaded.was_trained_on(marks[train]).all()
    assert not loaded.was_trained_on(MARKS.of(np.array([999]), np.array([999]))).any()
    assert loaded.was_trained_on(MARKS.own).all()


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


Spoil = Callable[[Pipeline], object]


def cv_part(pipeline: Pipeline) -> Any:
    """The vectoriser of the CVs, as it was fitted."""
    return pipeline[0].transformers_[2][1]


def asked_and_fitted(**parameters: object) -> Spoil:
    def spoil(pipeline: Pipeline) -> None:
        for _, vectorizer, _ in [*pipeline[0].transformers, *pipeline[0].transformers_]:
            vectorizer.set_params(**parameters)

    return spoil


def loaded_with(spoil: Spoil) -> HiringModel:
    """What is loaded where a spoilt pipeline is stored."""
    pipeline = fit_pipeline(DATA, *count_terms(DATA, SETTINGS), np.arange(150), SETTINGS, 1.0)
    spoil(pipeline)
    files = {
        "pipeline.skops": estimator_to_bytes(pipeline),
        "trained_on.npy": array_to_bytes(np.zeros(0, np.uint64)),
    }
    return HiringModel.from_files(files)


def test_one_that_is_not_spoilt_is_loaded() -> None:
    assert 0 < loaded_with(lambda _: None).probability(DATA.texts[0]) < 1


PARTS_THAT_DO_NOT_FIT: dict[str, Spoil] = {
    "columns": lambda p: cv_part(p).vocabulary_.update(novo=10**9),
    "coef": lambda p: setattr(p[1], "coef_", p[1].coef_[:, :-1]),
    "classes": lambda p: setattr(p[1], "classes_", np.array([1, 0])),
    "nan coef": lambda p: p[1].coef_.__setitem__((0, 0), np.nan),
    "nan intercept": lambda p: setattr(p[1], "intercept_", np.array([np.nan])),
    "infinite idf": lambda p: cv_part(p).idf_.__setitem__(0, np.inf),
    "no steps": lambda p: p.steps.clear(),
}
HOSTILE_PARAMETERS: dict[str, Spoil] = {
    "opens files": asked_and_fitted(input="filename"),
    "opens files, fitted one only": lambda p: cv_part(p).set_params(input="filename"),
    "opens files, asked one only": lambda p: p[0].transformers[0][1].set_params(input="filename"),
    "searches for ever": asked_and_fitted(token_pattern=r"(\w+\s?)+$"),
    "runs a type": asked_and_fitted(preprocessor=np.float32),
    "tokenizes by a type": asked_and_fitted(tokenizer=np.float32),
    "other analyzer": asked_and_fitted(analyzer="char"),
    "terms of a whole text": asked_and_fitted(ngram_range=(1, 100_000)),
    "range as a list": asked_and_fitted(ngram_range=[1, 2]),
    "vocabulary of its own": asked_and_fitted(vocabulary={"java": 0}),
    "number as text": asked_and_fitted(max_features="10"),
    "no number": asked_and_fitted(min_df=float("nan")),
    "other weights": lambda p: cv_part(p)._tfidf.set_params(sublinear_tf=True),
    "C": lambda p: p[1].set_params(C=-1.0),
    "verbose": lambda p: p.set_params(verbose=True),
    "remainder": lambda p: p[0].set_params(remainder="passthrough"),
    "jobs": lambda p: p[0].set_params(n_jobs=64),
    "order": lambda p: p[0].transformers_.reverse(),
    "column": lambda p: p[0].transformers_.__setitem__(0, (*p[0].transformers_[0][:2], 1)),
    "says it is another": lambda p: vars(cv_part(p)).update(get_params={}, input="file"),
}
HOSTILE_VOCABULARIES: dict[str, Any] = {
    "list": ["java", "sql"],
    "empty list": [],
    "text": "java",
    "columns as floats": {"java": 0.0},
    "columns as booleans": {"java": False},
    "columns as texts": {"java": "0"},
}


@pytest.mark.parametrize(
    "spoil", (spoilt := PARTS_THAT_DO_NOT_FIT | HOSTILE_PARAMETERS).values(), ids=spoilt
)
def test_a_pipeline_that_training_does_not_build_is_refused(spoil: Spoil) -> None:
    with pytest.raises(ArtifactError, match="forma esperada"):
        loaded_with(spoil)


@pytest.mark.parametrize("wrong", HOSTILE_VOCABULARIES.values(), ids=HOSTILE_VOCABULARIES)
def test_a_vocabulary_of_another_type_is_refused(fitted: Fitted, wrong: object) -> None:
    loaded = estimator_from_bytes(fitted.model.to_files()["pipeline.skops"], allowed=ALLOWED_TYPES)
    cv_part(loaded).vocabulary_ = wrong
    with pytest.raises(ArtifactError, match="forma esperada"):
        HiringModel(loaded, np.zeros(0, np.uint64))


def test_methods_that_a_file_replaces_are_not_called() -> None:
    def spoil(pipeline: Pipeline) -> None:
        for name in ("build_analyzer", "decode", "transform", "predict_proba"):
            vars(cv_part(pipeline))[name] = vars(pipeline)[name] = np.float32

    row = DATA.texts[0]
    assert loaded_with(spoil).probability(row) == loaded_with(lambda _: None).probability(row)


# --- personal data ------------------------------------------------------------------------------


def vocabularies(data: Applications, **changed: object) -> list[set[str]]:
    """The terms of each text of a model trained on all rows."""
    settings = SETTINGS.model_copy(update={"tfidf_min_df": 1, **changed})
    rows = np.arange(data.labels.size)
    pipeline = fit_pipeline(data, *count_terms(data, settings), rows, settings, 1.0)
    return [set(vectorizer.vocabulary_) for _, vectorizer, _ in pipeline[0].transformers_]


def people_with(cvs: list[str], vacancies: int = 6) -> Applications:
    """Each person applies for every vacancy; the texts of every other vacancy name a project."""
    rows = [
        (vacancy, person, "Aprovado" if (vacancy + person) % 2 else "Desistiu",
         "vaga comum" + " projeto sigma" * (vacancy == 1) + " projeto delta" * (vacancy in {2, 3}),
         "texto comum", cv)
        for vacancy in range(1, vacancies + 1)
        for person, cv in enumerate(cvs, start=1)
    ]  # fmt: skip
    return Applications.of(rows)


def test_a_term_needs_three_people_and_two_vacancies_whatever_the_rows() -> None:
    cvs = ["java maria", "java maria quadros", "java maria pedro", "java pedro", "java sql"]
    described, _, cv = vocabularies(people_with(cvs))
    assert cv == {"java", "maria", "java maria"}  # Pedro is in twelve rows, of two people
    assert {"delta", "projeto delta"} <= described
    assert not {"sigma", "projeto sigma"} & described


def test_a_cv_that_one_person_sends_often_is_one_persons() -> None:
    data = people_with(["java fulana", "java", "java"], vacancies=40)
    assert vocabularies(data)[2] == {"java"}


def test_people_of_the_training_rows_alone_count() -> None:
    data = people_with(["java ana", "java ana", "java ana", "java"])
    counts, terms = count_terms(data, SETTINGS)
    rows = np.flatnonzero(data.candidates != 1)
    kept = terms[2][counts[2].kept(rows)]
    assert set(terms[2]) > set(kept) == {"java"}


def test_numbers_and_addresses_are_no_terms() -> None:
    personal = "123.456.789-09 12345678909 11_98765_4321 ana.silva@exemplo.br Ana＠exemplo ٣٤٥ 2019"
    terms = vocabularies(people_with([f"{personal} java 8 python3"] * 4))[2]
    assert terms == {"java", "python3", "java python3"}


def test_marks_cannot_be_computed_without_the_secret() -> None:
    pairs = (np.array([1, 1, 2]), np.array([1, 2, 1]))
    marks = MARKS.of(*pairs)
    assert np.unique(marks).size == 3
    assert np.array_equal(marks, Marks("segredo-de-uma-cidade-de-teste-42").of(*pairs))
    assert not np.isin(marks, Marks("segredo-de-outra-cidade-de-teste-7").of(*pairs)).any()
    assert not np.isin(MARKS.own, marks).any()


# --- long and odd texts -------------------------------------------------------------------------

ODD = {
    "marks": "java" + "\u0301\u0323" * 200_000,
    "letters that are eighteen": "\ufdfa" * 300_000,
    "words": "java " * 100_000,
    "one word": "j" * 300_000,
    "digits": "1" * 300_000 + "a",
    "addresses": "a@" * 150_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_read_of_a_text_is_bounded(text: str) -> None:
    found = readable(text)
    assert len(found) <= LONGEST_READ
    assert readable(found) == found
    assert unicodedata.is_normalized("NFKD", found)


def test_what_is_not_read_changes_nothing(fitted: Fitted) -> None:
    start = "java sql " * (LONGEST_READ // 9 + 1)
    (asked, required, _) = DATA.texts[0]
    short, long = (asked, required, start[:LONGEST_READ]), (asked, required, start + "fiscal " * 99)
    assert fitted.model.probability(short) == fitted.model.probability(long)
    assert Applications.of([(1, 1, "Aprovado", *long)]).texts[0, 2] == short[2]


def test_odd_texts_have_a_probability(fitted: Fitted) -> None:
    for text in ODD.values():
        assert 0 < fitted.model.probability((text, text, text)) < 1
