import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.learning.text import STOP_WORDS, ChunkTable, Tokenizer, _readable


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("C++ c# .NET node.js", ["c++", "c#", ".net", "node.js"]),
        ("NodeJS dotnet CSharp", ["node.js", ".net", "c#"]),
        ("SAP-ABAP, s/4HANA; asp.net.", ["sap", "abap", "4hana", "asp.net"]),
        ("Python (R) e C", ["python", "r", "c"]),
        ("o de para com the of and", []),
        ("2019 12/05/2020 x y", []),
        ("", []),
        ("\x00\x01\x00", []),
        ("ac\u0327a\u0303o", ["aca"]),
    ],
)
def test_technical_tokens_and_noise(text: str, terms: list[str]) -> None:
    assert Tokenizer()(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "ja\u200bva jav\u00ada",
        "\u202ejava\u202c java\ufeff",
        "jаvа јava",  # Cyrillic letters
        "ｊａｖａ ＪＡＶＡ",
        "𝐣𝐚𝐯𝐚 𝐉𝐀𝐕𝐀",
        "Java™ java\ufe0f",
    ],
)
def test_disguised_words_are_the_plain_ones(text: str) -> None:
    assert Tokenizer()(text) == Tokenizer()("java java")
    assert [term for term, _ in Tokenizer().words(text)] == Tokenizer()("java java")


def test_words_of_other_alphabets_stay_as_they_are() -> None:
    assert Tokenizer()("программист 程序员") == ["программист", "程序员"]


@pytest.mark.parametrize(
    "words",
    [
        "desenvolvedor desenvolvedora desenvolvedores",
        "especificação especificacao especificações especificacoes",
        "solução soluções solucao solucoes",
        "experiência experiencias",
        "disponível disponivel disponíveis",
    ],
)
def test_forms_of_a_word_are_one_term(words: str) -> None:
    assert len(set(Tokenizer()(words))) == 1


def test_dropped_words_and_unstemmed_terms() -> None:
    assert Tokenizer(drop={"casado"}, stem=False)("Casado, programadores") == ["programadores"]


def test_words_keep_what_was_written() -> None:
    assert Tokenizer().words("Consultor SAP-FI") == [
        ("consultor", "Consultor"),
        ("sap", "SAP"),
        ("fi", "FI"),
    ]


def test_stop_words_are_folded() -> None:
    assert "nao" in STOP_WORDS
    assert all(word.isascii() and word == word.lower() for word in STOP_WORDS)


def test_text_beyond_the_limit_is_ignored() -> None:
    assert Tokenizer(max_chars=5)("abap java") == ["abap"]


def test_the_table_stays_bounded() -> None:
    table = ChunkTable(lambda chunk: (chunk,), 3)
    for number in range(20):
        assert table[str(number)] == (str(number),)
    assert len(table) <= 3
    long = "x" * 1000
    assert table[long] == (long,)
    assert long not in table


@given(st.text(max_size=300))
def test_any_text_gives_clean_terms(text: str) -> None:
    for term in Tokenizer()(text):
        assert term
        assert term == term.lower()
        assert not any(char.isspace() for char in term)


@given(st.text(max_size=200))
def test_remembered_chunks_give_the_same_terms(text: str) -> None:
    tokenizer = Tokenizer()
    first = tokenizer(text)
    assert tokenizer(text) == first
    assert first == [
        term for chunk in tokenizer.chunks(text) for term in tokenizer.split_chunk(chunk)
    ]


@pytest.mark.parametrize("piece", ["a", "+", ".", "c+", ".net", "á", "😀", "\u0301", "a.js"])
def test_a_megabyte_without_blanks_takes_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    Tokenizer(max_chars=1_000_000)(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text", ["\u0301\u0323" * 50_000, "a" + "\u0301" * 99_000, "\ufdfa" * 99_000]
)
def test_what_takes_long_to_normalise_is_cut_before(text: str) -> None:
    """A run of marks costs the square of its length, and nothing else runs meanwhile."""
    readable = _readable(text)
    assert len(readable) <= 10_000
    runs = re.findall("[\u0300-\u036f]+", readable)
    assert all(len(run) <= 30 for run in runs)
    assert len(Tokenizer()(text)) <= 1
