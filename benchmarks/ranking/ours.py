"""Our model and what is left of it when a part is taken away or exchanged."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import lightgbm
import numpy as np
from benchmarks.ranking.baselines import Scores
from benchmarks.ranking.data import Data, Trial
from benchmarks.ranking.measures import FRESHNESS, OURS
from numpy.typing import NDArray

from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.scoring import pair_features
from praca.jobs.matching.training import Examples, examples
from praca.learning.linear import ConditionalLogit
from praca.learning.retrieval import reciprocal_rank_fusion

__all__ = ["ours", "trained"]

_FAMILIES: Final[Mapping[str, Callable[[str], bool]]] = {
    "title": lambda name: name.endswith("_title"),
    "skills": lambda name: "skills" in name,
    "LSA": lambda name: name.startswith("lsa"),
    "headline": lambda name: name.startswith("headline"),
    "levels and languages": lambda name: name.endswith("_fit") and name != "area_fit",
    "area": lambda name: name == "area_fit",
}
_HARD: Final = 60
# Days from a registration to a request; below 0 the registration came after it.
_DAYS: Final = (-math.inf, -180, -90, -30, 0, 30, 180, 720, math.inf)
_BLOCK: Final = 64
_NOBODY: Final[frozenset[int]] = frozenset()


def trained(data: Data, trial: Trial) -> MatchModel:
    """Return our model, learned from what the trial may see."""
    people = [data.candidates[code] for code in sorted(trial.people)]
    offers = [data.vacancies[code] for code in sorted(trial.offers)]
    return MatchModel().fit(people, offers, data.pairs)


def ours(
    data: Data, trial: Trial, model: MatchModel, *, ablations: bool, seed: int
) -> Iterator[dict[str, Scores]]:
    """Yield the scores of our model and, if asked, of its variants, for every query."""
    variants = _variants(data, trial, model, seed) if ablations else {}
    fresh = Freshness(data, trial, model)
    people = [model.encode(data.candidates[code]) for code in trial.pool]
    for begin in range(0, len(trial.queries), _BLOCK):
        codes = trial.queries[begin : begin + _BLOCK]
        block = pair_features(people, [model.encoder_.vacancy(data.vacancies[c]) for c in codes])
        for code, features in zip(codes, block, strict=True):
            scores = log_odds(model, features)
            everyone = {OURS: scores, FRESHNESS: fresh.scores(scores, code)}
            standard = standardised(model, features)
            yield everyone | {name: variant(standard) for name, variant in variants.items()}


def standardised(model: MatchModel, features: NDArray[np.float32]) -> Scores:
    """Return features with the model's means and deviations taken out; unknown ones are 0."""
    scorer = model.scorer_
    return np.nan_to_num((features.astype(np.float64) - scorer.mean) / scorer.scale)


def log_odds(model: MatchModel, features: NDArray[np.float32]) -> Scores:
    """Return the model's log-odds of pairs from their features."""
    total = standardised(model, features) @ model.scorer_.coef + model.scorer_.intercept
    return np.asarray(total, dtype=np.float64)


def _variants(
    data: Data, trial: Trial, model: MatchModel, seed: int
) -> dict[str, Callable[[Scores], Scores]]:
    """Return name -> scores from standardised features; each learned from the same examples."""
    shown = _examples(data, trial, model)
    standard = standardised(model, shown.features).astype(np.float32)
    variants: dict[str, Callable[[Scores], Scores]] = {}
    for family, belongs in _FAMILIES.items():
        kept = np.array([not belongs(name) for name in FEATURES])
        learner = ConditionalLogit(penalty=model.penalty)
        learner.fit(standard[:, kept], shown.relevant, shown.starts)
        variants[f"ours without {family}"] = _linear(kept, learner.coef_)
    variants["equal weights"] = lambda scores: scores.sum(axis=1)
    variants["RRF of our features"] = lambda scores: reciprocal_rank_fusion(list(scores.T))
    variants["LambdaMART, hard negatives"] = _boosted(model, shown, standard, seed)
    return variants


def _linear(kept: NDArray[np.bool_], coef: Scores) -> Callable[[Scores], Scores]:
    return lambda scores: np.asarray(scores[:, kept] @ coef, dtype=np.float64)


