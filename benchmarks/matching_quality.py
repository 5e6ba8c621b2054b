"""How well does the matcher rank, on real data, without fooling ourselves?

    uv run python benchmarks/matching_quality.py [--with-freshness] [--folds 3] [--seed 1]

Reads the real recruitment files in place (``../shared/data/decision`` beside the project, or the
folder ``PRACA_REAL_DATA``, which may hold them itself or in ``decision/``); nothing is copied.

What is measured. *Relevant* means: the person was put forward for the vacancy. Vacancies and
candidates are split into folds, each on its own; for every pair of folds the models learn from the
other folds only (vocabulary, rarities, LSA, coefficients, calibration) and rank the held-out people
for the held-out vacancies: nobody and nothing in the test was seen. Every pair is tested once and
the folds are pooled. ``by time`` learns from the earlier 70 % of the applied-for vacancies and
ranks people who were never put forward in that time. Intervals are 95 % bootstrap, resampling
vacancies.

How choices were made. Features, the learner and its settings were chosen on a random half of the
vacancies (``development``), by the same cross-fit; the other half was looked at only to report.
The tables are of the held-back half; ``--half development`` or ``all`` gives the others. What made
a difference there: a listwise instead of a pointwise loss, the title as a field of its own, and
counting skills apart from other words. What made none and was left out or left alone: coefficients
free to be negative, learned term weights, English stemming after Portuguese, the vacancy's remarks,
64 instead of 128 dimensions, 100 to 2,000 sampled negatives, a ridge penalty of 1 or 10.

Baselines use the same tokeniser. ``RRF`` fuses BM25, TF-IDF and LSA of the whole vacancy; ``RRF +
title`` fuses six lists, the same three for the title alone as well: the strongest of the baselines.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.outcomes import Outcome, outcome_of
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.jobs.matching.scoring import pair_features
from praca.learning.evaluation import (
    Interval,
    auc,
    brier_score,
    expected_calibration_error,
    group_bootstrap,
    ndcg_at,
    paired_bootstrap,
    recall_at,
)
from praca.learning.linear import ConditionalLogit, sigmoid
from praca.learning.retrieval import BM25, LSA, TfIdf, Vocabulary, reciprocal_rank_fusion
from praca.learning.text import Tokenizer

OURS = "ours"
STRONGEST = "RRF + title"
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    """The usable part of the real files."""

    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]
    registered: dict[int, date]
    requested: dict[int, date]


@dataclass
class Results:
    """Per query (a vacancy and a fold of people): each scorer's figures, and all scored pairs."""

    queries: list[int] = field(default_factory=list)
    mrr: dict[str, list[float]] = field(default_factory=dict)
    recall: dict[str, list[float]] = field(default_factory=dict)
    separation: dict[str, list[float]] = field(default_factory=dict)
    log_odds: dict[tuple[int, int], float] = field(default_factory=dict)
    pooled_scores: list[Scores] = field(default_factory=list)
    pooled_labels: list[NDArray[np.bool_]] = field(default_factory=list)


def real_data_folder() -> Path | None:
    """Return the folder of the real files, or None."""
    root = Path(__file__).resolve().parents[1]
    given = os.environ.get("PRACA_REAL_DATA")
    bases = [Path(given)] if given else [root.parent / "shared" / "data"]
    folders = [folder for base in bases for folder in (base, base / "decision")]
    return next((f for f in folders if (f / "applicants.json.gz").is_file()), None)


def load(folder: Path) -> Data:
    """Read candidates with a CV, all vacancies, and the applications that join them."""

    def read(name: str) -> dict[str, Any]:
        with gzip.open(folder / f"{name}.json.gz") as file:
            content: dict[str, Any] = json.load(file)
            return content

    people, offers, groups = read("applicants"), read("vagas"), read("prospects")
    candidates = [candidate_from_record(record, int(code)) for code, record in people.items()]
    candidates = [profile for profile in candidates if profile.cv.strip()]
    vacancies = [vacancy_from_record(record, int(code)) for code, record in offers.items()]
    known = {profile.codigo for profile in candidates}
    pairs = [
        Pair(int(one["codigo"]), int(code), one["situacao_candidado"], one["data_candidatura"])
        for code, group in groups.items()
        for one in group["prospects"]
        if int(one["codigo"]) in known and code in offers
    ]
    return Data(
        candidates=candidates,
        vacancies=vacancies,
        pairs=pairs,
        registered=_dates(people, "infos_basicas", "data_criacao"),
        requested=_dates(offers, "informacoes_basicas", "data_requicisao"),
    )


