"""From the training to the report: quiet while nothing changes, loud when something does."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from praca.jobs.matching.drift import reports
from praca.jobs.matching.drift.reference import Reference
from praca.jobs.matching.drift.watched import COLUMNS
from praca.jobs.sample import SampleCity
from praca.kit.clock import utc_now
from praca.learning.drift import DriftReport, Window
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks import SCHEDULED

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
KIND = "jobs.check_drift"
URL = "/api/v1/inferencias/driftReport"


def astronomers(dsn: str, count: int) -> None:
    """Write candidates of one field, as the API would."""
    rows = [
        (
            900_000 + number,
            orjson.dumps({"nome": f"Pessoa {number}", "codigo_profissional": 900_000 + number}),
            orjson.dumps({"titulo_profissional": "Astrônoma", "area_atuacao": "Saúde"}),
            f"Telescópio, espectroscopia e fotometria no observatório {number % 7}.",
        )
        for number in range(count)
    ]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas,"
            " informacoes_profissionais, cv_pt) VALUES (%s, %s::jsonb, %s::jsonb, %s)",
            [(code, basic.decode(), work.decode(), cv) for code, basic, work, cv in rows],
        )


def rewritten(dsn: str) -> None:
    """Let every row look as if it had been written again after the training, unchanged."""
    with psycopg.connect(dsn) as connection:
        for table in ("candidates", "vacancies", "prospects"):
            connection.execute(f"UPDATE jobs.{table} SET updated_at = now()".encode())


def stored(resources: Resources) -> DriftReport:
    return DriftReport.from_json(orjson.loads(reports.latest(resources.objects, "json")))


async def test_right_after_a_training_there_is_nothing_to_compare(
    resources: Resources, run_kind: RunKind
) -> None:
    result = await run_kind(resources, KIND)
    assert (result["has_drift"], result["version"]) == (False, 1)
    assert result["rows"] == {"candidatos": 0, "vagas": 0, "candidaturas": 0}
    assert not stored(resources).is_tested


@pytest.mark.parametrize("args", [{"scope": "all"}, {"scope": "new"}])
async def test_the_same_rows_have_not_drifted(
    resources: Resources, run_kind: RunKind, city_dsn: str, args: dict[str, Any]
) -> None:
    rewritten(city_dsn)
    result = await run_kind(resources, KIND, **args)
    report = stored(resources)
    assert (result["has_drift"], result["alarms"]) == (False, [])
    assert result["rows"]["candidatos"] == 60
    assert report.is_tested
    assert max(item.psi for item in report.features) == 0
    assert (report.window.since is None) == (args["scope"] == "all")


async def test_a_flood_of_another_field_is_drift_and_says_what(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    astronomers(city_dsn, 300)
    result = await run_kind(resources, KIND)
    report = stored(resources)
    assert result["has_drift"]
    assert result["rows"] == {"candidatos": 300, "vagas": 0, "candidaturas": 0}
    alarms = {item.name for item in report.items if item.alarm}
    assert {"candidatos.area", "candidatos.texto.terms", "candidatos.texto.unfamiliar"} <= alarms
    assert not {name for name in alarms if name.startswith("vagas")}
    predictions = next(item for item in report.items if item.name == "predicoes.compatibilidade")
    assert predictions.current_rows == 36  # new people with all vacancies, each in one pair


async def test_the_window_can_leave_them_out(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    astronomers(city_dsn, 40)
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE jobs.candidates SET updated_at = now() - interval '9 days'"
            " WHERE codigo_profissional < 900020"
        )
    assert (await run_kind(resources, KIND))["rows"]["candidatos"] == 20
    assert (await run_kind(resources, KIND, scope="all"))["rows"]["candidatos"] == 100


async def test_the_reference_holds_no_text_and_no_code(resources: Resources) -> None:
    async with resources.databases.city.read() as session:
        from praca.learning import store

        champion = await store.find_champion(session, "match")
    assert champion is not None
    files = resources.objects.read_all(champion.object_key)
    reference = Reference.from_files(files)
    assert reference is not None
    assert set(reference.sketches) == set(COLUMNS)
    assert {sample.vectors.shape[1] for sample in reference.vectors.values()} == {
        reference.vectors["vagas"].vectors.shape[1]
    }
    state = files["drift-reference.json"].decode().casefold()
    for code, record in SampleCity(candidates=60, vacancies=36, seed=3).applicants():
        name = str(record["infos_basicas"]["nome"]).casefold()
        assert name not in state
        assert f'"{code}"' not in state
    watched = {name.rpartition(".")[2].removeprefix("tem_") for name in COLUMNS}
    assert not watched & {
        "sexo",
        "pcd",
        "estado_civil",
        "data_nascimento",
        "idade",
        "nome",
        "local",
    }


async def test_a_scheduled_check_without_a_model_ends_quietly(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM platform.model_aliases")
    result = await run_kind(resources, KIND, **{SCHEDULED: True})
    assert result["checked"] is False
    with pytest.raises(AssertionError, match="não foi treinado"):
        await run_kind(resources, KIND)


async def test_a_version_without_a_reference_says_so(
    resources: Resources, run_kind: RunKind
) -> None:
    async with resources.databases.city.read() as session:
        from praca.learning import store
        from praca.learning.artifacts import pack, verify

        champion = await store.find_champion(session, "match")
    assert champion is not None
    key = champion.object_key
    artifact = verify(resources.objects.read_all(key))
    files = {name: body for name, body in artifact.files.items() if "drift" not in name}
    for name in list(resources.objects.keys(key)):
        resources.objects.delete(name)
    older = pack(files, name="match", version="1", created_at=utc_now())
    resources.objects.write_all(key, older)
    with pytest.raises(AssertionError, match="treine de novo"):
        await run_kind(resources, KIND)
    assert (await run_kind(resources, KIND, **{SCHEDULED: True}))["checked"] is False


async def test_the_history_is_bounded(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "KEPT", 3)
    moments = [utc_now() + timedelta(hours=hour) for hour in range(5)]
    for moment in moments:
        window = Window(None, moment, "todas", {})
        reports.save(resources.objects, DriftReport("match", 1, moment, window, (), ()))
    kept = sorted(resources.objects.keys("drift_reports/history"))
    assert len(kept) == 6
    assert f"{moments[2]:%Y%m%dT%H%M%S}" in kept[0]
    assert stored(resources).window.until == moments[-1]


async def test_the_report_over_http(
    resources: Resources,
    client: httpx.AsyncClient,
    make_account: MakeAccount,
    run_kind: RunKind,
    city_dsn: str,
) -> None:
    recruiter = (await make_account("bia", "recrutador"))["headers"]
    astronomers(city_dsn, 300)
    started = await client.post(URL, params={"days": 7}, headers=recruiter)
    assert started.status_code == 202
    again = await client.post(URL, headers=recruiter)
    assert (again.status_code, again.json()["code"]) == (409, TaskAlreadyRunningError.code)
    await run_kind(resources, "jobs.index_match")  # its worker runs the check, too

    contract = await client.get(URL, headers=recruiter)
    assert set(contract.json()) == {"drift_report"}
    page = await client.get(URL, params={"format": "html"}, headers=recruiter)
    assert page.text == contract.json()["drift_report"]
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "<strong>Sim:" in page.text
    assert len(page.content) < 300_000
    figures = (await client.get(URL, params={"format": "json"}, headers=recruiter)).json()
    assert (figures["has_drift"], figures["model"], figures["version"]) == (True, "match", 1)


@pytest.mark.parametrize(
    ("method", "params"),
    [("GET", {"format": "pdf"}), ("POST", {"days": 0}), ("POST", {"scope": "x"})],
)
async def test_absurd_questions_are_refused(
    client: httpx.AsyncClient, make_account: MakeAccount, method: str, params: dict[str, Any]
) -> None:
    recruiter = (await make_account("bia", "recrutador"))["headers"]
    answer = await client.request(method, URL, params=params, headers=recruiter)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_check_needs_a_model(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    recruiter = (await make_account("bia", "recrutador"))["headers"]
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM platform.model_aliases")
    answer = await client.post(URL, headers=recruiter)
    assert (answer.status_code, answer.json()["code"]) == (503, "match_model_missing")
    with psycopg.connect(city_dsn) as connection:
        found = connection.execute(
            "SELECT count(*) FROM platform.task_runs WHERE kind = %s", [KIND]
        ).fetchone()
    assert found == (0,)
