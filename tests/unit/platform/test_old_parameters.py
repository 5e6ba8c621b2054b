"""The old model server's parameters, as variables and in its file; nothing is evaluated."""

import os
from pathlib import Path

import pytest

from praca.platform.settings import Settings, SettingsError

FILE = """
[Model]
MODEL_VERSION = 3
[Training]
DATA_GDRIVE_FILE_ID = abc
TEST_SIZE = 0.3
RANDOM_STATE = 7
[TFIDF]
TFIDF_CANDIDATE_CV_MAX_FEATURES = 400
CANDIDATE_CV_NGRAM_RANGE = (2, 2)
TFIDF_MIN_DF = 2
[LogisticRegression]
MAX_ITER = 77
TOL = 0.001
[GridSearch]
CV = 4
GRID_SEARCH_SCORING = f1
N_JOBS = 1
C_VALUES = [0.5, 5]
[Authentication]
DEFAULT_USERNAME = servidor
DEFAULT_PASSWORD = 100%-segredo#9
JWT_SECRET_KEY = 0123456789012345678901234567890123456789
"""


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = {"DEFAULT_USERNAME", "DEFAULT_PASSWORD", "JWT_SECRET_KEY", "MAX_ITER", "TOL"}
    for name in list(os.environ):
        if name in known or name.startswith(("PRACA_", "TFIDF_", "GRID_SEARCH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "params.txt"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("PRACA_HIRING_PARAMS_FILE", str(path))
    return path


def test_the_defaults_are_the_documented_ones() -> None:
    hiring = Settings.load().hiring
    assert hiring.tfidf_job_description_max_features == 1000
    assert hiring.tfidf_job_requirements_max_features == 1000
    assert hiring.tfidf_candidate_cv_max_features == 5000
    assert hiring.tfidf_candidate_cv_ngram_range == (1, 2)
    assert (hiring.test_size, hiring.random_state, hiring.max_iter) == (0.2, 42, 1000)
    assert (hiring.grid_search_cv, hiring.grid_search_scoring) == (5, "roc_auc")
    assert hiring.grid_search_c_values == (0.1, 1.0, 10.0)
    assert Settings.load().sign_in.default_password is None


def test_the_old_file_is_read(file: Path) -> None:
    settings = Settings.load()
    hiring = settings.hiring
    assert hiring.hiring_params_file == file
    assert (hiring.test_size, hiring.random_state, hiring.tol) == (0.3, 7, 0.001)
    assert hiring.tfidf_candidate_cv_max_features == 400
    assert hiring.tfidf_candidate_cv_ngram_range == (2, 2)
    assert hiring.tfidf_min_df == 2
    assert hiring.max_iter == 77
    assert (hiring.grid_search_cv, hiring.grid_search_scoring) == (4, "f1")
    assert (hiring.grid_search_n_jobs, hiring.grid_search_c_values) == (1, (0.5, 5.0))
    assert settings.sign_in.default_username == "servidor"
    assert settings.sign_in.default_password is not None
    assert settings.sign_in.default_password.get_secret_value() == "100%-segredo#9"
    assert settings.signing_key.startswith("0123456789")
    assert "segredo" not in repr(settings)


def test_variables_win_over_the_file_and_ours_over_the_old_names(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del file
    monkeypatch.setenv("MAX_ITER", "5")
    assert Settings.load().hiring.max_iter == 5
    monkeypatch.setenv("PRACA_MAX_ITER", "6")
    assert Settings.load().hiring.max_iter == 6


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("(1, 2)", (1, 2)),
        ("[1,3]", (1, 3)),
        (" 2 , 2 ", (2, 2)),
        ("(1, 2,)", (1, 2)),
    ],
)
def test_ranges_are_read_however_they_are_written(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: tuple[int, int]
) -> None:
    monkeypatch.setenv("TFIDF_JOB_DESCRIPTION_NGRAM_RANGE", value)
    assert Settings.load().hiring.tfidf_job_description_ngram_range == expected


@pytest.mark.parametrize("name", ["TFIDF_MIN_DF", "TFIDF_MAX_DF"])
@pytest.mark.parametrize(("value", "expected"), [("1", 1), ("1.0", 1.0), ("0.5", 0.5)])
def test_the_spelling_of_a_frequency_says_number_or_share(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: float
) -> None:
    monkeypatch.setenv(name, value)
    found = getattr(Settings.load().hiring, name.lower())
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TFIDF_CANDIDATE_CV_NGRAM_RANGE", "__import__('os').system('false')"),
        ("TFIDF_CANDIDATE_CV_NGRAM_RANGE", "(2, 1)"),
        ("TFIDF_CANDIDATE_CV_NGRAM_RANGE", "(1, 99)"),
        ("TFIDF_CANDIDATE_CV_NGRAM_RANGE", "1"),
        ("TFIDF_CANDIDATE_CV_NGRAM_RANGE", "1,2,3"),
        ("GRID_SEARCH_C_VALUES", "[10 ** 10 ** 10]"),
        ("GRID_SEARCH_C_VALUES", ""),
        ("GRID_SEARCH_C_VALUES", "0"),
        ("GRID_SEARCH_C_VALUES", "-1, 1"),
        ("GRID_SEARCH_C_VALUES", "nan"),
        ("GRID_SEARCH_C_VALUES", "inf"),
        ("GRID_SEARCH_C_VALUES", ",".join("1" * 51)),
        ("GRID_SEARCH_SCORING", "lambda m, x, y: 1"),
        ("GRID_SEARCH_N_JOBS", "0"),
        ("GRID_SEARCH_CV", "1"),
        ("TFIDF_MIN_DF", "0"),
        ("TFIDF_MAX_DF", "1.5"),
        ("TFIDF_MIN_DF", "nan"),
        ("TFIDF_CANDIDATE_CV_MAX_FEATURES", "0"),
        ("TEST_SIZE", "1"),
        ("RANDOM_STATE", "-1"),
        ("TOL", "0"),
        ("MAX_ITER", "many"),
        ("DASK_SCHEDULER", "file:///etc/passwd"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PRACA_{name}", value)
    with pytest.raises(SettingsError, match=rf"^PRACA_{name}: "):
        Settings.load()


@pytest.mark.parametrize("name", ["DEFAULT_USERNAME", "DEFAULT_PASSWORD"])
def test_half_an_account_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "servidor")
    with pytest.raises(SettingsError, match="give both or neither"):
        Settings.load()


def test_the_old_secret_obeys_the_same_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "super-secret")
    with pytest.raises(SettingsError, match="at least 32"):
        Settings.load()
    monkeypatch.setenv("JWT_SECRET_KEY", "x" * 32)
    assert Settings.load().signing_key == "x" * 32
    monkeypatch.setenv("PRACA_SECRET_KEY", "y" * 32)
    assert Settings.load().signing_key == "y" * 32


@pytest.mark.parametrize(
    "content",
    [b"DEFAULT_PASSWORD = senha-secreta", b"[A]\nx\n", b"\xff\xfe\x00", b"[A]\n" * 2],
)
def test_a_file_that_is_none_is_refused_and_not_repeated(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"_PARAMS_FILE: .* no INI file") as refused:
        Settings.load()
    assert "senha-secreta" not in str(refused.value)


def test_a_file_that_is_absent_or_endless_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in (tmp_path / "nada.txt", tmp_path, Path("/dev/zero")):
        monkeypatch.setenv("PRACA_HIRING_PARAMS_FILE", str(path))
        with pytest.raises(SettingsError, match="PRACA_HIRING_PARAMS_FILE: "):
            Settings.load()
