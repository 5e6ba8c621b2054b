"""How questions are read: frames, pieces, pairs, synonyms, spelling, confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.helpdesk.answering.confidence import Evidence, probability
from praca.helpdesk.answering.expansion import SYNONYMS, expanded
from praca.helpdesk.answering.places import places_in
from praca.helpdesk.answering.query import Query
from praca.helpdesk.answering.spelling import Speller, distance
from praca.helpdesk.answering.words import (
    FRAME_WEIGHTS,
    frame_weights,
    pairs_of,
    pieces_of,
    terms_of,
    weighted_pieces,
)

WORD = st.text(alphabet="abcd", min_size=0, max_size=8)


@given(WORD, WORD)
def test_a_distance_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("gato", "gatto", 1), ("gato", "gao", 1), ("gato", "gaot", 1), ("casa", "caca", 1),
     ("castraca", "castrassa", 2), ("", "abc", 3)],
)  # fmt: skip
def test_distances(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits


def test_a_misspelt_word_becomes_the_nearest_then_the_commonest_known_one() -> None:
    speller = Speller({"cachorr": 2, "cartei": 9, "carret": 3, "iluminaca": 1})
    assert speller.nearest("cachor") == "cachorr"
    assert speller.nearest("carte") == "cartei"
    assert speller.nearest("ilumnasa") == "iluminaca"


@pytest.mark.parametrize("word", ["sol", "xachorr", "c++", "zzzzzz", "", "a" * 60])
def test_what_is_near_nothing_stays_as_it_is(word: str) -> None:
    assert Speller({"cachorr": 2, "solo": 1}).nearest(word) is None


def test_known_words_frames_and_synonyms_are_not_corrected() -> None:
    speller = Speller({"cartao": 5, "document": 1})
    query = Query.of("cartoo documento cachorro", {"carto": 0.5}, speller)
    assert set(query.terms) == {"carto", "document", "cachorr"}
    assert query.terms["carto"] == 0.5


def test_frames_weigh_by_the_share_of_services_that_are_asked_so() -> None:
    asked = {str(n): ["Qual o prazo?"] for n in range(20)} | {"x": ["Qual o prazo da poda?"]}
    assert frame_weights(asked) == {"praz": 0.1}


def test_shipped_frames_are_terms_and_weigh_less_than_others() -> None:
    assert all(0 < weight < 1 for weight in FRAME_WEIGHTS.values())
    assert {"document", "praz", "solicit"} <= set(FRAME_WEIGHTS)


def test_synonyms_go_both_ways_and_never_to_the_word_itself() -> None:
    for term, others in SYNONYMS.items():
        assert term not in others
        assert all(term in SYNONYMS[other] for other in others)


def test_an_expansion_never_outweighs_what_was_asked() -> None:
    weights = expanded(dict.fromkeys(terms_of("semáforo quebrado"), 1.0))
    assert weights["semafor"] == 1.0
    assert 0 < weights["sinal"] < 1


def test_pairs_hold_numbers_and_do_not_mind_order_or_accents() -> None:
    assert set(pairs_of("até 90 dias")) == {"90 dia", "90"} or "90" in pairs_of("até 90 dias")
    assert set(pairs_of("nota de lançamento")) == set(pairs_of("LANCAMENTO, nota"))
    assert "1500" in pairs_of("R$ 1.500")


def test_pieces_fold_accents_and_end_at_words() -> None:
    assert pieces_of("Cão") == pieces_of("cao") == [" ca", "cao", "ao ", " cao", "cao ", " cao "]


def test_stop_words_have_no_pieces_and_frames_light_ones() -> None:
    weights = weighted_pieces("como o documento da poda", {"document": 0.2})
    assert weights[" doc"] == 0.2
    assert weights[" pod"] == 1.0
    assert " com" not in weights


def test_a_place_is_named_whole() -> None:
    assert places_in(["IPTU em NITEROI"]) == {"niteroi"}
    assert places_in(["salvadores", "o natal do santos"]) == frozenset()


def test_more_evidence_is_more_confidence() -> None:
    weak = Evidence(agreement=0.5, margin=0.0, coverage=0.2, unknown=0.5, elsewhere=0, specific=0.5)
    strong = Evidence(
        agreement=1.0, margin=0.6, coverage=1.0, unknown=0.0, elsewhere=0, specific=1.0
    )
    assert 0 < probability(weak) < 0.1
    assert 0.9 < probability(strong) < 1
