"""The help desk's ranking on real services and questions: floors a little under what it reaches."""

import numpy as np
import pytest
from benchmarks.answering.data import (
    is_held_back,
    read_out_of_scope,
    read_questions,
    read_services,
    real_services_folder,
)
from benchmarks.answering.measures import answered, ranks_of
from benchmarks.answering.rankers import BASELINE, baselines, ours

from praca.helpdesk.answering.index import ArticleIndex
from praca.platform.settings.helpdesk import HelpdeskSettings

FOLDER = real_services_folder()

pytestmark = pytest.mark.skipif(
    not (FOLDER / "questions.jsonl").is_file(),
    reason=f"the real services are not in {FOLDER} (set PRACA_REAL_DATA)",
)


def test_services_unseen_in_tuning_are_found_more_often_than_by_bm25() -> None:
    articles = read_services(FOLDER / "services.jsonl")
    keys = [article.key for article in articles]
    questions = [one for one in read_questions(FOLDER / "questions.jsonl") if is_held_back(one.key)]
    ranks = ranks_of(ours(articles), questions, keys)
    plain = ranks_of(baselines(articles)[BASELINE], questions, keys)

    assert len(questions) == 195
    assert np.mean(ranks <= 1) >= 0.70
    assert np.mean(ranks <= 5) >= 0.84
    assert np.mean(np.where(ranks <= 10, 1 / ranks, 0)) >= 0.77
    assert np.mean(ranks <= 1) - np.mean(plain <= 1) >= 0.04


def test_it_abstains_from_most_of_what_no_service_answers() -> None:
    index = ArticleIndex.build(read_services(FOLDER / "services.jsonl"))
    inside = [one for one in read_questions(FOLDER / "questions.jsonl") if is_held_back(one.key)]
    outside = [one for one in read_out_of_scope() if is_held_back(one.key)]
    said = answered(index, inside, outside)
    given = said.confidence >= HelpdeskSettings().helpdesk_min_confidence

    assert np.mean(given[said.is_in_scope]) >= 0.65
    assert np.mean(said.is_right[given & said.is_in_scope]) >= 0.83
    assert np.mean(given[~said.is_in_scope]) <= 0.10