def _dates(records: dict[str, Any], section: str, key: str) -> dict[int, date]:
    found = {}
    for code, record in records.items():
        text = (record.get(section, {}).get(key) or "")[:10]
        try:
            found[int(code)] = datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007
        except ValueError:
            continue
    return found


class Baselines:
    """The scorers to beat, learned from the training documents only."""

    def __init__(
        self, candidates: Sequence[CandidateProfile], vacancies: Sequence[VacancyProfile]
    ) -> None:
        self.terms = Tokenizer(drop=PROTECTED_WORDS)
        corpus = [self._person(profile) for profile in candidates]
        corpus += [self._offer(profile) for profile in vacancies]
        self.vocabulary = Vocabulary(min_documents=2, hash_space=1 << 20).fit(corpus)
        tfidf = TfIdf().fit([], self.vocabulary)
        vectors = [tfidf.vector(terms) for terms in corpus]
        self.lsa = LSA(seed=0).fit(vectors, len(self.vocabulary))

    def scores(
        self, candidates: Sequence[CandidateProfile], vacancies: Sequence[VacancyProfile]
    ) -> Iterator[dict[str, Scores]]:
        """Yield every scorer's scores of all candidates, vacancy by vacancy."""
        people = [self._person(profile) for profile in candidates]
        bm25 = BM25(saturate_query=True).fit({"text": people}, self.vocabulary)
        tfidf = TfIdf().fit(people, self.vocabulary)
        dense = np.stack([self._dense(tfidf, terms) for terms in people])
        for profile in vacancies:
            full, title = self._offer(profile), self.terms(profile.titulo)
            whole, titles = (
                [
                    bm25.scores(terms),
                    tfidf.scores(terms),
                    (dense @ self._dense(tfidf, terms)).astype(np.float64),
                ]
                for terms in (full, title)
            )
            yield {
                "BM25": whole[0],
                "TF-IDF cosine": whole[1],
                "LSA": whole[2],
                "RRF": reciprocal_rank_fusion(whole),
                STRONGEST: reciprocal_rank_fusion(whole + titles),
            }

    def _dense(self, tfidf: TfIdf, terms: Sequence[str]) -> NDArray[np.float32]:
        numbers, weights = tfidf.vector(terms)
        return np.asarray(self.lsa.transform(numbers, weights.T)[0])

    def _person(self, profile: CandidateProfile) -> list[str]:
        return self.terms(
            f"{profile.titulo}\n{profile.objetivo}\n{profile.conhecimentos}\n"
            f"{profile.certificacoes}\n{profile.cv}"
        )

    def _offer(self, profile: VacancyProfile) -> list[str]:
        return self.terms(f"{profile.titulo}\n{profile.atividades}\n{profile.competencias}")


