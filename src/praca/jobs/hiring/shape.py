"""Is a loaded pipeline the one that training would have built? Loads scikit-learn.

A file can only hold types that are allowed, but a vectoriser's parameters alone could make it open
files (``input="filename"``) or search for minutes (a hostile ``token_pattern``).
"""

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import Pipeline

from praca.jobs.hiring.pipeline import build_pipeline
from praca.platform.settings import HiringSettings

__all__ = ["rebuilt"]


def rebuilt(pipeline: Any) -> Pipeline:
    """Return a new pipeline, not fitted, with the hyper-parameters of ``pipeline``.

    Raises:
        ValueError: a parameter is not what :func:`build_pipeline` sets, or a hyper-parameter not
            what the settings allow.
        AttributeError, KeyError, TypeError: it is no such pipeline.
    """
    expected = build_pipeline(*_hyper_parameters(pipeline))
    if not _same(pipeline, expected):
        raise ValueError("a parameter is not one that training sets")
    fitted = pipeline["features"].transformers_
    if not _same(fitted, expected["features"].transformers):
        raise ValueError("a fitted vectoriser is not the one that was asked for")
    for _, vectorizer, _ in fitted:
        if not _same(vars(vectorizer)["_tfidf"], TfidfTransformer()):
            raise ValueError("terms are weighted in another way")
    return expected


def _hyper_parameters(pipeline: Any) -> tuple[HiringSettings, float]:
    parts = {name: part for name, part, _ in pipeline["features"].transformers}
    classifier = pipeline["classifier"]
    of_texts = {
        f"tfidf_{name}_{parameter}": getattr(part, parameter)
        for name, part in parts.items()
        for parameter in ("max_features", "ngram_range")
    }
    settings = HiringSettings(
        **of_texts,
        tfidf_min_df=parts["candidate_cv"].min_df,
        tfidf_max_df=parts["candidate_cv"].max_df,
        max_iter=classifier.max_iter,
        tol=classifier.tol,
        random_state=classifier.random_state,
        grid_search_c_values=(classifier.C,),
    )
    return settings, settings.grid_search_c_values[0]


def _same(found: Any, expected: Any) -> bool:
    """Tell whether both are of one type and, as far as parameters go, equal."""
    if type(found) is not type(expected):
        return False
    if isinstance(expected, BaseEstimator):
        # Asked of the type: what a file says of an object may not answer in its place.
        get_params = type(expected).get_params
        return _same(get_params(found, deep=False), get_params(expected, deep=False))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            _same(found[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(_same, found, expected))
    return bool(found == expected)
