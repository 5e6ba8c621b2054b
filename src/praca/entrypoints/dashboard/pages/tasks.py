"""Tarefas: background work, its state, and the end of it on demand."""

from datetime import datetime
from typing import Final

import streamlit as st

from praca.entrypoints.dashboard.answers import Task
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, duration, moment, plain
from praca.entrypoints.dashboard.parts import empty, heading, section, table
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import ApiProblem, SignedOutError
from praca.kit.clock import utc_now

__all__ = ["NOTABLE", "ROUTINE", "show"]

_STATES: Final = {
    "queued": "○ na fila",
    "running": "▶ em execução",
    "succeeded": "✓ concluída",
    "failed": "✗ falhou",
    "cancelled": "■ cancelada",
}
_ALL: Final = "Todos"
_SHOWN: Final = 200
_LOOKED_THROUGH: Final = 1000
ROUTINE: Final = frozenset(
    {
        "helpdesk.forget_conversations",
        "helpdesk.forget_desk",
        "helpdesk.forget_questions",
        "identity.clean_social",
        "identity.finish_erasures",
        "identity.finish_mails",
        "platform.retention",
        "wallet.forget_answers",
        "wallet.pix_reconcile",
        "wallet.pix_sim_deliver",
        "wallet.remind_of_documents",
        "wallet.sweep_documents",
    }
)
"""Kinds that are due by the clock and mostly find nothing to do."""
NOTABLE: Final = frozenset(
    {"jobs.check_drift", "jobs.train_hiring", "jobs.train_match", "library.scrape", "library.train"}
)
"""Kinds that can be asked for even if none is among the newest."""


def show(api: ApiClient, _period: Period) -> None:
    """Show the page."""
    heading(
        "Tarefas",
        "O trabalho em segundo plano, do mais novo para o mais antigo, sem filtro de período.",
    )
    with section("Lista"):
        tasks = _chosen(api)
        if not tasks:
            empty("Nenhuma tarefa aqui. Importações, treinos e raspagens aparecem nesta lista.")
            return
        _list(tasks[:_SHOWN], len(tasks))
        _cancelling(api, [task for task in tasks if task.is_open])


def _chosen(api: ApiClient) -> list[Task]:
    """Return the newest tasks that the filters let through."""
    kinds = sorted({task.kind for task in api.tasks(limit=_LOOKED_THROUGH).data} | NOTABLE)
    left, right = st.columns(2)
    kind = left.selectbox("Tipo", [_ALL, *kinds], key="tipo")
    state = right.selectbox("Situação", [_ALL, *_STATES.values()], key="estado")
    quiet = st.toggle("Ocultar as de rotina sem falha", value=True, key="rotina")
    found = api.tasks(
        kind=None if kind == _ALL else kind,
        status=next((code for code, name in _STATES.items() if name == state), None),
        limit=_LOOKED_THROUGH,
    ).data
    if not quiet or kind != _ALL:
        return found
    return [task for task in found if task.kind not in ROUTINE or task.status == "failed"]


def _list(tasks: list[Task], total: int) -> None:
    now = utc_now()
    table(
        f"Tarefas encontradas: {count(total)}. Mostradas: {count(len(tasks))}, as mais novas.",
        [_row(task, now) for task in tasks],
        {"Duração": duration},
    )


def _row(task: Task, now: datetime) -> dict[str, object]:
    return {
        "Tipo": task.kind,
        "Situação": _STATES[task.status],
        "Progresso": _progress(task),
        "Criada em": moment(task.created_at),
        "Duração": task.seconds(now),
        "Erro": task.error or "",
        "Tentativa": task.attempt,
        "Id": task.id,
    }


def _progress(task: Task) -> str:
    progress = task.progress
    of_all = "" if progress.total is None else f"/{count(progress.total)}"
    return " · ".join(
        part for part in (f"{count(progress.done)}{of_all}", progress.message) if part
    )


def _cancelling(api: ApiClient, tasks: list[Task]) -> None:
    """Offer to cancel what waits or runs, each after a second click."""
    for task in tasks:
        label = f"Cancelar {plain(task.kind)} ({task.id[-6:]})…"
        with st.popover(label, icon=":material/cancel:", key=f"cancelar-{task.id}"):
            st.markdown(f"Cancelar **{plain(task.kind)}**, criada em {moment(task.created_at)}?")
            if st.button("Sim, cancelar", type="primary", key=f"sim-{task.id}"):
                _cancel(api, task)


def _cancel(api: ApiClient, task: Task) -> None:
    try:
        api.cancel_task(task.id)
    except SignedOutError:
        raise
    except ApiProblem as problem:
        st.warning(plain(str(problem)))
    else:
        st.toast(f"{plain(task.kind)}: cancelamento pedido.", icon=":material/check:")
        st.rerun()