class Freshness:
    """Our score plus how near the registration lies to the request; not in the served model."""

    def __init__(self, data: Data, model: MatchModel, people: set[int], offers: set[int]) -> None:
        self.data = data
        pairs = [p for p in data.pairs if p.codigo_candidato in people and p.codigo_vaga in offers]
        relevant: dict[int, set[int]] = {}
        for pair in pairs:
            relevant.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
        rows = [profile for profile in data.candidates if profile.codigo in people]
        codes = [profile.codigo or 0 for profile in rows]
        features, chosen = [], []
        for profile in data.vacancies:
            if profile.codigo in relevant:
                scores = ranked(model, rows, [profile])[0]
                features.append(self._features(scores, codes, profile.codigo))
                chosen.append(np.array([code in relevant[profile.codigo] for code in codes]))
        starts = np.arange(len(chosen)) * len(codes)
        self.learner = ConditionalLogit().fit(
            np.concatenate(features), np.concatenate(chosen), starts
        )

    def scores(self, scores: Scores, codes: Sequence[int], vacancy: int) -> Scores:
        """Return the scores with freshness added."""
        return self._features(scores, codes, vacancy) @ self.learner.coef_

    def _features(self, scores: Scores, codes: Sequence[int], vacancy: int) -> NDArray[np.float32]:
        # About half of the people have no registration date: they stand at the mean of the others.
        asked = self.data.requested.get(vacancy)
        near = np.full(len(codes), np.nan)
        for at, code in enumerate(codes):
            registered = self.data.registered.get(code)
            if asked and registered:
                near[at] = -np.log1p(abs((asked - registered).days))
        known = ~np.isnan(near)
        near = (
            np.where(known, near - near[known].mean(), 0) if known.any() else np.zeros(len(codes))
        )
        return np.stack([scores, near], axis=1).astype(np.float32)


def ranked(
    model: MatchModel, people: Sequence[CandidateProfile], offers: Sequence[VacancyProfile]
) -> Scores:
    """Return our log-odds of every pair, shape (offers, people)."""
    features = pair_features(
        [model.encode(profile) for profile in people],
        [model.encoder_.vacancy(profile) for profile in offers],
    )
    scorer = model.scorer_
    standard = np.nan_to_num((features.astype(np.float64) - scorer.mean) / scorer.scale)
    return np.asarray(standard @ scorer.coef + scorer.intercept, dtype=np.float64)


def evaluate(
    data: Data,
    results: Results,
    *,
    train: tuple[set[int], set[int]],
    test: tuple[set[int], set[int]],
    freshness: bool,
    seed: int,
) -> None:
    """Learn from the pairs within ``train`` (people, offers), rank those of ``test``, add up."""
    people, offers = train
    known = [profile for profile in data.candidates if profile.codigo in people]
    seen = [profile for profile in data.vacancies if profile.codigo in offers]
    model = MatchModel().fit(known, seen, data.pairs)
    baselines = Baselines(known, seen)
    fresh = Freshness(data, model, people, offers) if freshness else None
    relevant: dict[int, set[int]] = {}
    for pair in data.pairs:
        if pair.codigo_candidato in test[0] and pair.codigo_vaga in test[1]:
            relevant.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
    pool = [profile for profile in data.candidates if profile.codigo in test[0]]
    codes = [profile.codigo or 0 for profile in pool]
    queries = [profile for profile in data.vacancies if profile.codigo in relevant]
    ours = ranked(model, pool, queries)
    generator = np.random.default_rng(seed)
    for at, (query, scores) in enumerate(
        zip(queries, baselines.scores(pool, queries), strict=True)
    ):
        code = query.codigo or 0
        labels = np.array([person in relevant[code] for person in codes])
        everyone = {"random": generator.random(len(codes)), **scores, OURS: ours[at]}
        if fresh:
            everyone["ours + freshness"] = fresh.scores(ours[at], codes, code)
        add(results, code, labels, everyone)
        results.log_odds |= {(code, codes[i]): float(ours[at, i]) for i in np.flatnonzero(labels)}


def add(
    results: Results, code: int, labels: NDArray[np.bool_], everyone: dict[str, Scores]
) -> None:
    """Record one query."""
    results.queries.append(code)
    for name, scores in everyone.items():
        ordered = labels[np.argsort(-scores, kind="stable")]
        results.mrr.setdefault(name, []).append(float(1 / (1 + np.argmax(ordered))))
        results.recall.setdefault(name, []).append(recall_at(ordered, 10))
        results.separation.setdefault(name, []).append(auc(labels, scores))
    results.pooled_scores.append(everyone[OURS])
    results.pooled_labels.append(labels)


