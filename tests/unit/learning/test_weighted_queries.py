"""Queries whose terms weigh differently, documents counted elsewhere, character n-grams."""

import numpy as np
import pytest

from praca.learning.retrieval import BM25, Postings, TfIdf, Vocabulary
from praca.learning.retrieval.grams import character_grams

DOCUMENTS = [["poda", "rua", "rua"], ["boleto", "rua"], ["boleto", "imposto", "boleto"], []]


def test_bm25_of_weights_of_one_is_that_of_the_terms() -> None:
    index = BM25().fit({"text": DOCUMENTS})
    assert np.array_equal(index.weighted({"rua": 1.0, "poda": 1.0}), index.scores(["rua", "poda"]))


def test_a_weight_scales_what_its_term_adds_and_unknown_terms_add_nothing() -> None:
    index = BM25().fit({"text": DOCUMENTS})
    alone = index.weighted({"rua": 1.0})
    assert np.allclose(index.weighted({"rua": 0.25, "lua": 9.0}), 0.25 * alone)
    assert not index.weighted({}).any()


def test_a_hashed_term_is_not_taken_for_an_indexed_one() -> None:
    vocabulary = Vocabulary(hash_space=4).fit(DOCUMENTS)
    index = TfIdf().fit(DOCUMENTS, vocabulary)
    assert not index.weighted({"lua": 1.0}).any()


def test_a_cosine_of_weights_is_at_most_one_whatever_their_scale() -> None:
    index = TfIdf().fit(DOCUMENTS)
    query = {"boleto": 2.0, "imposto": 1.0}
    scores = index.weighted(query)
    assert scores.max() <= 1 + 1e-6
    assert np.argmax(scores) == 2
    assert np.allclose(scores, index.weighted({term: 7 * w for term, w in query.items()}))


def test_documents_counted_elsewhere_are_the_same_documents() -> None:
    vocabulary = Vocabulary().fit(DOCUMENTS)
    counted = [np.unique(vocabulary.ids(terms), return_counts=True) for terms in DOCUMENTS]
    index = TfIdf().fit_counts(
        [(numbers.astype(np.int64), counts.astype(float)) for numbers, counts in counted],
        vocabulary,
    )
    whole = TfIdf().fit(DOCUMENTS)
    assert np.allclose(index.scores(["boleto", "rua"]), whole.scores(["boleto", "rua"]))


def test_one_channel_scores_as_the_first_of_two() -> None:
    generator = np.random.default_rng(0)
    documents = []
    for size in generator.integers(0, 6, 40):
        terms = np.sort(generator.choice(9, size, replace=False)).astype(np.int64)
        documents.append((terms, generator.random((size, 1), dtype=np.float32)))
    one = Postings.from_documents(documents, channels=1)
    two = Postings.from_documents(
        [(terms, np.hstack([weights, weights])) for terms, weights in documents], channels=2
    )
    terms = np.array([1, 3, 8, 20], dtype=np.int64)
    weights = generator.random((4, 1), dtype=np.float32)
    zeros = np.zeros_like(weights)
    assert np.array_equal(
        one.scores(terms, weights), two.scores(terms, np.hstack([weights, zeros]))
    )


@pytest.mark.parametrize(
    ("words", "grams"),
    [
        ([], []),
        ([""], []),
        (["a", "b"], [" a ", " b "]),
        (["rua"], [" ru", "rua", "ua ", " rua", "rua ", " rua "]),
    ],
)
def test_runs_of_characters_stay_within_their_word(words: list[str], grams: list[str]) -> None:
    assert character_grams(words) == grams
