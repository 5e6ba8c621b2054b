"""The shipped articles are found by how citizens ask, slang and misspellings included.

The questions are our own, written before their ranks were seen, but after the articles: they guard
against getting worse, and say little of how good it is for other articles.
"""

from pathlib import Path

import numpy as np
import orjson
from benchmarks.answering.data import OUT_OF_SCOPE

from praca.helpdesk.answering.index import ArticleIndex
from praca.helpdesk.knowledge import sample_articles
from praca.platform.settings.helpdesk import HelpdeskSettings

QUESTIONS = [
    orjson.loads(line)
    for line in Path(__file__).with_name("sample_city_questions.jsonl").read_bytes().splitlines()
]


def test_questions_name_shipped_articles() -> None:
    assert {one["key"] for one in QUESTIONS} <= {article.key for article in sample_articles()}


def test_citizens_words_find_the_shipped_articles() -> None:
    index = ArticleIndex.build(sample_articles())
    found = [[hit.article.key for hit in index.search(one["question"], 5)] for one in QUESTIONS]
    first = [
        bool(keys) and keys[0] == one["key"] for keys, one in zip(found, QUESTIONS, strict=True)
    ]
    among = [one["key"] in keys for keys, one in zip(found, QUESTIONS, strict=True)]
    assert np.mean(first) >= 0.80
    assert np.mean(among) >= 0.95


def test_the_threshold_suits_the_shipped_articles() -> None:
    least = HelpdeskSettings().helpdesk_min_confidence
    index = ArticleIndex.build(sample_articles())
    hits = [index.search(one["question"], 1) for one in QUESTIONS]
    given = [hit and hit[0].confidence >= least for hit in hits]
    outside = [
        index.search(one["question"], 1)
        for one in map(orjson.loads, OUT_OF_SCOPE.read_bytes().splitlines())
        if not one.get("sample_city_answers")
    ]
    false = [bool(hit) and hit[0].confidence >= least for hit in outside]
    assert np.mean([bool(one) for one in given]) >= 0.70
    assert np.mean(false) <= 0.18