def development_half(data: Data) -> set[int]:
    """Return the codes of the vacancies on which choices were made."""
    chosen = np.random.default_rng(0).random(len(data.vacancies)) < 0.5
    return {v.codigo or 0 for v, mine in zip(data.vacancies, chosen, strict=True) if mine}


def cross_fit(data: Data, tested: set[int], *, folds: int, seed: int, freshness: bool) -> Results:
    """Test every pair of the vacancies ``tested`` once, with people and vacancies unseen."""
    generator = np.random.default_rng(seed)
    of_person = dict(
        zip(
            [c.codigo or 0 for c in data.candidates],
            generator.integers(0, folds, len(data.candidates)),
            strict=True,
        )
    )
    of_offer = dict(
        zip(
            [v.codigo or 0 for v in data.vacancies],
            generator.integers(0, folds, len(data.vacancies)),
            strict=True,
        )
    )
    results = Results()
    for i in range(folds):
        for j in range(folds):
            started = time.perf_counter()
            train = (
                {c for c, f in of_person.items() if f != j},
                {c for c, f in of_offer.items() if f != i},
            )
            test = (
                {c for c, f in of_person.items() if f == j},
                {c for c, f in of_offer.items() if f == i} & tested,
            )
            evaluate(data, results, train=train, test=test, freshness=freshness, seed=seed)
            print(f"fold {i},{j}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return results


def by_time(data: Data, *, freshness: bool, seed: int) -> Results:
    """Learn from the earlier vacancies, rank for the later ones people never put forward before."""
    of_pairs = sorted(
        data.requested[p.codigo_vaga] for p in data.pairs if p.codigo_vaga in data.requested
    )
    border = of_pairs[int(len(of_pairs) * 0.7)]
    early = {code for code, day in data.requested.items() if day < border}
    late = {code for code, day in data.requested.items() if day >= border}
    before = {p.codigo_candidato for p in data.pairs if p.codigo_vaga in early}
    after = {c.codigo or 0 for c in data.candidates} - before
    results = Results()
    evaluate(
        data, results, train=(before, early), test=(after, late), freshness=freshness, seed=seed
    )
    print(f"\nby time: learned before {border}, {len(after)} people to rank")
    return results


def report(title: str, data: Data, results: Results, *, seed: int) -> None:
    """Print the tables of one evaluation."""
    groups = np.array(results.queries)
    people = np.mean([labels.size for labels in results.pooled_labels])
    print(
        f"\n{title}: {len(set(results.queries))} vacancies, {groups.size} rankings of"
        f" {people:.0f} people on average, {len(results.log_odds)} relevant pairs"
    )
    print(f"{'':20}{'MRR':>24}{'recall@10':>24}{'AUC in vacancy':>24}")
    for name in results.mrr:
        cells = [
            str(group_bootstrap(figures[name], groups, seed=seed))
            for figures in (results.mrr, results.recall, results.separation)
        ]
        print(f"{name:20}" + "".join(f"{cell:>24}" for cell in cells))
    best = max(
        (n for n in results.mrr if not n.startswith(OURS)),
        key=lambda name: np.mean(results.mrr[name]),
    )
    for name in dict.fromkeys(["RRF", best]):
        gains = [
            str(paired_bootstrap(figures[OURS], figures[name], groups, seed=seed))
            for figures in (results.mrr, results.recall, results.separation)
        ]
        print(f"{'ours - ' + name:20}" + "".join(f"{gain:>24}" for gain in gains))
    report_probability(results)
    report_outcomes(data, results, seed=seed)


def report_probability(results: Results) -> None:
    """Print discrimination and calibration of the probability over all tested pairs."""
    scores = np.concatenate(results.pooled_scores)
    labels = np.concatenate(results.pooled_labels)
    prior = MatchModel().prior
    share = labels.mean()
    weights = np.where(labels, prior / share, (1 - prior) / (1 - share))
    probabilities = sigmoid(scores)
    print(
        f"put forward against random, pooled over vacancies: AUC {auc(labels, scores):.3f};"
        f" at prior {prior}: Brier {brier_score(labels, probabilities, weights):.4f}"
        f" (knowing only the prior {prior * (1 - prior):.4f}),"
        f" ECE {expected_calibration_error(labels, probabilities, weights):.4f}"
    )


def report_outcomes(data: Data, results: Results, *, seed: int) -> None:
    """Print what the score says of hired against rejected among those put forward."""
    by_offer: dict[int, list[tuple[float, Outcome]]] = {}
    for pair in data.pairs:
        score = results.log_odds.get((pair.codigo_vaga, pair.codigo_candidato))
        if score is not None:
            rows = by_offer.setdefault(pair.codigo_vaga, [])
            rows.append((score, outcome_of(pair.situacao)))
    decided = {
        code: [
            (score, outcome is Outcome.HIRED)
            for score, outcome in rows
            if outcome is not Outcome.UNDECIDED
        ]
        for code, rows in by_offer.items()
    }
    interval = auc_interval([rows for rows in decided.values() if rows], seed=seed)
    count = sum(len(rows) for rows in decided.values())
    print(f"hired against rejected: AUC {interval} on {count} decided applications (0.5 is chance)")
    lifts = [
        lift
        for rows in by_offer.values()
        if (lift := ndcg_lift([(score, outcome is Outcome.HIRED) for score, outcome in rows]))
        is not None
    ]
    if lifts:
        print(
            f"nDCG@5 minus that of a random order, on {len(lifts)} vacancies with both hired and"
            f" not hired: {group_bootstrap(lifts, seed=seed)}"
        )


def auc_interval(groups: list[list[tuple[float, bool]]], *, seed: int) -> Interval:
    """Return the AUC over all rows with a bootstrap over groups."""

    def figure(chosen: Sequence[int]) -> float:
        rows = [row for at in chosen for row in groups[at]]
        return auc([hired for _, hired in rows], [score for score, _ in rows])

    generator = np.random.default_rng(seed)
    draws = [figure(generator.integers(0, len(groups), len(groups)).tolist()) for _ in range(500)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(figure(range(len(groups))), float(low), float(high))


def ndcg_lift(rows: list[tuple[float, bool]]) -> float | None:
    """Return nDCG@5 minus its expectation under a random order; None unless mixed."""
    gains = np.array([float(hired) for _, hired in rows])
    if not 0 < gains.sum() < gains.size:
        return None
    ordered = gains[np.argsort([-score for score, _ in rows], kind="stable")]
    discounts = 1 / np.log2(np.arange(2, min(5, gains.size) + 2))
    ideal = discounts[: int(gains.sum())].sum()
    return float(ndcg_at(ordered, 5) - gains.mean() * discounts.sum() / ideal)


def main() -> None:
    """Run the evaluation and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--with-freshness", action="store_true", help="add a row with freshness")
    parser.add_argument("--folds", type=int, default=3, help="folds of vacancies and of people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=["held-back", "development", "all"], default="held-back")
    arguments = parser.parse_args()
    folder = real_data_folder()
    if folder is None:
        sys.exit(
            "The real data is not here: set PRACA_REAL_DATA to the folder that holds"
            " applicants.json.gz, prospects.json.gz and vagas.json.gz."
        )
    data = load(folder)
    print(
        f"{len(data.candidates)} people with a CV, {len(data.vacancies)} vacancies,"
        f" {len(data.pairs)} applications with both"
    )
    everything = {profile.codigo or 0 for profile in data.vacancies}
    development = development_half(data)
    tested = {"held-back": everything - development, "development": development, "all": everything}[
        arguments.half
    ]
    results = cross_fit(
        data, tested, folds=arguments.folds, seed=arguments.seed, freshness=arguments.with_freshness
    )
    report(f"cross-fit, {arguments.half} vacancies", data, results, seed=arguments.seed)
    if arguments.half != "development":
        later = by_time(data, freshness=arguments.with_freshness, seed=arguments.seed)
        report("by time", data, later, seed=arguments.seed)


if __name__ == "__main__":
    main()
