"""The settings of the old model server's model, under the names it documented them by."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from praca.platform.settings.group import SettingsGroup
from praca.platform.settings.params_file import old_name

__all__ = ["HiringSettings"]

_LONGEST_TERM: Final = 5
_LARGEST_C: Final = 1e12


class HiringSettings(SettingsGroup):
    """The model of the old model server: TF-IDF, logistic regression, grid search over C.

    Each of these that it had is also read under its old name, without `PRACA_` (`TFIDF_MIN_DF`,
    `GRID_SEARCH_C_VALUES`, `MAX_ITER` …), and from its `params.txt`. Lists may be written with
    brackets, as in the old file: `(1, 2)`, `[0.1, 1, 10]`. Nothing is evaluated.
    [How to train it](../howto/train-the-hiring-model.md).
    """

    tfidf_job_description_max_features: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        validation_alias=old_name("TFIDF_JOB_DESCRIPTION_MAX_FEATURES"),
        description="Terms kept of `principais_atividades`.",
    )
    tfidf_job_requirements_max_features: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        validation_alias=old_name("TFIDF_JOB_REQUIREMENTS_MAX_FEATURES"),
        description="Terms kept of `competencia_tecnicas_e_comportamentais`.",
    )
    tfidf_candidate_cv_max_features: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        validation_alias=old_name("TFIDF_CANDIDATE_CV_MAX_FEATURES"),
        description="Terms kept of `cv_pt`.",
    )
    tfidf_job_description_ngram_range: Annotated[tuple[int, int], NoDecode] = Field(
        (1, 2),
        validation_alias=old_name("TFIDF_JOB_DESCRIPTION_NGRAM_RANGE"),
        description="Shortest and longest term of `principais_atividades` in words: `1, 2`.",
    )
    tfidf_job_requirements_ngram_range: Annotated[tuple[int, int], NoDecode] = Field(
        (1, 2),
        validation_alias=old_name("TFIDF_JOB_REQUIREMENTS_NGRAM_RANGE"),
        description="The same of `competencia_tecnicas_e_comportamentais`.",
    )
    tfidf_candidate_cv_ngram_range: Annotated[tuple[int, int], NoDecode] = Field(
        (1, 2),
        validation_alias=old_name("TFIDF_CANDIDATE_CV_NGRAM_RANGE"),
        description="The same of `cv_pt`.",
    )
    tfidf_min_df: int | float = Field(
        1,
        validation_alias=old_name("TFIDF_MIN_DF"),
        description="Texts a term must be in: a number (`2`), or with a point a share (`0.01`).",
    )
    tfidf_max_df: int | float = Field(
        1.0,
        validation_alias=old_name("TFIDF_MAX_DF"),
        description="Texts a term may be in at most, written likewise.",
    )
    max_iter: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        validation_alias=old_name("MAX_ITER"),
        description="Most steps of the logistic regression.",
    )
    tol: float = Field(
        1e-4,
        gt=0,
        lt=1,
        validation_alias=old_name("TOL"),
        description="The regression stops when a step changes less.",
    )
    grid_search_cv: int = Field(
        5,
        ge=2,
        le=50,
        validation_alias=old_name("GRID_SEARCH_CV"),
        description="Folds of the grid search.",
    )
    grid_search_scoring: Literal[
        "roc_auc", "average_precision", "neg_log_loss", "neg_brier_score", "accuracy",
        "balanced_accuracy", "f1", "precision", "recall",
    ] = Field(
        "roc_auc",
        validation_alias=old_name("GRID_SEARCH_SCORING"),
        description="What it compares by: `roc_auc`, `average_precision`, `neg_log_loss`, "
        "`neg_brier_score`, `accuracy`, `balanced_accuracy`, `f1`, `precision` or `recall`.",
    )  # fmt: skip
    grid_search_n_jobs: int = Field(
        -1,
        ge=-1,
        le=1024,
        validation_alias=old_name("GRID_SEARCH_N_JOBS"),
        description="Fits at a time; `-1`: one per core.",
    )
    grid_search_c_values: Annotated[tuple[float, ...], NoDecode] = Field(
        (0.1, 1.0, 10.0),
        min_length=1,
        max_length=50,
        validation_alias=old_name("GRID_SEARCH_C_VALUES"),
        description="Values of C that are tried: `0.1, 1, 10`.",
    )
    test_size: float = Field(
        0.2,
        gt=0,
        le=0.9,
        validation_alias=old_name("TEST_SIZE"),
        description="Share of the applications held back to test on.",
    )
    random_state: int = Field(
        42,
        ge=0,
        lt=2**32,
        validation_alias=old_name("RANDOM_STATE"),
        description="Seed of every draw.",
    )
    hiring_params_file: Path | None = Field(
        None,
        description="The old server's `params.txt`; what it says holds unless a variable says "
        "otherwise.",
    )
    dask_scheduler: str | None = Field(
        None,
        pattern=r"^(tcp|tls)://\S+$",
        description="Address of a Dask scheduler (`tcp://host:8786`) that the grid search is "
        "given to; by default it runs in threads of the worker.",
    )
    train_wait_s: float = Field(
        300,
        ge=0,
        le=3600,
        description="How long `GET /train` waits for the result before it answers 202.",
    )

    @field_validator(
        "tfidf_job_description_ngram_range",
        "tfidf_job_requirements_ngram_range",
        "tfidf_candidate_cv_ngram_range",
        "grid_search_c_values",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return _listed(value)

    @field_validator(
        "tfidf_job_description_ngram_range",
        "tfidf_job_requirements_ngram_range",
        "tfidf_candidate_cv_ngram_range",
    )
    @classmethod
    def _is_range(cls, value: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= value[0] <= value[1] <= _LONGEST_TERM:
            raise ValueError(f"two growing numbers from 1 to {_LONGEST_TERM} are needed")
        return value

    @field_validator("tfidf_min_df", "tfidf_max_df", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, str):
            # "1" is one text and "1.0" all of them: the spelling decides.
            return int(value) if value.strip().isdecimal() else float(value)
        return value

    @field_validator("tfidf_min_df", "tfidf_max_df")
    @classmethod
    def _is_frequency(cls, value: float) -> float:
        if not (value >= 1 if isinstance(value, int) else 0 <= value <= 1):
            raise ValueError("a whole number from 1, or a share from 0.0 to 1.0 is needed")
        return value

    @field_validator("grid_search_n_jobs")
    @classmethod
    def _is_not_zero(cls, value: int) -> int:
        if value == 0:
            raise ValueError("-1 or at least 1 is needed")
        return value

    @field_validator("grid_search_c_values")
    @classmethod
    def _are_positive(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 < c < _LARGEST_C for c in value):
            raise ValueError(f"numbers above 0 and below {_LARGEST_C:g} are needed")
        return value


def _listed(value: object) -> object:
    """Return the parts of ``(1, 2)``, ``[1, 2]`` or ``1, 2``; read, never evaluated."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[:1] + text[-1:] in {"()", "[]"}:
        text = text[1:-1]
    return tuple(part.strip() for part in text.removesuffix(",").split(","))
