"""The plots as documents: well formed, readable in words, drawn where the values are."""

import math
import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest

from praca.learning.plots import (
    ReliabilityBin,
    bars_svg,
    decimal,
    histogram_svg,
    percent,
    reliability_svg,
)
from praca.learning.svg import ticks

_SVG = "{http://www.w3.org/2000/svg}"
_NASTY = "<script>alert(\"x\")</script> & 'y' \x00\x1b\ud800"
_NAMES = ["reliability", "bars", "histogram"]
_BINS = [
    ReliabilityBin(0.8, 0.9, 10, (0.6, 1.0)),
    ReliabilityBin(0.1, 0.05, 1234),
    ReliabilityBin(0.5, 0.5, 0),
]


def _parsed(svg: str) -> ET.Element:
    svg.encode()
    return ET.fromstring(svg)  # noqa: S314  # our own text


def _every_plot(text: str) -> list[str]:
    return [
        reliability_svg(text, _BINS),
        bars_svg(text, [text, "b"], [1.0, -2.0], [(0.5, 1.5), None], reference=(text, 0.3)),
        histogram_svg(text, [0, 1, 2], {text: [1, 3], "b": [5, 0]}, axis=text),
    ]


def _words(root: ET.Element) -> str:
    return " ".join(root.itertext())


def _boxes(root: ET.Element) -> list[tuple[float, float, float, float]]:
    found = [box for box in root.iter(f"{_SVG}rect") if "x" in box.attrib]
    return [
        (
            float(b.attrib["x"]),
            float(b.attrib["y"]),
            float(b.attrib["width"]),
            float(b.attrib["height"]),
        )
        for b in found
    ]


@pytest.mark.parametrize("svg", _every_plot(_NASTY), ids=_NAMES)
def test_text_is_escaped_and_the_document_is_well_formed(svg: str) -> None:
    root = _parsed(svg)
    assert "<script" not in svg
    assert root.find(f"{_SVG}title").text == "<script>alert(\"x\")</script> & 'y' "  # type: ignore[union-attr]
    assert not list(root.iter(f"{_SVG}script"))


@pytest.mark.parametrize("svg", _every_plot("Título"), ids=_NAMES)
def test_each_names_itself_and_says_its_values_in_words(svg: str) -> None:
    root = _parsed(svg)
    assert root.attrib["role"] == "img"
    named = {child.attrib["id"]: child.text for child in root if "id" in child.attrib}
    title, description = (named[name] for name in root.attrib["aria-labelledby"].split())
    assert title == "Título"
    assert description
    assert re.search(r"\d", description)


def test_several_on_one_page_do_not_share_a_name() -> None:
    plots = [
        *_every_plot("a"),
        *_every_plot("b"),
        bars_svg("a", ["x"], [1]),
        bars_svg("a", ["x"], [2]),
    ]
    ids = [found for svg in plots for found in re.findall(r' id="(\w+)"', svg)]
    assert len(ids) == len(set(ids)) == 2 * len(plots)


def test_the_same_data_give_the_same_bytes() -> None:
    assert _every_plot("t") == _every_plot("t")


def test_every_mark_lies_within_the_picture() -> None:
    for svg in _every_plot("t"):
        root = _parsed(svg)
        width, height = (float(size) for size in root.attrib["viewBox"].split()[2:])
        for line in root.iter(f"{_SVG}polyline"):
            points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        for x, y, w, h in _boxes(root):
            assert 0 <= x <= x + w <= width
            assert 0 <= y <= y + h <= height


def test_reliability_shows_bins_with_cases_in_order() -> None:
    root = _parsed(reliability_svg("t", _BINS))
    dots = [(float(d.attrib["cx"]), float(d.attrib["cy"])) for d in root.iter(f"{_SVG}circle")]
    assert len(dots) == len(_boxes(root)) == 2
    (first_x, first_y), (second_x, second_y) = dots
    assert first_x < second_x
    assert first_y > second_y  # up is less
    assert "previsto 10 %, observado 5 %, 1.234 casos" in _words(root)
    assert "observado 90 % (de 60 % a 100 %)" in _words(root)