def _examples(data: Data, trial: Trial, model: MatchModel) -> Examples:
    """Return the pairs that our model learned from, as it saw them."""
    people = sorted(trial.people)
    at = {code: position for position, code in enumerate(people)}
    mine = {
        code: [at[person] for person in sorted(data.put_forward[code] & trial.people)]
        for code in sorted(trial.offers)
        if data.put_forward.get(code, _NOBODY) & trial.people
    }
    return examples(
        [model.encode(data.candidates[code]) for code in people],
        [model.encoder_.vacancy(data.vacancies[code]) for code in mine],
        dict(enumerate(mine.values())),
        negatives=model.negatives,
        seed=model.seed,
    )


def _boosted(
    model: MatchModel, shown: Examples, standard: NDArray[np.float32], seed: int
) -> Callable[[Scores], Scores]:
    """Return LambdaMART on the same features; the others shown are those ranked high and some more.

    Source: Burges, "From RankNet to LambdaRank to LambdaMART: an overview" (2010).
    """
    linear = standard @ model.scorer_.coef.astype(np.float32)
    generator = np.random.default_rng(seed)
    kept, sizes = [], []
    for rows in np.split(np.arange(shown.relevant.size), shown.starts[1:]):
        others = rows[~shown.relevant[rows]]
        hard = others[np.argsort(-linear[others], kind="stable")[:_HARD]]
        some = generator.choice(others, min(_HARD, others.size), replace=False)
        chosen = np.union1d(np.union1d(hard, some), rows[shown.relevant[rows]])
        kept.append(chosen)
        sizes.append(chosen.size)
    rows = np.concatenate(kept)
    booster: Any = lightgbm.train(
        {
            "objective": "lambdarank",
            "learning_rate": 0.05,
            "num_leaves": 7,
            "min_data_in_leaf": 50,
            "lambda_l2": 10.0,
            "feature_fraction": 0.5,
            "seed": seed,
            "deterministic": True,
            "num_threads": 1,
            "verbosity": -1,
        },
        lightgbm.Dataset(standard[rows], shown.relevant[rows].astype(np.int8), group=sizes),
        num_boost_round=150,
    )
    return lambda scores: np.asarray(booster.predict(scores), dtype=np.float64)


class Freshness:
    """Our score plus when people registered, before or after the request; not in the served model.

    Known on the day of the application, when whoever applies is registered; on the day of the
    request, only of those who were registered by then. Half of the people have no date.
    """

    def __init__(self, data: Data, trial: Trial, model: MatchModel) -> None:
        self._data = data
        self._codes: Sequence[int] = sorted(trial.people)
        people = [model.encode(data.candidates[code]) for code in self._codes]
        asked = [c for c in sorted(trial.offers) if data.put_forward.get(c, _NOBODY) & trial.people]
        features, chosen = [], []
        for begin in range(0, len(asked), _BLOCK):
            codes = asked[begin : begin + _BLOCK]
            offers = [model.encoder_.vacancy(data.vacancies[code]) for code in codes]
            for code, block in zip(codes, pair_features(people, offers), strict=True):
                features.append(self._features(log_odds(model, block), code))
                chosen.append(np.isin(self._codes, list(data.put_forward[code] & trial.people)))
        starts = np.arange(len(chosen)) * len(people)
        self._learner = ConditionalLogit(nonnegative=False)
        self._learner.fit(np.concatenate(features), np.concatenate(chosen), starts)
        self._codes = trial.pool

    def scores(self, scores: Scores, vacancy: int) -> Scores:
        """Return the scores of the pool with freshness added."""
        return np.asarray(self._features(scores, vacancy) @ self._learner.coef_, np.float64)

    def _features(self, scores: Scores, vacancy: int) -> NDArray[np.float32]:
        asked = self._data.requested.get(vacancy)
        days = np.full(len(self._codes), np.nan)
        for at, code in enumerate(self._codes):
            registered = self._data.registered.get(code)
            if asked and registered:
                days[at] = (asked - registered).days
        spans = [(days >= low) & (days < high) for low, high in pairwise(_DAYS)]
        return np.stack([scores, *spans], axis=1).astype(np.float32)
