"""Finding the article that a question is about, whatever is asked and however it is written."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praca.helpdesk.answering.index import ArticleIndex, Hit
from praca.helpdesk.records import Article


def article(number: int, title: str, summary: str = "", **more: str) -> Article:
    keywords = tuple(more.pop("keywords", "").split())
    return Article(
        id=number, key=f"s{number}", version=1, title=title, summary=summary, keywords=keywords,
        body=more.get("body", ""), steps=more.get("steps", ""), deadline=more.get("deadline", ""),
    )  # fmt: skip


ARTICLES = (
    article(1, "Castração gratuita de cães e gatos", "Inscreva seu animal na fila da castração."),
    article(2, "Segunda via do IPTU", "Imprima o boleto do imposto.", deadline="Na hora."),
    article(3, "Reparo de iluminação pública", "Avise que um poste está apagado."),
    article(4, "Coleta de entulho", "Retirada de móveis velhos e restos de obra."),
    article(5, "Matrícula na rede municipal", "Vagas em escolas e creches.", steps="Leve RG."),
    article(6, "Poda de árvore na rua", "Peça a poda.", deadline="Em até 90 dias."),
    article(7, "Alvará de funcionamento", "Licença para abrir um comércio.", deadline="30 dias."),
    article(8, "Recurso de multa de trânsito", "Conteste a multa.", deadline="Em até 60 dias."),
)
INDEX = ArticleIndex.build(ARTICLES)


def keys(hits: Sequence[Hit]) -> list[str]:
    return [hit.article.key for hit in hits]


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("Como faço para castrar minha gata?", "s1"),
        ("CASTRACAO DE CACHORRO", "s1"),
        ("quero casttrar meu cachoro", "s1"),
        ("perdi o boleto do imposto da casa", "s2"),
        ("a lâmpada do poste queimou", "s3"),
        ("onde jogo um sofá velho, vocês levam o lixo?", "s4"),
        ("vaga no colégio", "s5"),
        ("um galho caiu na rua", "s6"),
        ("o que demora 90 dias?", "s6"),
        ("como abro minha loja", "s7"),
        ("como impugno uma autuação no trânsito?", "s8"),
    ],
)
def test_a_question_finds_its_article(question: str, key: str) -> None:
    assert keys(INDEX.search(question))[0] == key


def test_hits_come_best_first_and_no_more_than_asked() -> None:
    hits = INDEX.search("prazo em dias da licença e da multa", top=3)
    scores = [hit.score for hit in hits]
    assert len(hits) == 3
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= hit.confidence <= hits[0].confidence <= 1 for hit in hits)


@pytest.mark.parametrize("question", ["", " ", "\n\t", "?!", "de a o que", "🙂", "zzzqqq wxwx"])
def test_a_question_that_shares_nothing_finds_nothing(question: str) -> None:
    assert INDEX.search(question) == []
    assert INDEX.evidence(question) is None


@pytest.mark.parametrize("top", [0, -1])
def test_none_asked_for_is_none(top: int) -> None:
    assert INDEX.search("castração", top) == []


def test_no_articles_are_no_hits() -> None:
    empty = ArticleIndex.build([])
    assert empty.search("castração") == []
    assert empty.scores("castração").size == 0
    assert empty.evidence("castração") is None
    assert set(empty.weights("castração")) >= {"castraca"}


def test_an_article_without_a_word_is_never_found() -> None:
    index = ArticleIndex.build([article(1, ""), article(2, "Poda de árvore")])
    assert keys(index.search("poda de árvore")) == ["s2"]


def test_one_article_is_found_or_hardly() -> None:
    index = ArticleIndex.build(ARTICLES[:1])
    assert keys(index.search("castrar gato")) == ["s1"]
    assert index.search("boleto") == []
    assert index.search("boleto do imposto, segunda via")[0].confidence < 0.1


def test_the_same_articles_make_the_same_index() -> None:
    other = ArticleIndex.build(list(ARTICLES))
    for question in ("castrar", "boleto do imposto atrasado", "90 dias para a poda"):
        assert other.search(question) == INDEX.search(question)
        assert np.array_equal(other.scores(question), INDEX.scores(question))


def test_equal_scores_stay_in_the_order_of_the_articles() -> None:
    twins = [article(number, "Poda de árvore") for number in (7, 3, 5)]
    hits = ArticleIndex.build(twins).search("poda")
    assert keys(hits) == ["s7", "s3", "s5"]
    assert len({hit.score for hit in hits}) == 1


def test_a_deleted_article_is_found_no_more_and_the_others_still_are() -> None:
    index = ArticleIndex.build(ARTICLES[1:])
    assert "s1" not in keys(index.search("castração gratuita de cães"))
    assert keys(index.search("segunda via do iptu"))[0] == "s2"


def test_a_question_of_100_000_characters_is_read_in_part() -> None:
    start = "castração de gatos "
    assert INDEX.search(start + "boleto " * 20_000)[0].article.key in {"s1", "s2"}
    assert INDEX.search("x" * 2_000 + " castração") == []
    assert INDEX.search("a" * 100_000) == []


@pytest.mark.parametrize(
    "question",
    [
        "e\u0301" * 1_000 + " castracao",
        "castrac\u0327a\u0303o de gatos",
        "ca\u00adstra\u200bção",
        "\u202ecastração\u202c",
        "с\u0430stração",  # two Cyrillic letters
        "\ufdfa" * 50 + "castração",
        "\ud800 castração",
        "castração\x00gato",
        "o\u0300" + "\u0300" * 1_900,
        "²³¼ Ⅷ ９０ dias",
        "1.000,00.1,2..,,3",
        "'; DROP TABLE articles; -- <script> {{7*7}}",
    ],
)
def test_hostile_text_is_searched_like_any_other(question: str) -> None:
    hits = INDEX.search(question)
    assert all(hit.score > 0 and 0 <= hit.confidence <= 1 for hit in hits)
    assert all(weight >= 0 for weight in INDEX.weights(question).values())


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_asked(question: str) -> None:
    hits = INDEX.search(question, top=3)
    assert len(hits) <= 3
    assert hits == INDEX.search(question, top=3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_texts_can_be_articles(titles: list[str]) -> None:
    index = ArticleIndex.build([article(n, title, title) for n, title in enumerate(titles)])
    assert len(index.search("castração de gatos")) <= len(titles)


def test_composed_and_decomposed_accents_are_one() -> None:
    decomposed = "castrac\u0327a\u0303o de ca\u0303es"
    assert np.array_equal(INDEX.scores(decomposed), INDEX.scores("castração de cães"))


def test_threads_may_share_an_index() -> None:
    questions = ["castrar gato", "boleto vencido", "poste apagado", "vaga na creche"] * 25
    alone = [INDEX.search(question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(INDEX.search, questions)) == alone


def test_what_was_asked_weighs_more_than_what_may_be_meant_and_than_the_frame() -> None:
    weights = INDEX.weights("Quais documentos preciso para o alvará?")
    assert weights["alvar"] > weights["document"]
    expanded = INDEX.weights("quero reformar o semáforo")
    assert 0 < expanded["sinal"] < expanded["semafor"]


def test_a_question_about_another_city_is_hardly_answered() -> None:
    ours, theirs = (INDEX.search(f"segunda via do IPTU{where}") for where in ("", " de Curitiba"))
    assert ours[0].article == theirs[0].article
    assert ours[0].confidence > 0.5 > theirs[0].confidence


def test_a_city_that_an_article_names_is_no_other_city() -> None:
    here = article(9, "Ônibus para Curitiba", "Horários.")
    evidence = ArticleIndex.build([*ARTICLES, here]).evidence("ônibus para Curitiba")
    assert evidence is not None
    assert evidence.elsewhere == 0


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_even_a_few_articles_are_sure_of_their_own_titles(size: int) -> None:
    few = ArticleIndex.build(ARTICLES[:size])
    for one in ARTICLES[:size]:
        hit = few.search(one.title)[0]
        assert (hit.article.key, hit.confidence > 0.7) == (one.key, True)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize(
    "question",
    [
        "como tiro o passaporte?",
        "quem descobriu o Brasil?",
        "qual é a capital da França",
        "receita de bolo de cenoura",
        "quero renovar meu título de eleitor",
        "como faço para pedir música na rádio?",
    ],
)
def test_a_few_articles_are_not_sure_of_what_none_of_them_tells(size: int, question: str) -> None:
    hits = ArticleIndex.build(ARTICLES[:size]).search(question)
    assert not hits or hits[0].confidence < 0.35


def test_an_only_article_answers_questions_about_it_in_other_words() -> None:
    only = ArticleIndex.build(ARTICLES[:1])
    assert only.search("Como faço a castração do meu gato?")[0].confidence > 0.5
    assert only.search("A castração é gratuita?")[0].confidence > 0.5


def test_the_brief_of_an_article_is_searched() -> None:
    bare = Article(id=9, key="s9", version=1, title="Serviço 9")
    brief = replace(bare, brief="Carro velho na calçada?")
    assert "s9" not in keys(ArticleIndex.build((*ARTICLES, bare)).search("carro calçada"))
    assert "s9" in keys(ArticleIndex.build((*ARTICLES, brief)).search("carro calçada"))


def test_words_of_talk_do_not_make_a_question_unsure() -> None:
    plain = INDEX.search("castração de gato")[0]
    spoken = INDEX.search("oi moça, castração de gato, e agora?")[0]
    assert spoken.article.key == plain.article.key == "s1"
    assert spoken.confidence > plain.confidence - 0.1