def test_a_calibrated_point_lies_on_the_diagonal() -> None:
    root = _parsed(reliability_svg("t", [ReliabilityBin(0.3, 0.3, 5), ReliabilityBin(0.9, 0.9, 5)]))
    lines = [line.attrib for line in root.iter(f"{_SVG}polyline")]
    diagonal = next(line["points"] for line in lines if "stroke-dasharray" in line)
    (x0, y0), (x1, y1) = (tuple(map(float, p.split(","))) for p in diagonal.split())
    for dot in root.iter(f"{_SVG}circle"):
        along = (float(dot.attrib["cx"]) - x0) / (x1 - x0)
        assert float(dot.attrib["cy"]) == pytest.approx(y0 + along * (y1 - y0), abs=0.05)


def test_bars_are_as_long_as_their_values_and_begin_at_zero() -> None:
    boxes = _boxes(_parsed(bars_svg("t", ["a", "b", "c"], [4, 2, -1])))
    (ax, _, aw, _), (bx, _, bw, _), (cx, _, cw, _) = boxes
    assert ax == bx == pytest.approx(cx + cw, abs=0.02)
    assert aw == pytest.approx(2 * bw, abs=0.05)
    assert bw == pytest.approx(2 * cw, abs=0.05)


def test_a_bar_without_a_value_is_a_dash() -> None:
    root = _parsed(bars_svg("t", ["a", "b"], [math.nan, 1], [(math.nan, math.nan), (0.9, 1.1)]))
    assert len(_boxes(root)) == 1
    assert "a: –; b: 1 (de 0,9 a 1,1)" in _words(root)
    assert "nan" not in _words(root)


def test_a_long_label_is_cut_and_whole_when_pointed_at() -> None:
    label = "uma variável de nome realmente comprido demais"
    root = _parsed(bars_svg("t", [label], [1]))
    texts = [text.text or "" for text in root.iter(f"{_SVG}text")]
    assert any(text.endswith("…") and label.startswith(text[:-1]) for text in texts)
    assert label not in texts
    assert label in _words(root)


def test_histograms_of_different_sizes_compare() -> None:
    root = _parsed(histogram_svg("t", [0, 1, 2], {"muitos": [300, 100], "poucos": [3, 1]}))
    words = _words(root)
    assert words.count("75 %") >= 2
    bars = _boxes(root)[:2]
    assert bars[0][3] == pytest.approx(3 * bars[1][3], abs=0.05)
    outline = [line for line in root.iter(f"{_SVG}polyline") if "stroke-dasharray" in line.attrib]
    assert outline  # told apart without colour


@pytest.mark.parametrize(
    ("edges", "counts"), [([0, 1], [1, 2]), ([0, 1, 2], [1])], ids=["too many", "too few"]
)
def test_counts_that_do_not_fit_their_ranges_are_refused(
    edges: Sequence[float], counts: Sequence[float]
) -> None:
    with pytest.raises(ValueError, match="zip"):
        histogram_svg("t", edges, {"a": counts})


def test_more_series_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="two"):
        histogram_svg("t", [0, 1], {"a": [1], "b": [1], "c": [1]})


def test_labels_without_values_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        bars_svg("t", ["a", "b"], [1])


def test_nothing_at_all_is_still_a_picture() -> None:
    for svg in (
        reliability_svg("t", []),
        bars_svg("t", [], []),
        bars_svg("t", ["a"], [0]),
        histogram_svg("t", [0, 1], {}),
        histogram_svg("t", [0, 1], {"a": [0]}),
    ):
        _parsed(svg)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (0.8256, "0,826"), (-1.5, "−1,5"), (1234567, "1.234.567"), (math.inf, "–")],
)
def test_numbers_are_written_as_in_brazil(value: float, written: str) -> None:
    assert decimal(value) == written
    assert percent(0.125) == "12,5 %"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-0.4, 1.2, [0, 0.5, 1]),
        (18, 65, [20, 30, 40, 50, 60]),
        (0, 0.0031, [0, 0.001, 0.002, 0.003]),
    ],
)
def test_scales_have_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected
