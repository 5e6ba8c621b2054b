"""Scores that one can question: over HTTP, and again later."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from praca.entrypoints.api import create_app
from praca.jobs.matching import Matcher, archive
from praca.jobs.matching.archive import Archive
from praca.jobs.matching.errors import ModelVersionUnreadableError, SnapshotNotFoundError
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.score_snapshots import find_snapshot
from praca.jobs.matching.snapshots import load_model
from praca.learning.store import ModelVersionNotFoundError
from praca.platform.resources import Resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
Json = dict[str, Any]
EXPLAIN = "/api/v1/inferencias/explain"
PREDICT = "/api/v1/inferencias/matchModel/predict"
EXACT = 1e-6


@pytest.fixture
def matched(client: httpx.AsyncClient, matcher: Matcher) -> httpx.AsyncClient:
    """The client of an application whose model is loaded."""
    client.app.state.matcher = matcher  # type: ignore[attr-defined]
    return client


@pytest.fixture
async def staff(make_account: MakeAccount) -> dict[str, str]:
    headers: dict[str, str] = (await make_account("bia", "recrutador"))["headers"]
    return headers


@pytest.fixture
def pair(city_dsn: str) -> dict[str, int]:
    """An application of the sample city whose two sides are stored."""
    query = (
        "SELECT codigo_vaga, codigo_candidato FROM jobs.prospects"
        " JOIN jobs.candidates ON codigo_profissional = codigo_candidato"
        " JOIN jobs.vacancies USING (codigo_vaga) ORDER BY 1, 2 LIMIT 1"
    )
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return {"codigo_vaga": row[0], "codigo_candidato": row[1]}


def execute(dsn: str, statement: str, *values: Any) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode(), values)


def kept(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM jobs.score_snapshots").fetchone()
    assert row is not None
    return int(row[0])


def publish_again(dsn: str) -> None:
    """Publish the files of version 1 as version 2, which answers nobody."""
    execute(
        dsn,
        "INSERT INTO platform.models (name, version, object_key, manifest)"
        " SELECT name, 2, object_key, manifest FROM platform.models WHERE version = 1",
    )


def check_sums(body: Json) -> None:
    total = body["intercepto"] + sum(one["valor"] for one in body["contribuicoes"])
    assert total == pytest.approx(body["logit"], abs=EXACT)
    for one in body["contribuicoes"]:
        shares = sum(term["parcela"] for term in one["termos"]) + one["parcela_dos_outros"]
        assert not one["termos"] or shares == pytest.approx(one["valor"], abs=EXACT)


async def test_a_score_is_noted_and_a_list_of_them_is_not(
    resources: Resources,
    matcher: Matcher,
    staff: dict[str, str],
    pair: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL", "on")
    app = create_app(Settings.load(), resources)
    app.state.matcher = matcher
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as noting:
        scored = await noting.post(PREDICT, json={"cv_candidato": "python"}, headers=staff)
        explained = await noting.get(EXPLAIN, params=pair, headers=staff)
        listed = await noting.get(f"/api/v1/vagas/{pair['codigo_vaga']}/candidatos", headers=staff)
    assert [scored.status_code, explained.status_code, listed.status_code] == [200] * 3
    await app.state.journal.flush()
    with psycopg.connect(resources.databases.city.dsn) as connection:
        noted = connection.execute(
            "SELECT model, version, output FROM platform.prediction_log ORDER BY at, id"
        ).fetchall()
    shown = [scored.json()["match_probability"], explained.json()["match_probability"]]
    assert noted == [("match", 1, f"{one:.1f}") for one in shown]


async def test_a_hire_is_estimated_beside_the_score_and_says_what_it_is_worth(
    matched: httpx.AsyncClient, staff: dict[str, str], pair: dict[str, int]
) -> None:
    hired = (await matched.get(EXPLAIN, params=pair, headers=staff)).json()["contratacao"]
    assert 0 <= hired["minimo"] <= hired["probabilidade"] <= hired["maximo"] <= 100
    if not hired["distingue_candidatos"]:
        assert hired["probabilidade"] == hired["taxa_base"]


async def test_an_explanation_adds_up_and_quotes_the_cv(
    matched: httpx.AsyncClient, staff: dict[str, str], pair: dict[str, int], city_dsn: str
) -> None:
    answer = await matched.get(EXPLAIN, params=pair, headers=staff)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Praca-Model"] == "match/1"
    body = answer.json()
    check_sums(body)
    assert body["modelo"] == {"nome": "match", "versao": 1}
    assert body["motivos"]
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute(
            "SELECT cv_pt FROM jobs.candidates WHERE codigo_profissional = %s",
            [pair["codigo_candidato"]],
        ).fetchone()
        told = connection.execute(
            "SELECT resource_id FROM platform.audit_log WHERE action = 'jobs.score_explained'"
            " ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    quoted = [part for part in body["trechos"] if part["campo"] == "cv"]
    assert quoted
    for part in quoted:
        assert row[0][part["inicio"] : part["fim"]] == part["texto"]
    assert told == (f"{pair['codigo_vaga']}/{pair['codigo_candidato']}",)
    assert kept(city_dsn) == 0


async def test_every_way_to_a_score_gives_the_same_score(
    matched: httpx.AsyncClient,
    matcher: Matcher,
    staff: dict[str, str],
    pair: dict[str, int],
) -> None:
    code = pair["codigo_vaga"]
    ranking = (
        await matched.get(f"/api/v1/vagas/{code}/candidatos?limit=100", headers=staff)
    ).json()
    rows = {row["codigo_profissional"]: row for row in ranking["data"]}
    logits = [row["logit"] for row in ranking["data"]]
    assert len(rows) == 60
    assert logits == sorted(logits, reverse=True)
    for row in ranking["data"][:5]:
        total = ranking["intercepto"] + sum(row["contribuicoes"].values())
        assert total == pytest.approx(row["logit"], abs=EXACT)
        assert len(row["trechos"]) <= 3
    score = await matcher.explain(code, pair["codigo_candidato"])
    explained = (await matched.get(EXPLAIN, params=pair, headers=staff)).json()
    predicted = matcher.predict(score.snapshot.candidate, score.snapshot.vacancy)
    ranked = rows[pair["codigo_candidato"]]
    assert explained["logit"] == score.explanation.logit == ranked["logit"]
    assert predicted.probability == score.explanation.probability
    assert explained["match_probability"] == ranked["match_probability"]


async def test_recommendations_are_in_order_of_the_exact_score(
    matcher: Matcher, pair: dict[str, int]
) -> None:
    candidate = (await matcher.explain(**pair)).snapshot.candidate
    found = await matcher.recommend(candidate, 10)
    logits = [
        (await matcher.explain(vacancy["codigo_vaga"], pair["codigo_candidato"])).explanation.logit
        for vacancy in found.vacancies
    ]
    assert len(logits) == 10
    assert logits == sorted(logits, reverse=True)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"codigo_vaga": 77}, 404, "match_vacancy_not_found"),
        ({"codigo_candidato": 77}, 404, "candidate_not_found"),
        ({"versao": 9}, 404, "model_version_not_found"),
        ({"instantaneo": "0" * 64}, 404, "score_snapshot_not_found"),
        ({"instantaneo": "tudo"}, 422, "validation_error"),
        ({"versao": 0}, 422, "validation_error"),
        ({"codigo_vaga": "x"}, 422, "validation_error"),
    ],
)
async def test_what_is_not_there_is_not_explained(
    matched: httpx.AsyncClient,
    staff: dict[str, str],
    pair: dict[str, int],
    change: Json,
    status: int,
    code: str,
) -> None:
    answer = await matched.get(EXPLAIN, params={**pair, **change}, headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_without_a_model_nothing_is_explained(
    client: httpx.AsyncClient, staff: dict[str, str], pair: dict[str, int]
) -> None:
    answer = await client.get(EXPLAIN, params=pair, headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (503, "match_model_missing")


async def test_a_citizen_sees_his_own_explanation_only(
    matched: httpx.AsyncClient, make_account: MakeAccount, pair: dict[str, int], city_dsn: str
) -> None:
    ana = await make_account("ana")
    other = {**pair, "codigo_candidato": 1}
    for asked in (pair, other):
        answer = await matched.get(EXPLAIN, params=asked, headers=ana["headers"])
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    execute(
        city_dsn,
        "INSERT INTO jobs.candidate_accounts (account_id, codigo_profissional) VALUES (%s, %s)",
        ana["id"],
        pair["codigo_candidato"],
    )
    assert (await matched.get(EXPLAIN, params=pair, headers=ana["headers"])).status_code == 200
    assert (await matched.get(EXPLAIN, params=other, headers=ana["headers"])).status_code == 403
    both = f"{EXPLAIN}?codigo_vaga=1&codigo_candidato={pair['codigo_candidato']}&codigo_candidato=1"
    assert (await matched.get(both, headers=ana["headers"])).status_code in {403, 404}


async def test_a_citizen_keeps_nothing_and_asks_what_has_answered(
    matched: httpx.AsyncClient,
    make_account: MakeAccount,
    staff: dict[str, str],
    pair: dict[str, int],
    city_dsn: str,
) -> None:
    ana = await make_account("ana")
    execute(
        city_dsn,
        "INSERT INTO jobs.candidate_accounts (account_id, codigo_profissional) VALUES (%s, %s)",
        ana["id"],
        pair["codigo_candidato"],
    )
    answer = await matched.get(EXPLAIN, params={**pair, "guardar": True}, headers=ana["headers"])
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert kept(city_dsn) == 0
    publish_again(city_dsn)
    second, third = {**pair, "versao": 2}, {**pair, "versao": 3}
    for asked in (second, third):
        answer = await matched.get(EXPLAIN, params=asked, headers=ana["headers"])
        assert (answer.status_code, answer.json()["code"]) == (404, "model_version_not_found")
    assert (await matched.get(EXPLAIN, params=second, headers=staff)).status_code == 200
    execute(city_dsn, "UPDATE platform.models SET promoted_at = now() WHERE version = 2")
    answered = await matched.get(EXPLAIN, params=second, headers=ana["headers"])
    assert answered.headers["X-Praca-Model"] == "match/2"


async def test_where_data_are_public_only_who_signs_in_asks_for_more(
    monkeypatch: pytest.MonkeyPatch,
    resources: Resources,
    matcher: Matcher,
    pair: dict[str, int],
    city_dsn: str,
    make_account: MakeAccount,
) -> None:
    rui = (await make_account("rui"))["headers"]
    bia = (await make_account("bia", "recrutador"))["headers"]
    monkeypatch.setenv("PRACA_JOBS_ACCESS", "public")
    settings = Settings.load()
    app = create_app(settings, replace(resources, settings=settings))
    app.state.matcher = matcher
    callers: list[dict[str, str]] = [{}, rui, bia]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def status(headers: dict[str, str], **more: Any) -> int:
            answer = await client.get(EXPLAIN, params={**pair, **more}, headers=headers)
            return answer.status_code

        for current in ({}, {"versao": 1}):
            assert [await status(who, **current) for who in callers] == [200] * 3
        assert [await status(who, guardar=True) for who in callers] == [401, 403, 200]
        assert kept(city_dsn) == 1
        assert [await status(who, versao=2) for who in callers] == [401, 404, 404]
        none = "0" * 64
        assert [await status(who, instantaneo=none) for who in callers] == [401, 404, 404]


async def test_a_load_does_not_keep_those_waiting_whose_model_is_in_memory(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_again(city_dsn)
    opened, loading, release = Archive(resources), asyncio.Event(), asyncio.Event()
    loads: list[str] = []

    async def slow_load(resources: Resources, key: str) -> MatchModel:
        loads.append(key)
        if len(loads) > 1:
            loading.set()
            await release.wait()
        return await load_model(resources, key)

    monkeypatch.setattr(archive, "load_model", slow_load)
    first = await opened.model(1)
    others = [asyncio.create_task(opened.model(2)) for _ in range(3)]
    await loading.wait()
    assert await asyncio.wait_for(opened.model(1), 20) is first
    with pytest.raises(ModelVersionNotFoundError):
        await asyncio.wait_for(opened.model(9), 20)
    assert not any(task.done() for task in others)
    release.set()
    assert len({id(model) for model in await asyncio.gather(*others)}) == 1
    assert len(loads) == 2


async def test_a_kept_score_holds_the_log_odds_of_then(
    matched: httpx.AsyncClient,
    resources: Resources,
    staff: dict[str, str],
    pair: dict[str, int],
    city_dsn: str,
) -> None:
    first = (await matched.get(EXPLAIN, params={**pair, "guardar": True}, headers=staff)).json()
    for change in (0.0, 0.5):
        execute(city_dsn, "UPDATE jobs.score_snapshots SET logit = logit + %s", change)
        async with resources.databases.city.read() as session:
            found = await find_snapshot(session, first["instantaneo"])
        assert found is not None
        assert found.logit == first["logit"] + change


async def test_a_kept_score_is_reproduced_whatever_changed(
    matched: httpx.AsyncClient,
    matcher: Matcher,
    resources: Resources,
    run_kind: RunKind,
    staff: dict[str, str],
    pair: dict[str, int],
    city_dsn: str,
) -> None:
    first = (await matched.get(EXPLAIN, params={**pair, "guardar": True}, headers=staff)).json()
    code = pair["codigo_candidato"]
    execute(
        city_dsn,
        "UPDATE jobs.candidates SET cv_pt = 'Outra vida.', changed_in = pg_current_xact_id()"
        " WHERE codigo_profissional = %s",
        code,
    )
    await run_kind(resources, "jobs.train_match", seed=5)
    await matcher.refresh()
    now = (await matched.get(EXPLAIN, params=pair, headers=staff)).json()
    assert now["modelo"]["versao"] == 2
    assert now["logit"] != first["logit"]
    assert now["instantaneo"] != first["instantaneo"]
    asked = {**pair, "instantaneo": first["instantaneo"]}
    again = await matched.get(EXPLAIN, params=asked, headers=staff)
    assert again.headers["X-Praca-Model"] == "match/1"
    assert again.json() == first  # the same numbers, to the last bit
    older = (await matched.get(EXPLAIN, params={**pair, "versao": 1}, headers=staff)).json()
    assert older["modelo"]["versao"] == 1
    assert older["logit"] not in {first["logit"], now["logit"]}
    wrong = {**asked, "versao": 2}
    for change in (wrong, {**asked, "codigo_candidato": code + 1}):
        answer = await matched.get(EXPLAIN, params=change, headers=staff)
        assert answer.json()["code"] == "score_snapshot_not_found"
    # Files of the version that are not those of then are noticed.
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT object_key FROM platform.models WHERE version = 1")
        (key,) = row.fetchone() or ("",)
    resources.objects.write(f"{key}/lsa.npy", b"altered")
    opened = Matcher(resources)
    with pytest.raises(ModelVersionUnreadableError):
        await opened.reproduce(first["instantaneo"])


async def test_an_altered_snapshot_is_not_reproduced(
    matched: httpx.AsyncClient, staff: dict[str, str], pair: dict[str, int], city_dsn: str
) -> None:
    first = (await matched.get(EXPLAIN, params={**pair, "guardar": True}, headers=staff)).json()
    execute(city_dsn, """UPDATE jobs.score_snapshots SET candidate = candidate || '{"cv": "x"}'""")
    asked = {**pair, "instantaneo": first["instantaneo"]}
    answer = await matched.get(EXPLAIN, params=asked, headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (503, "model_version_unreadable")


async def test_a_snapshot_holds_no_protected_field_and_goes_with_its_candidate(
    matched: httpx.AsyncClient,
    matcher: Matcher,
    staff: dict[str, str],
    pair: dict[str, int],
    city_dsn: str,
) -> None:
    for _ in range(2):  # the same score is one snapshot
        await matched.get(EXPLAIN, params={**pair, "guardar": True}, headers=staff)
    with psycopg.connect(city_dsn) as connection:
        rows = connection.execute("SELECT hash, candidate FROM jobs.score_snapshots").fetchall()
    ((snapshot_hash, candidate),) = rows
    assert not candidate.keys() & {"sexo", "estado_civil", "pcd", "data_nascimento", "cpf", "nome"}
    execute(
        city_dsn,
        "DELETE FROM jobs.candidates WHERE codigo_profissional = %s",
        pair["codigo_candidato"],
    )
    assert kept(city_dsn) == 0
    with pytest.raises(SnapshotNotFoundError):
        await matcher.reproduce(snapshot_hash)
