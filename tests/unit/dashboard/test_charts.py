"""Charts: what they show of the figures, and that everybody can read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.unit.dashboard.recorded import answers, book_model

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import (
    BookModel,
    CacheStatus,
    Drift,
    PredictionOutput,
    PredictionTimeline,
    RequestTimeline,
    RouteFigures,
    StatusCount,
)
from praca.entrypoints.dashboard.model_charts import leaderboard
from praca.entrypoints.dashboard.palette import BACKGROUNDS, SERIES
from praca.entrypoints.dashboard.period import Period

_RECORDED = answers()
_PERIOD = Period.last(timedelta(hours=1), datetime(2026, 11, 22, 12, 30, tzinfo=UTC))


def _read(path: str, kind: Any) -> Any:
    return TypeAdapter(kind).validate_python(_RECORDED[path])


def _timeline() -> RequestTimeline:
    return RequestTimeline.model_validate(_RECORDED["/monitoring/requests/timeline"])


def _predictions() -> PredictionTimeline:
    return PredictionTimeline.model_validate(_RECORDED["/monitoring/predictions/timeline"])


def _all_charts() -> list[dict[str, Any]]:
    models = CacheStatus.model_validate(_RECORDED["/ml/cache-status"]).detalhes_modelos
    drift = Drift.model_validate(_RECORDED["/inferencias/driftReport"])
    made = [
        charts.requests_over_time(_timeline(), _PERIOD),
        charts.latency_over_time(_timeline(), _PERIOD),
        charts.route_counts(_read("/monitoring/requests/routes", list[RouteFigures])),
        charts.status_counts(_read("/monitoring/requests/statuses", list[StatusCount])),
        charts.predictions_over_time(_predictions(), _PERIOD),
        charts.prediction_latency(_predictions(), _PERIOD),
        charts.prediction_outputs(_read("/monitoring/predictions/outputs", list[PredictionOutput])),
        charts.drift_sizes(drift.features, 0.1),
        charts.page_states(_RECORDED["/raspagem"]["paginas"]),
        leaderboard(models[:2], "acuracia"),
    ]
    return [chart.to_dict() for chart in made]


def _parts(chart: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The chart and its layers."""
    yield chart
    for layer in chart.get("layer", ()):
        yield from _parts(layer)


def _rows(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows, which Altair keeps beside the layers that share them."""
    return [row for rows in chart.get("datasets", {}).values() for row in rows]


def _encodings(chart: dict[str, Any]) -> list[dict[str, Any]]:
    return [part["encoding"] for part in _parts(chart) if "encoding" in part]


@pytest.mark.parametrize("chart", _all_charts())
def test_every_chart_says_what_it_shows_in_portuguese(chart: dict[str, Any]) -> None:
    assert chart["config"]["locale"]["number"]["decimal"] == ","
    encodings = _encodings(chart)
    titles = {one["x"].get("title") for one in encodings if "x" in one}
    assert any(titles), "no title at the axis"
    assert any(tip.get("title") for one in encodings for tip in one.get("tooltip", ()))


def test_times_are_drawn_as_the_clock_of_brasilia_reads() -> None:
    rows = _rows(charts.latency_over_time(_timeline(), _PERIOD).to_dict())
    assert {row["at"] for row in rows} == {"2026-11-22T09:00:00"}
    assert {row["name"]: row["ms"] for row in rows} == {"p50": 4.1, "p95": 17.9, "p99": 1048.3}


def test_the_axis_of_time_is_as_long_as_the_period() -> None:
    chart = charts.latency_over_time(_timeline(), _PERIOD).to_dict()
    first, last = chart["encoding"]["x"]["scale"]["domain"]
    assert (first["hours"], first["minutes"]) == (8, 30)
    assert (last["hours"], last["minutes"]) == (9, 30)


def test_no_line_leads_over_hours_without_predictions() -> None:
    begin = datetime(2026, 11, 22, 12, tzinfo=UTC)
    points = [
        {"at": begin + timedelta(minutes=at), "model": model, "count": 1, "p50_ms": 1, "p95_ms": 2}
        for at, model in ((0, "a"), (1, "a"), (9, "a"), (9, "b"))
    ]
    timeline = PredictionTimeline.model_validate({"bucket_s": 60, "points": points})
    rows = _rows(charts.prediction_latency(timeline, _PERIOD).to_dict())
    assert [row["ms"] for row in rows if row["name"] == "a"] == [2, 2, None, 2]
    assert [row["ms"] for row in rows if row["name"] == "b"] == [2]


@pytest.mark.parametrize(("minutes", "is_small"), [(10, False), (300, True)])
def test_points_do_not_hide_a_long_line(minutes: int, *, is_small: bool) -> None:
    begin = datetime(2026, 11, 22, 8, tzinfo=UTC)
    times = {"p50_ms": 1, "p95_ms": 2, "p99_ms": 3}
    points = [
        {"at": begin + timedelta(minutes=at), "count": 1, "errors": 0, **times}
        for at in range(minutes)
    ]
    timeline = RequestTimeline.model_validate({"bucket_s": 60, "points": points})
    mark = charts.latency_over_time(timeline, _PERIOD).to_dict()["mark"]
    assert (mark["point"]["size"] < 10) == is_small


def test_a_bar_reaches_over_its_stretch_and_parts_errors() -> None:
    rows = _rows(charts.requests_over_time(_timeline(), _PERIOD).to_dict())
    assert {row["kind"]: row["count"] for row in rows} == {"Sem erro": 39, "Erro 5xx": 1}
    assert {row["until"] for row in rows} == {"2026-11-22T09:05:00"}
    assert [(row["low"], row["high"]) for row in rows] == [(0, 39), (39, 40)]


def test_statuses_are_coloured_by_their_class() -> None:
    counted = [StatusCount(status=status, count=1) for status in (200, 404, 499, 500, 999)]
    rows = _rows(charts.status_counts(counted).to_dict())
    assert {row["name"]: row["class"][:3] for row in rows} == {
        "200": "2xx",
        "404": "4xx",
        "499": "4xx",
        "500": "5xx",
        "999": "5xx",
    }


def test_answers_of_several_versions_are_added_up() -> None:
    outputs = [
        PredictionOutput(model="m", version=version, output=output, count=count)
        for version, output, count in ((1, "sim", 2), (2, "sim", 4), (2, "não", 4))
    ]
    rows = _rows(charts.prediction_outputs(outputs).to_dict())
    assert [(row["name"], row["share"]) for row in rows] == [("sim", 0.6), ("não", 0.4)]


def test_models_stand_in_order_with_intervals_beside_the_guesses() -> None:
    models = [
        BookModel.model_validate(book_model(name, "rating", accuracy, "há sinal"))
        for name, accuracy in (("svm", 0.3), ("random_forest", 0.5))
    ]
    rows = _rows(leaderboard(models, "acuracia").to_dict())
    named = [row for row in rows if "name" in row]
    assert [row["name"] for row in named[:2]] == ["Floresta aleatória", "SVM"]
    assert (named[0]["low"], named[0]["high"]) == (0.45, 0.55)
    guesses = {row["guess"]: row["at"] for row in rows if "guess" in row}
    assert guesses == {"classe mais comum": 0.226, "sorteio": 0.2}


def test_a_model_without_figures_is_left_out() -> None:
    model = BookModel.model_validate({"nome": "svm", "alvo": "rating", "metricas": "N/A"})
    assert model.has_signal is None
    assert not _rows(leaderboard([model], "acuracia").to_dict())


def _luminance(colour: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", BACKGROUNDS.values())
@pytest.mark.parametrize("colour", SERIES)
def test_colours_stand_out_from_light_and_dark_ground(colour: str, ground: str) -> None:
    darker, lighter = sorted((_luminance(colour), _luminance(ground)))
    assert (lighter + 0.05) / (darker + 0.05) >= 3
