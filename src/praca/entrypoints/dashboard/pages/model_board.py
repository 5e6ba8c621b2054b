"""Modelos: how good they are beside guessing, and which versions there are."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from praca.entrypoints.dashboard.answers import BookModel, ModelVersion
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, decimal, moment, percent, plain
from praca.entrypoints.dashboard.model_charts import (
    METRICS,
    MODEL_NAMES,
    REFERENCES,
    leaderboard,
)
from praca.entrypoints.dashboard.parts import chart, empty, heading, section, table
from praca.entrypoints.dashboard.period import Period

__all__ = ["show"]

_TARGETS: Final = {"rating": "Avaliação (rating)", "categoria": "Categoria"}
_PASSED: Final = {True: "✓ passou", False: "✗ recusou", None: "– não avaliado"}


def show(api: ApiClient, _period: Period) -> None:
    """Show the page."""
    heading("Modelos", "Os modelos em memória, comparados com palpites, e as versões publicadas.")
    with section("Modelos da biblioteca"):
        _library(api)
    with section("Versões publicadas"):
        _versions(api.model_versions())


def _library(api: ApiClient) -> None:
    models = api.book_models().detalhes_modelos
    if not models:
        empty(
            "Nenhum modelo da biblioteca está em memória. Depois de uma raspagem, treine com "
            "`POST /api/v1/ml/train`."
        )
        return
    for target in sorted({model.alvo for model in models}):
        _target(target, [model for model in models if model.alvo == target])


def _target(target: str, models: Sequence[BookModel]) -> None:
    name = _TARGETS.get(target, target)
    st.markdown(f"#### Alvo: {plain(name)}")
    _signal(models)
    if any(model.metricas for model in models):
        for column, metric in zip(st.columns(2), METRICS, strict=True):
            with column:
                chart(
                    leaderboard(models, metric),
                    f"{METRICS[metric]} por modelo (alvo {name}): as barras são o intervalo da "
                    "validação cruzada; as linhas tracejadas, os palpites.",
                )
    best = sorted(models, key=lambda model: -model.metricas.get("f1_score_macro", 0))
    table(
        f"Classificação dos modelos (alvo {name}) pelo F1 macro, do melhor para o pior.",
        [_row(place, model) for place, model in enumerate(best, start=1)],
        {"Versão": count, "Livros": count},
    )
    if left_out := best[0].livros_fora:
        names = ", ".join(f"{name} ({count(number)})" for name, number in left_out.items())
        st.caption(f"Categorias que ficaram fora do treino e nunca são preditas: {plain(names)}.")


def _signal(models: Sequence[BookModel]) -> None:
    without = [MODEL_NAMES.get(item.nome, item.nome) for item in models if item.has_signal is False]
    known = [item for item in models if item.has_signal is not None]
    if without and len(without) == len(known):
        st.warning(
            "**Sem sinal:** nenhum modelo acerta mais do que um palpite. Não use estas predições "
            "para decidir nada.",
            icon=":material/signal_disconnected:",
        )
    elif without:
        st.warning(
            f"**Sem sinal:** {plain(', '.join(without))}. "
            "Os demais acertam mais do que um palpite.",
            icon=":material/signal_disconnected:",
        )
    elif known:
        st.success(
            "**Há sinal:** os modelos acertam mais do que um palpite.",
            icon=":material/signal_cellular_alt:",
        )


def _row(place: int, model: BookModel) -> dict[str, object]:
    row: dict[str, object] = {
        "Lugar": place,
        "Modelo": MODEL_NAMES.get(model.nome, model.nome),
        "Sinal": {True: "✓ há sinal", False: "✗ sem sinal", None: "–"}[model.has_signal],
        **{title: _with_interval(model, metric) for metric, title in METRICS.items()},
    }
    for reference, title in REFERENCES.items():
        guess = model.referencias.get(reference, {})
        row[f"F1: {title}"] = percent(guess.get("f1_score_macro"))
    return row | {
        "Versão": model.versao,
        "Livros": model.livros,
        "Treinado em": moment(model.treinado_em),
    }


def _with_interval(model: BookModel, metric: str) -> str:
    value = percent(model.metricas.get(metric))
    if metric not in model.intervalos:
        return value
    low, high = model.intervalos[metric]
    return f"{value} ({percent(low)} a {percent(high)})"


def _versions(versions: Sequence[ModelVersion]) -> None:
    if not versions:
        empty("Nenhum modelo foi publicado ainda. `praca train match` treina e publica o primeiro.")
        return
    table(
        "Todas as versões de todos os modelos; a mais nova de cada um primeiro.",
        [
            {
                "Modelo": item.name,
                "Versão": item.version,
                "Situação": _state(item),
                "Criada em": moment(item.created_at),
                "Métricas": _metrics(item),
                "Código": item.code_version,
            }
            for item in versions
        ],
    )
    _gate(versions)


def _state(version: ModelVersion) -> str:
    if version.is_champion:
        return "★ em uso"
    if version.is_shadow:
        return "○ em teste (sombra)"
    if version.gate is not None and not version.gate.accepted:
        return "✗ recusada"
    return "arquivada"


def _metrics(version: ModelVersion) -> str:
    return " · ".join(
        f"{name} {decimal(value, 0 if value.is_integer() else 3)}"
        for name, value in version.metrics.items()
    )


def _gate(versions: Sequence[ModelVersion]) -> None:
    asked = {f"{item.name} v{item.version}": item for item in versions if item.gate is not None}
    if not asked:
        return
    name = st.selectbox("Razões do portão de qualidade da versão", list(asked), key="portao")
    gate = asked[name].gate
    if gate is None:
        return
    verdict = "aceita" if gate.accepted else "recusada"
    table(
        f"Por que a versão {name} foi {verdict}.",
        [
            {"Pergunta": item.name, "Resultado": _PASSED[item.passed], "Razão": item.reason}
            for item in gate.checks
        ],
    )
