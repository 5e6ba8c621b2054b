"""The report as a page that a person can read: the verdict first, then the evidence.

One file without scripts: it is stored, sent by mail, printed, and put into another page by clients
of the old system. Every text from outside is escaped. Colours follow the reader's light or dark
setting; the two series differ in lightness too, for whoever does not see colours and for paper.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Final

from praca.kit.clock import BRASILIA
from praca.learning.drift.charts import histogram
from praca.learning.drift.report import (
    ALPHA,
    MATERIAL_AUC,
    MATERIAL_PSI,
    MIN_ROWS,
    DomainDrift,
    DriftReport,
    FeatureDrift,
)

__all__ = ["CONTENT_SECURITY_POLICY", "render"]

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""What the page may do when it is served: show itself with its own style, and nothing else."""

_MOST_NAMED: Final = 5
_MOST_SHOWN: Final = 12
_NO_BARS: Final = (
    '<p class="soft">Sem gráfico: dos termos só se guardam contagens embaralhadas.</p>'
)
_TESTS: Final = {"ks": "Kolmogorov-Smirnov", "chi2": "qui-quadrado", "df": "presença de termos"}

_STYLE: Final = """
.drift{--ink:#1b2430;--soft:#5a6676;--paper:#fff;--card:#f5f7fa;--line:#d7dde5;--then:#a9b6c6;
--now:#1351b4;--bad:#b3261e;--badbg:#fdecea;--good:#16682c;--goodbg:#e8f5ec;--dim:#6b5300;
--dimbg:#fff6dc;color:var(--ink);background:var(--paper);font:16px/1.5 system-ui,sans-serif;
max-width:72rem;margin:0 auto;padding:1.25rem;overflow-wrap:break-word}
@media (prefers-color-scheme:dark){.drift{--ink:#e8ecf2;--soft:#a3afbe;--paper:#12161c;
--card:#1b2129;--line:#333d4a;--then:#64748b;--now:#7db2ff;--bad:#ffb4ab;--badbg:#3d1614;
--good:#8fdca5;--goodbg:#10301a;--dim:#f3d987;--dimbg:#332a0b}html:has(>body>.drift){background:#12161c}}
body:has(>.drift){margin:0}
.drift h1{font-size:1.5rem;margin:0 0 .75rem}.drift h2{font-size:1.2rem;margin:2rem 0 .75rem}
.drift h3{font-size:1rem;margin:0}
.drift p{margin:.5rem 0}.drift .soft{color:var(--soft);font-size:.9rem}
.drift .verdict{padding:1rem 1.25rem;border-radius:.5rem;border-left:.4rem solid;font-size:1.1rem}
.drift .bad{background:var(--badbg);border-color:var(--bad)}
.drift .good{background:var(--goodbg);border-color:var(--good)}
.drift .dim{background:var(--dimbg);border-color:var(--dim)}
.drift dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:1rem 0}
.drift dt{color:var(--soft)}.drift dd{margin:0}
.drift .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));
gap:1rem;align-items:start}
.drift figure{margin:0;padding:.75rem;background:var(--card);border:1px solid var(--line);
border-radius:.5rem;break-inside:avoid}
.drift figure.alarm{border-color:var(--bad);border-width:2px}
.drift figcaption{font-size:.85rem;color:var(--soft);margin-top:.4rem}
.drift svg{width:100%;height:auto;display:block;margin-top:.5rem}
.drift svg text{fill:var(--soft);font:11px system-ui,sans-serif}
.drift .then{fill:var(--then)}.drift .now{fill:var(--now)}.drift .axis{stroke:var(--line)}
.drift .key{display:inline-block;width:.8em;height:.8em;margin-right:.3em;border-radius:2px}
.drift .key.then{background:var(--then)}.drift .key.now{background:var(--now)}
.drift .tag{font-size:.8rem;font-weight:600;white-space:nowrap}
.drift .tag.alarm{color:var(--bad)}.drift .tag.quiet{color:var(--good)}
.drift .tag.none{color:var(--soft)}
.drift .scroll{overflow-x:auto}.drift table{border-collapse:collapse;width:100%;font-size:.9rem}
.drift th,.drift td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
.drift th{color:var(--soft);font-weight:600;white-space:nowrap}
.drift td.n,.drift th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
@media (max-width:34rem){.drift dl{grid-template-columns:1fr;gap:0}.drift dd{margin-bottom:.5rem}}
@media print{.drift{max-width:none;padding:0}.drift svg{print-color-adjust:exact}}
"""


