import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from praca.learning.retrieval import (
    BM25,
    LSA,
    Postings,
    TfIdf,
    Vocabulary,
    best,
    reciprocal_rank_fusion,
)
from praca.learning.retrieval.lsa import randomized_svd_components

DOCUMENTS = [
    ["java", "spring", "java", "sql"],
    ["sap", "abap", "fi"],
    ["java", "sap"],
    ["enfermagem", "uti", "plantao", "uti"],
]

documents = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=8)


def test_bm25_by_hand() -> None:
    index = BM25().fit({"text": [["a", "b"], ["a", "a", "c", "c"]]})
    idf = np.log1p((2 - 1 + 0.5) / (1 + 0.5))
    norm = 1 - 0.75 + 0.75 * 2 / 3
    assert index.scores(["b"])[0] == pytest.approx(idf * 2.2 / (1 + 1.2 * norm), rel=1e-6)
    assert index.scores(["b"])[1] == 0
    assert index.search(["zzz"], 5) == []


def test_bm25_prefers_the_rarer_term_and_the_heavier_field() -> None:
    titles = [["java"], ["sap"], ["vaga"]]
    bodies = [["sap"], ["java"], ["java", "sap"]]
    index = BM25(field_weights={"title": 3}).fit({"title": titles, "body": bodies})
    assert [at for at, _ in index.search(["java"], 1)] == [0]
    assert [at for at, _ in index.search(["sap"], 1)] == [1]


def test_bm25_needs_equal_fields() -> None:
    with pytest.raises(ValueError, match="fields"):
        BM25().fit({"a": [["x"]], "b": []})
    with pytest.raises(ValueError, match="fields"):
        BM25().fit({})


@given(documents)
def test_tfidf_is_that_of_scikit_learn(texts: list[list[str]]) -> None:
    index = TfIdf().fit(texts)
    if not len(index.vocabulary_):
        return
    reference = TfidfVectorizer(analyzer=list, sublinear_tf=True)
    expected = reference.fit_transform(texts)
    for query in texts:
        wanted = (expected @ reference.transform([query]).T).toarray()[:, 0]
        np.testing.assert_allclose(index.scores(query), wanted, atol=1e-6)


def test_the_best_are_stable() -> None:
    assert best(np.array([1.0, 3.0, 3.0, 2.0]), 3) == [(1, 3.0), (2, 3.0), (3, 2.0)]
    assert best(np.array([1.0]), 5) == [(0, 1.0)]
    assert best(np.array([]), 5) == []


def test_unknown_terms_are_dropped_or_hashed() -> None:
    plain = Vocabulary(min_documents=2).fit(DOCUMENTS)
    assert plain.terms_ == ["java", "sap"]
    assert plain.ids(["java", "cobol"]) == [0]
    hashed = Vocabulary(min_documents=2, hash_space=1000).fit(DOCUMENTS)
    known, unknown = hashed.ids(["sap", "cobol"])
    assert known == 1
    assert 2 <= unknown < 1002
    assert hashed.ids(["cobol", "\ud800"])[0] == unknown


def test_a_vocabulary_keeps_the_most_frequent_and_survives_json() -> None:
    vocabulary = Vocabulary(max_terms=2, hash_space=7).fit(DOCUMENTS)
    assert vocabulary.terms_ == ["java", "sap"]
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again.to_json() == vocabulary.to_json()
    assert again.count(["java", "java"]) == {0: 2}
    state = vocabulary.to_json() | {"terms": ["sap", "java"]}
    with pytest.raises(ValueError, match="sorted"):
        Vocabulary.from_json(state)


def dense(block: Postings, terms: int) -> np.ndarray:
    matrix = np.zeros((block.size, terms, block.weights.shape[1]))
    for at, term in enumerate(block.terms):
        rows = slice(block.starts[at], block.starts[at + 1])
        matrix[block.documents[rows], term] = block.weights[rows]
    return matrix


@settings(max_examples=50)
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 3))
def test_postings_score_as_the_dense_product(seed: int, count: int, channels: int) -> None:
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        terms = np.flatnonzero(generator.random(9) < 0.4)
        rows.append((terms, generator.random((terms.size, channels)).astype(np.float32)))
    block = Postings.from_documents(rows, channels)
    matrix = dense(block, 9)
    for at, (terms, weights) in enumerate(rows):
        np.testing.assert_array_equal(matrix[at, terms], weights)
    query_terms = np.flatnonzero(generator.random(12) < 0.5)
    query = generator.random((query_terms.size, channels)).astype(np.float32)
    inside = query_terms < 9
    expected = np.einsum("dtc,tc->d", matrix[:, query_terms[inside]], query[inside])
    np.testing.assert_allclose(block.scores(query_terms, query), expected, rtol=1e-5, atol=1e-6)
    keep = generator.random(count) < 0.6
    merged = Postings.merge([block, block], [keep, np.ones(count, np.bool_)])
    np.testing.assert_array_equal(dense(merged, 9), np.concatenate([matrix[keep], matrix]))


def test_inconsistent_postings_are_refused() -> None:
    good = {
        "terms": np.array([1, 2]),
        "starts": np.array([0, 1, 2]),
        "documents": np.array([0, 1], np.int32),
        "weights": np.ones((2, 1), np.float32),
        "size": 2,
    }
    Postings(**good)  # type: ignore[arg-type]
    for bad in (
        {"terms": np.array([2, 1])},
        {"starts": np.array([0, 1, 3])},
        {"starts": np.array([0, 3, 2])},
        {"documents": np.array([0, 2], np.int32)},
        {"weights": np.ones((3, 1), np.float32)},
    ):
        with pytest.raises(ValueError, match="inconsistent"):
            Postings(**(good | bad))  # type: ignore[arg-type]


def test_components_span_the_leading_singular_directions() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.random((60, 5)) @ generator.random((5, 40))
    found = randomized_svd_components(sparse.csr_array(matrix.astype(np.float32)), 5, seed=0)
    _, _, exact = np.linalg.svd(matrix, full_matrices=False)
    np.testing.assert_allclose(np.abs((exact[:5] @ found).diagonal()), 1, atol=1e-2)
    again = randomized_svd_components(sparse.csr_array(matrix.astype(np.float32)), 5, seed=0)
    np.testing.assert_array_equal(found, again)


def test_lsa_brings_related_terms_together() -> None:
    texts = [["java", "spring"], ["spring", "kotlin"], ["uti", "plantao"], ["plantao", "leito"]]
    tfidf = TfIdf().fit(texts * 3)
    lsa = LSA(dimensions=2).fit(
        [tfidf.vector(terms) for terms in texts * 3], len(tfidf.vocabulary_)
    )

    def vector(*terms: str) -> np.ndarray:
        numbers, weights = tfidf.vector(terms)
        return np.asarray(lsa.transform(numbers, weights.T)[0])

    assert vector("java") @ vector("kotlin") > 0.9
    assert abs(vector("java") @ vector("leito")) < 0.1
    assert not vector("desconhecido").any()
    with pytest.raises(ValueError, match="documents"):
        LSA().fit([], 3)


def test_fusion_by_hand() -> None:
    fused = reciprocal_rank_fusion([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0]])
    np.testing.assert_allclose(fused, [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62])
    with pytest.raises(ValueError, match="nothing"):
        reciprocal_rank_fusion([])
