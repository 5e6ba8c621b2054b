"""The matcher against TF-IDF on real data: one leak-free split, people and vacancies unseen."""

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.learning.evaluation import paired_bootstrap, recall_at, reciprocal_rank
from praca.learning.retrieval import TfIdf, Vocabulary
from praca.learning.text import Tokenizer

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDER = Path(os.environ.get("PRACA_REAL_DATA", SHARED)) / "decision"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "applicants.json.gz").is_file(),
    reason=f"the real recruitment data is not in {FOLDER} (set PRACA_REAL_DATA)",
)


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(gzip.decompress((FOLDER / name).read_bytes()))
    return content


def person_text(profile: CandidateProfile) -> str:
    return f"{profile.titulo} {profile.objetivo} {profile.conhecimentos} {profile.cv}"


def offer_text(profile: VacancyProfile) -> str:
    return f"{profile.titulo} {profile.atividades} {profile.competencias}"


def test_the_model_ranks_unseen_people_better_than_tfidf() -> None:
    offers, groups = read("vagas.json.gz"), read("prospects.json.gz")
    people = [
        candidate_from_record(record, int(code))
        for code, record in read("applicants.json.gz").items()
    ]
    people = [profile for profile in people if profile.cv.strip()]
    codes = {profile.codigo or 0 for profile in people}
    pairs = [
        Pair(int(one["codigo"]), int(code), one["situacao_candidado"], one["data_candidatura"])
        for code, group in groups.items()
        for one in group["prospects"]
        if int(one["codigo"]) in codes and code in offers
    ]
    generator = np.random.default_rng(11)
    unseen_people = {c for c in sorted(codes) if generator.random() < 1 / 3}
    applied = sorted({pair.codigo_vaga for pair in pairs})
    unseen_offers = {code for code in applied if generator.random() < 1 / 3}
    seen = [vacancy_from_record(offers[str(c)], c) for c in applied if c not in unseen_offers]
    known = [profile for profile in people if profile.codigo not in unseen_people]
    pool = [profile for profile in people if profile.codigo in unseen_people]

    model = MatchModel(dimensions=64).fit(known, seen, pairs)
    index = CandidateIndex(model)
    index.upsert(pool)
    terms = Tokenizer()
    vocabulary = Vocabulary(hash_space=1 << 20).fit(
        [terms(person_text(p)) for p in known] + [terms(offer_text(v)) for v in seen]
    )
    tfidf = TfIdf().fit([terms(person_text(profile)) for profile in pool], vocabulary)

    relevant: dict[int, set[int]] = {}
    for pair in pairs:
        if pair.codigo_vaga in unseen_offers and pair.codigo_candidato in unseen_people:
            relevant.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
    ours, baseline = [], []
    for code, wanted in relevant.items():
        vacancy = vacancy_from_record(offers[str(code)], code)
        ours.append([row.codigo in wanted for row in index.rank(vacancy, len(pool))])
        order = np.argsort(-tfidf.scores(terms(offer_text(vacancy))), kind="stable")
        baseline.append([pool[at].codigo in wanted for at in order])

    assert len(relevant) > 100
    # Floors well below what was measured; docs/explain/matching-quality.md has the figures.
    assert np.mean([reciprocal_rank(ranking) for ranking in ours]) > 0.28
    assert np.mean([recall_at(ranking, 10) for ranking in ours]) > 0.5
    for measure in (reciprocal_rank, lambda ranking: recall_at(ranking, 10)):
        gain = paired_bootstrap(
            [measure(ranking) for ranking in ours],
            [measure(ranking) for ranking in baseline],
            seed=1,
        )
        assert gain.low > 0, f"ours - TF-IDF: {gain}"
