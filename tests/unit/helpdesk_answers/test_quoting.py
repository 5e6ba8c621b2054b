"""Sentences are quoted word by word, chosen by what was asked."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.helpdesk_answers.made import CARD, PRICE, TREE, Source, WordIndex

from praca.helpdesk.answering.extractive import HUMAN, MACHINE, quote
from praca.helpdesk.answering.grounding import is_founded, unfounded
from praca.helpdesk.answering.passages import FIELDS, Reading
from praca.helpdesk.answering.sentences import spans
from praca.helpdesk.answering.service import Answering, Limits
from praca.helpdesk.answering.wants import Want, asked_for
from praca.helpdesk.records import Answer, Article


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Um. Dois! Três? Fim", ["Um.", "Dois!", "Três?", "Fim"]),
        ("A Av. Brasil, nº 10, custa R$ 3.500,00 por mês. Fim.",
         ["A Av. Brasil, nº 10, custa R$ 3.500,00 por mês.", "Fim."]),
        ("1. Entre no site\n2. Clique em enviar", ["1. Entre no site", "2. Clique em enviar"]),
        ("Documentos: RG; CPF; foto.", ["Documentos: RG;", "CPF;", "foto."]),
        ("Veja www.rio.gov.br. Depois ligue.", ["Veja www.rio.gov.br.", "Depois ligue."]),
        ("Às 8 a.m. em ponto, art. 5 da Lei.", ["Às 8 a.m. em ponto, art. 5 da Lei."]),
        ("  \n \n ", []),
        ("", []),
        ("Ele disse “sim.” Ela foi.", ["Ele disse “sim.”", "Ela foi."]),
    ],
)  # fmt: skip
def test_texts_are_cut_into_sentences(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in spans(text)] == sentences


@given(st.text(alphabet=st.sampled_from("aB1 .;!\n(”é"), max_size=1500))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    found = spans(text)
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    assert all(0 < end - start <= 500 for start, end in found)
    kept = "".join(text[start:end] for start, end in found)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("Quanto custa a segunda via?", {Want.COST}),
        ("é de graça?", {Want.COST}),
        ("Tem que pagar alguma TAXA?", {Want.COST}),
        ("qual o prazo da vistoria", {Want.DEADLINE}),
        ("quanto tempo demora?", {Want.DEADLINE}),
        ("em quantos dias chega", {Want.DEADLINE}),
        ("quem cuida da poda?", {Want.AGENCY}),
        ("qual órgão é responsável", {Want.AGENCY}),
        ("quais documentos preciso levar?", {Want.DOCUMENTS}),
        ("onde fica o posto", {Want.PLACE}),
        ("qual o telefone?", {Want.PLACE}),
        ("quem pode pedir?", {Want.PEOPLE}),
        ("como pedir a segunda via", {Want.STEPS}),
        ("passo a passo do cadastro", {Want.STEPS}),
        ("como e quanto custa", {Want.STEPS, Want.COST}),
        ("buraco na rua", set()),
        ("", set()),
    ],
)
def test_what_is_asked_for(question: str, wants: set[Want]) -> None:
    assert wants <= set(asked_for(question))
    assert bool(wants) is bool(asked_for(question))


def quoted(question: str, article: Article = CARD) -> str:
    passages = Reading([CARD, TREE, article]).select(question, article)
    return " | ".join(passage.text for passage in passages)


def test_the_field_that_is_asked_for_comes_first() -> None:
    assert quoted("quanto custa?").startswith(CARD.cost)
    assert quoted("quanto tempo demora?").startswith(CARD.deadline)
    assert quoted("quem é responsável?").startswith(CARD.agency)
    assert quoted("como pedir?").startswith(CARD.steps)
    assert quoted("qual o telefone?").startswith("Dúvidas: ligue 3460-1746")


def test_where_the_field_is_empty_the_sentence_that_looks_like_it_is_quoted() -> None:
    article = replace(CARD, id=7, cost="", more="O posto abre cedo. A taxa de entrega é R$ 3.")
    assert "A taxa de entrega é R$ 3." in quoted("quanto custa?", article)


def test_what_was_not_asked_for_is_not_said() -> None:
    assert CARD.cost not in quoted("o que acontece com o saldo do cartão perdido?")
    assert "O saldo passa para o cartão novo." in quoted("o que acontece com o saldo?")


async def ask(question: str, *articles: Article, min_confidence: float = 0.35) -> Answer:
    answering = Answering(
        Source(articles or (CARD, TREE)),
        WordIndex,
        Limits(fresh_s=0, min_confidence=min_confidence),
    )
    return await answering.answer(question)


async def test_an_answer_names_the_service_quotes_and_links() -> None:
    answer = await ask(PRICE)
    assert answer.is_answered
    assert answer.engine == "extrativo"
    for part in (CARD.title, CARD.cost, CARD.links[0], MACHINE, HUMAN):
        assert part in answer.text
    assert {one.article_key for one in answer.citations} == {CARD.key}
    assert answer.suggestions == ()  # what fits half as well as the best is no near service
    assert answer.revision == "1"


async def test_below_the_threshold_it_says_that_it_does_not_know() -> None:
    answer = await ask(PRICE, min_confidence=1.0)
    assert not answer.is_answered
    assert answer.citations == ()
    assert [one.article_key for one in answer.suggestions] == [CARD.key]
    for part in ("não sei", CARD.title, MACHINE, "atendente"):
        assert part in answer.text
    assert "12,50" not in answer.text


@pytest.mark.parametrize("question", ["", "   ", "\x00", "?!", "xyz", "\u200b"])
async def test_what_is_no_question_is_not_answered(question: str) -> None:
    answer = await ask(question)
    assert not answer.is_answered
    assert HUMAN in answer.text


async def test_it_says_what_an_article_does_not_tell() -> None:
    silent = Article(3, "feira", 1, "Feira livre", body="A feira livre vende frutas.")
    answer = await ask("quanto custa a feira livre?", silent)
    assert "O artigo não informa quanto custa." in answer.text


async def test_without_articles_nothing_is_known() -> None:
    answering = Answering(Source(()), WordIndex, Limits())
    answer = await answering.answer(PRICE)
    assert not answer.is_answered
    assert answer.suggestions == ()


async def test_many_are_answered_like_one() -> None:
    questions = [PRICE, "como podar árvore?", "", "xyz"] * 3
    answering = Answering(Source(), WordIndex, Limits())
    many = await answering.answer_many(questions)
    assert many == [await answering.answer(one) for one in questions]
    assert await answering.answer_many([]) == []


_SENTENCE = st.sampled_from(
    [
        "Custa R$ 12,50.", "Leva 10 dias úteis.", "Ligue 3460-1746.", "Até 15/03/2024.",
        "Av. Brasil, 500.", "É gratuito;", "Veja www.x.example.", "2 vias", "Vá.", "\n",
        "1. Entre no site", "das 8h", "às 17h.", "dez", "mil reais", "R$", "10", "(dez)",
        "por cento",
    ]
)  # fmt: skip
_FIELD = st.lists(_SENTENCE, max_size=5).map(" ".join)


@given(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, _FIELD)),
    st.sampled_from(["R$ 5 de taxa", "Segunda via", "Posto 24h", "10"]),
    st.sampled_from([(), ("https://x.example/1",)]),
    st.sampled_from([PRICE, "prazo?", "como?", "quem cuida?", "telefone?", "via de brasil"]),
)
async def test_whatever_an_article_says_is_quoted_word_by_word(
    fields: dict[str, str], title: str, links: tuple[str, ...], question: str
) -> None:
    article = replace(Article(5, "a", 1, title, links=links), **fields)  # type: ignore[arg-type]
    answer = await ask(f"{question} {title}", article, min_confidence=0.0)
    assert answer.is_answered
    passages = [one.passage for one in answer.citations]
    for passage in passages:
        assert passage in answer.text
        assert any(passage in text for text in (title, *links, *fields.values()))
    assert is_founded(answer.text, answer.citations)
    assert not unfounded(answer.text, passages), answer.text


async def test_services_are_suggested_that_fit_about_as_well() -> None:
    twin = replace(CARD, id=3, key="cartao-primeira-via", title="Primeira via do cartão")
    answer = await ask(PRICE, CARD, TREE, twin)
    assert [one.article_key for one in answer.suggestions] == [twin.key]


def test_no_sentence_is_cut_where_it_goes_on() -> None:
    article = replace(
        CARD,
        summary="Esqueceu algo no ônibus? Procure aqui.",
        body="Salas abrem de segunda a sexta; a do Centro Velho abre também aos sábados.",
    )
    passages = Reading([article]).select("quais salas abrem aos sábados", article)
    assert article.body in [one.text for one in passages]
    passages = Reading([article]).select("esqueci a mochila no ônibus", article)
    assert passages[0].text == article.summary


def test_who_tells_what_has_happened_is_told_what_to_do() -> None:
    steps = "1. Abra a página.\n2. Peça o código.\n3. Escolha outra senha."
    article = replace(CARD, title="Recuperar a senha", summary="Peça um código.", steps=steps)
    told = Reading([article]).select("esqueci minha senha", article)
    assert told[-1].text == steps
    assert "• Como fazer:\n1. Abra" in quote("esqueci minha senha", article, told).text


def test_a_step_alone_has_no_number() -> None:
    steps = "1. Abra a página do imposto.\n2. Leve documento do paciente.\n3. Assine."
    article = replace(CARD, summary="", body="", more="", steps=steps)
    [passage] = Reading([article]).select("que documentos do paciente", article)
    assert passage.text == "Leve documento do paciente."


async def test_a_telephone_that_the_article_does_not_tell_is_said_to_be_missing() -> None:
    missing = "O artigo não informa o telefone."
    assert missing in (await ask("qual o telefone da poda de árvore na rua?", TREE)).text
    assert missing not in (await ask("qual o telefone do cartão perdido?", CARD)).text
    silent = replace(CARD, more="")
    changed = await ask("como mudo o telefone do cartão perdido?", silent)
    assert changed.is_answered
    assert missing not in changed.text
