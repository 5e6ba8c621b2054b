"""``praca drift``: run a check and show what came of it."""

import orjson
from rich.console import Console
from rich.table import Table

from praca.entrypoints.cli.runtime import fail
from praca.entrypoints.cli.work import run_task
from praca.jobs.matching.drift import CHECK_DRIFT, Scope, latest
from praca.learning.drift import DomainDrift, DriftReport, FeatureDrift
from praca.platform.resources import Resources

__all__ = ["check"]

_out = Console()


async def check(resources: Resources, *, days: int, everything: bool) -> bool:
    """Run a check, print its results, and tell whether something has drifted."""
    scope = Scope.ALL if everything else Scope.NEW
    done = await run_task(resources, CHECK_DRIFT.name, {"days": days, "scope": scope})
    if done.status != "succeeded":
        raise fail(done.error or "A verificação foi cancelada.")
    report = DriftReport.from_json(orjson.loads(latest(resources.objects, "json")))
    _out.print(_table(report))
    _out.print(report.window.description, highlight=False)
    counts = ", ".join(f"{rows} {kind}" for kind, rows in report.window.rows.items())
    _out.print(f"Linhas: {counts}.", highlight=False)
    _out.print(_verdict(report), highlight=False)
    return report.has_drift


def _table(report: DriftReport) -> Table:
    title = f"{report.model}, versão {report.version}"
    table = Table("grupo", "coluna", "efeito", "p corrigido", "linhas", "resultado", title=title)
    for item in report.items:
        table.add_row(*_figures(item), str(item.current_rows), _result(item))
    return table


def _figures(item: FeatureDrift | DomainDrift) -> tuple[str, str, str, str]:
    if isinstance(item, FeatureDrift):
        p = item.q if item.may_alarm else item.p
        return item.group, item.label, f"PSI {_short(item.effect)}", _short(p)
    return "Textos", item.label, f"AUC {_short(item.auc)}", _short(item.p)


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace(".", ",")


def _result(item: FeatureDrift | DomainDrift) -> str:
    if item.p is None:
        return "linhas de menos"
    return "mudou" if item.alarm else ""


def _verdict(report: DriftReport) -> str:
    if not report.is_tested:
        return "Linhas novas de menos para dizer algo."
    if not report.has_drift:
        return "Nenhuma mudança relevante."
    return f"Mudou: {', '.join(report.alarms)}."
