"""Articles as lines of a file: both layouts, what is kept, what is refused."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from praca.helpdesk.knowledge import FileKnowledge
from praca.helpdesk.knowledge.content import ArticleDraft, Layout
from praca.helpdesk.knowledge.importing import lines_of
from praca.helpdesk.knowledge.lines import (
    LARGEST_LINE,
    RefusedLineError,
    parse_line,
    read_lines,
    write_line,
)

REAL = Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[4] / "shared/data"))
MUNICIPAL: dict[str, Any] = {
    "id": "31",
    "id_antigo": None,
    "collection": "guia",
    "category": "{'macro': 'Cidade', 'micro': \"Pontos d'água\", 'specific': 'Bicas'}",
    "titulo": "Conserto de bica",
    "descricao": " Bica que pinga.\r\nOu que secou. ",
    "etapas": None,
    "informacoes_complementares": "",
    "prazo_esperado": "3 dias",
    "custo_do_servico": None,
    "orgao_gestor": "Águas",
    "resumo_web": "Peça o conserto.",
    "resumo_whatsapp": "Peça!",
    "grande": 2**70,
    "fundo": {"b": [1.5, {"a": None}]},
}


def line(record: Any) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def refused(content: bytes) -> RefusedLineError:
    with pytest.raises(RefusedLineError) as caught:
        list(read_lines(content.split(b"\n")))
    return caught.value


def test_our_own_layout_is_read_and_written_with_what_nobody_knows() -> None:
    record = {
        "key": "poda",
        "title": "Poda de árvore",
        "steps": "1. Peça.\n2. Espere.",
        "category": ["Cidade", "Árvores"],
        "keywords": ["galho"],
        "valid_until": "2027-01-31",
        "fonte": {"planilha": 7, "linhas": [1, 2]},
    }
    draft = parse_line(line(record))
    assert (draft.category, draft.valid_until) == (("Cidade", "Árvores"), date(2027, 1, 31))
    assert draft.layout is Layout.OWN
    assert json.loads(write_line(draft)) == record
    # What the API shows of the base is no part of the article.
    assert parse_line(line({**record, "id": 3, "version": 9, "updated_at": "x"})) == draft


def test_the_municipal_layout_is_written_as_it_came() -> None:
    draft = parse_line(line(MUNICIPAL))
    assert draft.key == "31"
    assert draft.category == ("Cidade", "Pontos d'água", "Bicas")
    assert draft.body == "Bica que pinga.\nOu que secou."
    assert (draft.summary, draft.brief) == ("Peça o conserto.", "Peça!")
    assert (draft.steps, draft.cost) == ("", "")
    assert write_line(draft) == line(MUNICIPAL)


def test_what_changed_since_is_written_anew_in_its_own_spelling() -> None:
    draft = parse_line(line(MUNICIPAL))
    changed = replace(
        draft, body="Nova.", category=("Cidade", "Praças"), keywords=("bica",), valid_from=None
    )
    written = json.loads(write_line(changed))
    assert written == MUNICIPAL | {
        "descricao": "Nova.",
        "category": "{'macro': 'Cidade', 'micro': 'Praças'}",
        "keywords": ["bica"],
    }
    assert parse_line(write_line(changed)).content() == changed.content()
    deep = replace(draft, category=("a", "b", "c", "d"))
    assert parse_line(write_line(deep)).category == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", ""),
        (b"[]", ""),
        (b'"a"', ""),
        (b'{"key": "a", "title": "\xff"}', ""),
        (b'{"key": "a", "title": NaN}', ""),
        (b"[" * 100_000, ""),
        (b'{"title": "sem chave"}', "key"),
        (b'{"titulo": "sem id"}', "id"),
        (b'{"id": true, "titulo": "x"}', "id"),
        (b'{"key": "a", "title": ""}', "title"),
        (b'{"key": "a", "title": 7}', "title"),
        (b'{"key": "a", "title": "nulo \\u0000"}', "title"),
        (b'{"key": "a", "title": "meio \\ud800"}', "title"),
        (b'{"key": "a", "title": "b", "links": "javascript:alert(1)"}', "links"),
        (b'{"key": "a", "title": "b", "links": [1]}', "links"),
        (b'{"key": "a", "title": "b", "links": ["http://x.example:porta/"]}', "links"),
        (b'{"key": "a", "title": "b", "valid_from": "ontem"}', "valid_from"),
        (b'{"key": "a", "title": "b", "valid_from": 20260101}', "valid_from"),
        (
            b'{"key": "a", "title": "b", "valid_from": "2026-02-02", "valid_until": "2026-02-01"}',
            "valid_until",
        ),
        (b'{"key": "a", "title": "b", "outro": "\\u0000"}', "outro"),
        (b'{"key": "a", "title": "b", "outro": {"\\udc00": 1}}', "outro"),
        (b'{"key": "a", "title": "b", "outro": 1e999}', "outro"),
        (b'{"key": "a", "title": "b", "outro": ' + b"[" * 50 + b"]" * 50 + b"}", "outro"),
        (b'{"id": "a", "titulo": "b", "category": "{\'macro\': open(\'x\')}"}', "category"),
        (b'{"id": "a", "titulo": "b", "category": "{{}: 1}"}', "category"),
        (b'{"id": "a", "titulo": "b", "category": "{\'macro\': 1}"}', "category"),
        (b'{"key": "' + b"a" * LARGEST_LINE + b'"}', ""),
    ],
)
def test_a_line_without_an_article_is_refused_with_its_number(content: bytes, field: str) -> None:
    error = refused(b'{"key": "boa", "title": "Boa"}\n\n' + content)
    assert (error.line, error.field) == (3, field)
    assert error.reason


def test_refused_lines_are_reported_and_the_others_read() -> None:
    seen: list[RefusedLineError] = []
    lines = [b"\xef\xbb\xbf" + line({"key": "a", "title": "A"}), b"x", line(MUNICIPAL), b" \r\n"]
    lines.append(line({"key": "a", "title": "de novo"}))
    assert [one.key for one in read_lines(lines, seen.append)] == ["a", "31"]
    assert [(one.line, one.field, one.key) for one in seen] == [(2, "", None), (5, "key", "a")]


class Slow:
    """A stream that gives a few bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        self.content, self.step, self.at, self.most = content, step, 0, 0

    def read(self, _size: int = -1) -> bytes:
        self.at += self.step
        return self.content[self.at - self.step : self.at]


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_lines_are_cut_wherever_the_pieces_end(step: int) -> None:
    content = "um\n\ndois é\ntrês".encode()
    assert list(lines_of(Slow(content, step))) == content.split(b"\n")  # type: ignore[arg-type]


