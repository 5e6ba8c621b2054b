"""Visão geral: how everything is, at a glance."""

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, milliseconds, moment, percent, plain
from praca.entrypoints.dashboard.pages.scraping import STATES, without_crawl
from praca.entrypoints.dashboard.parts import chart, empty, figures, heading, section
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import NotThereError

__all__ = ["show"]


def show(api: ApiClient, period: Period) -> None:
    """Show the page."""
    heading("Visão geral", "Como estão os serviços da cidade no período escolhido.")
    with section("Requisições"):
        _requests(api, period)
    with section("Tarefas"):
        _tasks(api)
    with section("Biblioteca"):
        _library(api)
    with section("Modelos"):
        _models(api)


def _requests(api: ApiClient, period: Period) -> None:
    summary = api.requests_summary(period)
    figures(
        {
            "Requisições": count(summary.total),
            "Erros 5xx": percent(summary.error_rate if summary.total else None, 2),
            "p50": milliseconds(summary.p50_ms),
            "p95": milliseconds(summary.p95_ms),
            "p99": milliseconds(summary.p99_ms),
            "Linhas perdidas": count(summary.dropped),
        },
        {
            "Erros 5xx": f"{count(summary.errors)} respostas com código 500 ou maior.",
            "p50": "Metade das requisições foi respondida mais rápido do que isto.",
            "p95": "95 de cada 100 requisições foram mais rápidas do que isto.",
            "p99": "99 de cada 100 requisições foram mais rápidas do que isto.",
            "Linhas perdidas": "Registros que não couberam na fila do diário e não foram gravados.",
        },
    )
    if summary.total == 0:
        empty("Nenhuma requisição foi registrada neste período. Escolha um período maior.")
        return
    chart(
        charts.requests_over_time(api.request_timeline(period), period),
        "Requisições ao longo do tempo, com erros 5xx destacados.",
    )


def _tasks(api: ApiClient) -> None:
    # Of each state the total alone is asked for.
    totals = {state: api.tasks(status=state, limit=1) for state in ("queued", "running", "failed")}
    figures(
        {
            "Na fila": count(totals["queued"].total),
            "Em execução": count(totals["running"].total),
            "Com falha": count(totals["failed"].total),
        }
    )
    for task in totals["failed"].data:
        ended = moment(task.finished_at or task.created_at)
        why = plain(task.error or "")
        empty(f"Última falha: **{plain(task.kind)}**, em {ended}. {why}")


def _library(api: ApiClient) -> None:
    state = api.scraping()
    last = state.ultima
    figures(
        {
            "Livros": count(state.livros),
            "Páginas com falha": count(state.paginas.get("falhas")),
            "Em quarentena": count(state.paginas.get("quarentena")),
        }
    )
    if last is None:
        empty(without_crawl(state, "A página *Raspagem* inicia a primeira."))
        return
    ended = last.terminada_em or last.iniciada_em
    empty(
        f"Última raspagem: **{plain(STATES.get(last.estado, last.estado))}**, {moment(ended)}, de "
        f"{plain(state.loja)}."
    )


def _models(api: ApiClient) -> None:
    books = api.book_models().detalhes_modelos
    champions = [item for item in api.model_versions() if item.is_champion]
    figures(
        {
            "Modelos em uso": count(len(champions)),
            "Da biblioteca": count(len(books)),
            "Sem sinal": count(sum(item.has_signal is False for item in books)),
        },
        {
            "Da biblioteca": "Modelos de livros que estão em memória, de todos os alvos.",
            "Sem sinal": "Modelos que não acertam mais do que um palpite.",
        },
    )
    if not champions and not books:
        raise NotThereError("Nenhum modelo foi publicado ainda. Treine um para vê-lo aqui.")
