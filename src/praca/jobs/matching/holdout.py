"""Vacancies that no version ever learns from, on which versions are compared.

A vacancy is held out by its code, so it stays held out in every training: the champion has not
learned from it either, however the tables have grown since. The people may have applied elsewhere
too; the model keeps nothing of a person, only coefficients of comparisons.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.training import Examples, examples, prior_weights, reciprocal_ranks
from praca.learning.evaluation import auc, group_bootstrap
from praca.learning.gate import Evaluation
from praca.learning.linear import sigmoid

__all__ = ["Holdout", "evaluate", "figures", "is_held_out", "without_held_out"]

METRIC: Final = "mrr"
_ONE_IN: Final = 5
_MOST_VACANCIES: Final = 400
_MOST_PEOPLE: Final = 1_500
_TIMED: Final = 100
# Not those of the model: versions trained with others are compared on the same rows.
_NEGATIVES: Final = 200
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Holdout:
    """What versions are compared on.

    Attributes:
        candidates: the people ranked, a bounded sample with everybody who is relevant.
        vacancies: those held out, a bounded sample.
        relevant: position of a vacancy -> positions of the people put forward for it.
    """

    candidates: Sequence[CandidateProfile]
    vacancies: Sequence[VacancyProfile]
    relevant: Mapping[int, Sequence[int]]

    @classmethod
    def of(
        cls,
        candidates: Sequence[CandidateProfile],
        vacancies: Sequence[VacancyProfile],
        pairs: Sequence[Pair],
    ) -> "Holdout":
        """Choose from all there is; equal data give an equal choice."""
        generator = np.random.default_rng(_SEED)
        known = {profile.codigo for profile in candidates}
        wanted: dict[int, set[int]] = {}
        for pair in pairs:
            if is_held_out(pair.codigo_vaga) and pair.codigo_candidato in known:
                wanted.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
        offers = [profile for profile in vacancies if profile.codigo in wanted]
        offers = [offers[at] for at in _sample(generator, len(offers), _MOST_VACANCIES)]
        needed = {code for profile in offers for code in wanted[profile.codigo or 0]}
        extra = set(_sample(generator, len(candidates), _MOST_PEOPLE))
        people = [p for at, p in enumerate(candidates) if at in extra or p.codigo in needed]
        at = {profile.codigo: position for position, profile in enumerate(people)}
        relevant = {
            position: sorted(at[code] for code in wanted[profile.codigo or 0])
            for position, profile in enumerate(offers)
        }
        return cls(people, offers, relevant)


def is_held_out(codigo_vaga: int) -> bool:
    """Tell whether no version learns from the applications to this vacancy: one in five."""
    digest = hashlib.blake2b(f"praca.holdout.{codigo_vaga}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _ONE_IN == 0


def without_held_out(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the applications from which a version may learn."""
    return [pair for pair in pairs if not is_held_out(pair.codigo_vaga)]


def evaluate(model: MatchModel, holdout: Holdout) -> Evaluation:
    """Return how a version ranks and how far its probabilities can be trusted.

    The metric is the mean reciprocal rank of the best relevant person, over vacancies. Equal
    hold-outs give figures of equal order, so two versions can be compared vacancy by vacancy.
    """
    if not holdout.relevant:
        nothing = np.zeros(0)
        return Evaluation(METRIC, 0, _undefined, nothing > 0, nothing, nothing, 0.0)
    rows, scores = _scored(model, holdout)
    ranks = reciprocal_ranks(rows, scores)
    return Evaluation(
        metric=METRIC,
        count=ranks.size,
        figure=lambda units: float(ranks[units].mean()),
        labels=rows.relevant,
        probabilities=sigmoid(scores),
        weights=prior_weights(rows.relevant, model.prior),
        latency_ms=_latency_ms(model, holdout),
    )


def figures(model: MatchModel, holdout: Holdout) -> dict[str, float]:
    """Return the version's figures on the hold-out beside those of BM25 and of chance."""
    if not holdout.relevant:
        return {}
    rows, scores = _scored(model, holdout)
    ours = reciprocal_ranks(rows, scores)
    lexical = rows.features[:, FEATURES.index("bm25_title")].astype(np.float64)
    chance = np.random.default_rng(_SEED).random(scores.size)
    interval = group_bootstrap(ours, seed=_SEED)
    return {
        "holdout_vacancies": float(ours.size),
        "holdout_mrr": interval.estimate,
        "holdout_mrr_low": interval.low,
        "holdout_mrr_high": interval.high,
        "holdout_mrr_bm25": float(reciprocal_ranks(rows, lexical).mean()),
        "holdout_mrr_chance": float(reciprocal_ranks(rows, chance).mean()),
        "holdout_auc": auc(rows.relevant, scores),
    }


def _scored(model: MatchModel, holdout: Holdout) -> tuple[Examples, NDArray[np.float64]]:
    rows = examples(
        [model.encoder_.candidate(profile) for profile in holdout.candidates],
        [model.encoder_.vacancy(profile) for profile in holdout.vacancies],
        holdout.relevant,
        negatives=_NEGATIVES,
        seed=_SEED,
    )
    return rows, model.scorer_.log_odds_of(rows.features)


def _latency_ms(model: MatchModel, holdout: Holdout) -> float:
    """Return the p99 of a prediction for somebody never seen, in milliseconds."""
    taken = []
    for at, candidate in enumerate(holdout.candidates[:_TIMED]):
        vacancy = holdout.vacancies[at % len(holdout.vacancies)]
        started = time.perf_counter()
        person = model.encoder_.candidate(candidate)
        model.scorer_.log_odds(person, model.fold(vacancy))
        taken.append(time.perf_counter() - started)
    return float(np.quantile(taken, 0.99)) * 1000


def _undefined(_units: NDArray[np.int64]) -> float:
    raise ValueError("nothing was held out")


def _sample(generator: np.random.Generator, count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return sorted(generator.choice(count, most, replace=False).tolist())