def render(report: DriftReport) -> str:
    """Return the whole page."""
    at = _moment(report.window.until)
    title = f"Mudança nos dados: modelo {report.model}, {at}"
    return (
        '<!doctype html><html lang="pt-BR"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main class="drift">{"".join(_parts(report))}</main></body></html>'
    )


def _parts(report: DriftReport) -> Iterator[str]:
    yield "<h1>Os dados mudaram desde o treino?</h1>"
    yield _verdict(report)
    yield _facts(report)
    changed = sorted(
        (item for item in report.features if item.alarm), key=lambda item: -item.effect
    )
    if changed:
        yield "<h2>O que mais mudou</h2>"
        yield _legend()
        yield _figures(changed[:_MOST_SHOWN])
    yield _domains(report.domains)
    yield "<h2>Todas as colunas</h2>"
    yield _table(report.features)
    others = [item for item in report.features if item not in changed[:_MOST_SHOWN] and item.bars]
    for group, items in groupby(others, key=lambda item: item.group):
        yield f"<h2>{escape(group)}: como era e como está</h2>"
        yield _legend()
        yield _figures(list(items))
    yield _meaning()


def _verdict(report: DriftReport) -> str:
    if not report.is_tested:
        return (
            '<p class="verdict dim"><strong>Ainda não se pode dizer.</strong> Há linhas novas de '
            f"menos: cada coluna precisa de {MIN_ROWS} ao menos.</p>"
        )
    if not report.has_drift:
        return (
            '<p class="verdict good"><strong>Não.</strong> Nada do que o modelo lê, responde ou '
            "aprende se afastou de modo relevante do que havia no treino.</p>"
        )
    alarms = report.alarms
    named = "; ".join(alarms[:_MOST_NAMED])
    more = len(alarms) - _MOST_NAMED
    rest = f"; e mais {more}" if more > 0 else ""
    count = "uma coisa se afastou" if len(alarms) == 1 else f"{len(alarms)} coisas se afastaram"
    return (
        f'<p class="verdict bad"><strong>Sim: {count} do treino.</strong> {escape(named)}{rest}. '
        "Veja se a mudança é esperada; se veio para ficar, treine o modelo de novo.</p>"
    )


def _facts(report: DriftReport) -> str:
    window = report.window
    counts = ", ".join(f"{_count(rows)} {escape(kind)}" for kind, rows in window.rows.items())
    facts = (
        ("Modelo", f"{escape(report.model)}, versão {report.version}"),
        ("Referência", f"dados do treino, em {_moment(report.reference_at)}"),
        ("Comparado", f"{escape(window.description)} São {counts}."),
        ("Verificado", f"{_moment(report.window.until)} (horário de Brasília)"),
    )
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in facts)}</dl>"


def _legend() -> str:
    return (
        '<p class="soft"><span class="key then"></span>no treino &nbsp; '
        '<span class="key now"></span>agora &nbsp; (parte das linhas em cada faixa)</p>'
    )


def _figures(items: Sequence[FeatureDrift]) -> str:
    return f'<div class="grid">{"".join(map(_figure, items))}</div>'


def _figure(item: FeatureDrift) -> str:
    label = f"{item.group}: {item.label}"
    return (
        f"<figure{' class=alarm' if item.alarm else ''}><h3>{escape(label)}</h3>"
        f"{histogram(item.bars, label) or _NO_BARS}"
        f"<figcaption>{_tag(item)} PSI {_decimal(item.psi)} · {_count(item.current_rows)} linhas"
        f"</figcaption></figure>"
    )