def test_of_a_line_that_is_too_long_little_is_kept() -> None:
    content = b"x" * (5 * LARGEST_LINE) + b"\nfim"
    first, last = lines_of(Slow(content, 256 * 1024))  # type: ignore[arg-type]
    assert LARGEST_LINE < len(first) < 2 * LARGEST_LINE
    assert last == b"fim"


async def test_a_file_is_a_source_of_those_that_hold() -> None:
    content = b"\n".join(
        write_line(one)
        for one in (
            ArticleDraft("a", "Sempre"),
            ArticleDraft("b", "Até maio", valid_until=date(2026, 5, 31)),
            ArticleDraft("c", "Desde junho", valid_from=date(2026, 6, 1)),
        )
    )
    held, day, reads = [content], [date(2026, 5, 31)], [0]

    async def read() -> bytes:
        reads[0] += 1
        return held[0]

    async def stamp() -> str:
        return str(len(held[0]))

    for source in (FileKnowledge(read, today=lambda: day[0]),
                   FileKnowledge(read, stamp, today=lambda: day[0])):  # fmt: skip
        held[0], day[0] = content, date(2026, 5, 31)
        before = await source.load()
        assert [one.title for one in before.articles] == ["Sempre", "Até maio"]
        assert await source.revision() == before.revision
        day[0] = date(2026, 6, 1)
        assert await source.revision() != before.revision
        after = await source.load()
        assert [one.key for one in after.articles] == ["a", "c"]
        day[0] = date(2026, 6, 2)
        assert await source.revision() == after.revision
        held[0] += b"no article\n" + write_line(ArticleDraft("d", "Nova"))
        assert len((await source.load()).articles) == 3
    assert reads[0] == 6 + 2  # with a stamp, once per content


def test_no_database_and_no_server_is_loaded_for_files() -> None:
    code = (
        "import sys, praca.helpdesk.knowledge, praca.helpdesk.knowledge.lines;"
        "print({'sqlalchemy', 'fastapi', 'psycopg'} & set(sys.modules))"
    )
    ran = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"


def test_the_real_catalogue_is_written_byte_by_byte_as_it_was() -> None:
    file = REAL / "rio-services/services.jsonl"
    if not file.is_file():
        pytest.skip(f"no real services at {file}")
    content = file.read_bytes()
    drafts = list(read_lines(content.split(b"\n")))
    assert len(drafts) == 200
    assert b"".join(map(write_line, drafts)) == content
    assert all(draft.title and draft.category for draft in drafts)
