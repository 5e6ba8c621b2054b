"""The page stands alone, is well-formed, and shows hostile names as they are written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pytest

from praca.learning.drift import (
    CategorySketch,
    DomainDrift,
    DriftReport,
    NumericSketch,
    TextSketch,
    Watched,
    Window,
    judged,
)
from praca.learning.drift.page import render

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HOSTILE = '<script>alert("1")</script>\'"&<img src=x onerror=alert(1)>'
VOID = {"meta", "rect", "line"}


class Outline(HTMLParser):
    """Notes tags and attributes, and refuses tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def report(label: str = "Inglês", shift: float = 0.0) -> DriftReport:
    generator = np.random.default_rng(1)
    then = generator.normal(size=800)
    numbers = NumericSketch.learn(then).counted(then)
    names = CategorySketch.learn(["básico", label] * 200).counted(["básico", label] * 200)
    texts = [np.array([1, 2, 3])] * 100
    text = TextSketch.learn(texts, [0.0] * 100).counted(texts, [0.0] * 100)
    now = numbers.counted(generator.normal(size=300) + shift)
    features = judged(
        [
            Watched("n", label, "Candidatos", numbers, now),
            Watched("c", "Categoria", label, names, names.counted([label, None] * 50)),
            Watched("t", "Texto", "Vagas", text, text),
            Watched("s", "Situação", "Candidaturas", numbers, now, may_alarm=False),
        ]
    )
    window = Window(NOW - timedelta(days=3), NOW, "Linhas novas.", {"candidatos": 1300})
    domains = (DomainDrift("v", "Textos", None, None, False, 100, 3),)
    return DriftReport("match", 7, NOW - timedelta(days=9), window, features, domains)


def test_the_page_is_well_formed_and_runs_nothing() -> None:
    found = outline(render(report()))
    assert found.tags & {"script", "link", "img", "iframe", "object", "style"} == {"style"}
    assert not {name for name in found.attributes if name.startswith("on")}
    assert not found.attributes & {"style", "href", "src"}


def test_hostile_names_are_text() -> None:
    page = render(report(HOSTILE, shift=3.0))
    found = outline(page)
    assert not found.tags & {"script", "img"}
    assert HOSTILE in found.text
    assert "<script" not in page


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (report(shift=3.0), "Sim: 2 coisas se afastaram do treino."),
        (replace(report(), features=report().features[:1]), "Não."),
        (replace(report(), features=()), "Ainda não se pode dizer."),
    ],
)
def test_the_verdict_comes_first(made: DriftReport, said: str) -> None:
    text = outline(render(made)).text
    assert said in text
    assert text.index(said) < text.index("Referência")


def test_figures_are_written_as_in_brazil() -> None:
    text = outline(render(report())).text
    assert "1.300 candidatos" in text
    assert "22/11/2026 às 02:00" in text
    assert "versão 7" in text


def test_the_page_of_two_hundred_columns_is_small() -> None:
    made = report()
    many = replace(made, features=made.features * 50)
    assert len(render(many).encode()) < 1_200_000
    assert len(render(replace(made, features=made.features * 11)).encode()) < 300_000