def _domains(domains: Sequence[DomainDrift]) -> str:
    if not domains:
        return ""
    rows = "".join(
        f'<tr><td>{escape(item.label)}</td><td class="n">'
        f"{'–' if item.auc is None else _decimal(item.auc)}</td>"
        f'<td class="n">{_probability(item.p)}</td><td class="n">{_count(item.reference_rows)} / '
        f"{_count(item.current_rows)}</td><td>{_tag(item)}</td></tr>"
        for item in domains
    )
    return (
        "<h2>Textos em conjunto</h2><p>Um classificador tenta distinguir os textos do treino dos "
        "de agora. AUC 0,5: não consegue; 1: acerta sempre.</p>"
        '<div class="scroll"><table><thead><tr><th>O que</th><th class="n">AUC</th>'
        '<th class="n">p</th><th class="n">Textos: treino / agora</th><th>Resultado</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _table(features: Sequence[FeatureDrift]) -> str:
    rows = "".join(
        f"<tr><td>{escape(item.group)}</td><td>{escape(item.label)}</td>"
        f'<td class="n">{_decimal(item.effect)}</td><td class="n">{_decimal(item.psi)}</td>'
        f'<td class="n">{_probability(item.q if item.may_alarm else item.p)}</td>'
        f'<td>{_TESTS[item.test]}</td><td class="n">{_count(item.reference_rows)} / '
        f"{_count(item.current_rows)}</td><td>{_tag(item)}</td></tr>"
        for item in features
    )
    return (
        '<div class="scroll"><table><thead><tr><th>Grupo</th><th>Coluna</th><th class="n">Efeito'
        '</th><th class="n">PSI</th><th class="n">p corrigido</th><th>Teste</th>'
        '<th class="n">Linhas: treino / agora</th><th>Resultado</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _meaning() -> str:
    psi, auc = _decimal(MATERIAL_PSI, 1), _decimal(MATERIAL_AUC, 1)
    alpha = f"{ALPHA:.0%}".replace("%", " %")
    return (
        "<h2>Como ler</h2><dl>"
        "<dt>PSI</dt><dd>Índice de estabilidade populacional: quanto as partes das linhas em cada "
        "faixa mudaram. Até 0,1 é pouco, até 0,25 é moderado, acima disso é muito.</dd>"
        "<dt>Efeito</dt><dd>O PSI menos o que o acaso sozinho daria com tão poucas linhas.</dd>"
        "<dt>p corrigido</dt><dd>Chance de ver uma diferença assim sem mudança alguma, corrigida "
        "pelo número de colunas (Holm). Nas colunas que só informam, sem correção.</dd>"
        f"<dt>Mudou</dt><dd>Efeito de {psi} ou mais e p corrigido de no máximo {alpha}; nos "
        f"textos em conjunto, AUC de {auc} ou mais e p de no máximo {alpha}.</dd>"
        "<dt>Só informa</dt><dd>A mudança é esperada: candidaturas novas ainda não têm desfecho, "
        "vagas novas ainda não têm candidatos.</dd>"
        "<dt>O que fica guardado</dt><dd>Do treino só há contagens e amostras de números; nenhum "
        "texto, nome ou código de pessoa.</dd></dl>"
    )


def _tag(item: FeatureDrift | DomainDrift) -> str:
    if item.p is None:
        return '<span class="tag none">linhas de menos</span>'
    if isinstance(item, FeatureDrift) and not item.may_alarm:
        return '<span class="tag none">só informa</span>'
    if item.alarm:
        return '<span class="tag alarm">▲ mudou</span>'
    return '<span class="tag quiet">sem mudança relevante</span>'


def _decimal(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _probability(value: float | None) -> str:
    if value is None:
        return "–"
    return "&lt; 0,001" if value < 0.001 else _decimal(value, 3)  # noqa: PLR2004


def _count(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(BRASILIA):%d/%m/%Y às %H:%M}"
