"""A version is promoted only through its gate; one on trial is counted and answers nobody."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.integration.cities import import_city

from praca.jobs.matching import Matcher
from praca.jobs.matching.holdout import is_held_out
from praca.jobs.matching.tasks import train
from praca.jobs.sample import SampleCity
from praca.learning import store
from praca.platform.resources import Resources
from praca.platform.settings import Tracking, TrackingSettings
from praca.platform.tasks import TaskContext

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
PREDICT = "/api/v1/inferencias/matchModel/predict"
MODELS = "/api/v1/models/match"


@pytest.fixture
def larger_city(city_dsn: str, tmp_path: Path) -> str:
    """The trained city with enough vacancies to compare versions on."""
    sample = SampleCity(candidates=60, vacancies=110, seed=3)
    import_city(city_dsn, sample, tmp_path, only="vagas prospects")
    return city_dsn


def spoil_what_is_learned_from(dsn: str) -> None:
    """Give every application outside the hold-out to somebody else."""
    with psycopg.connect(dsn) as connection:
        codes = [row[0] for row in connection.execute("SELECT codigo_vaga FROM jobs.vacancies")]
        learned = [code for code in codes if not is_held_out(code)]
        shift = "UPDATE jobs.prospects SET codigo_candidato = {} WHERE codigo_vaga = ANY(%s)"
        first = connection.execute("SELECT min(codigo_profissional) FROM jobs.candidates")
        (lowest,) = first.fetchone() or (0,)
        # In two steps, by way of codes that nobody has: one person applies once to a vacancy.
        connection.execute(shift.format("codigo_candidato + 50000000"), [learned])
        connection.execute(
            shift.format(f"{lowest} + (codigo_candidato - 50000000 - {lowest} + 23) %% 60"),
            [learned],
        )


async def test_training_again_on_better_data_goes_through_the_gate(
    larger_city: str, resources: Resources, run_kind: RunKind
) -> None:
    result = await run_kind(resources, "jobs.train_match")
    assert result["promoted"] is True, result["reasons"]
    assert result["version"] == 2
    assert any("mrr não é pior" in reason for reason in result["reasons"])
    assert result["metrics"]["holdout_vacancies"] >= 10
    assert larger_city


async def test_a_worse_version_is_published_but_does_not_answer(
    larger_city: str,
    client: httpx.AsyncClient,
    resources: Resources,
    matcher: Matcher,
    run_kind: RunKind,
    make_account: MakeAccount,
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    spoil_what_is_learned_from(larger_city)
    result = await run_kind(resources, "jobs.train_match")
    assert result["promoted"] is False
    assert "mrr é pior" in " ".join(result["reasons"])
    await matcher.refresh()
    assert matcher.version == 1

    listed = (await client.get(MODELS, headers=operator)).json()["data"]
    assert [(item["version"], item["is_champion"]) for item in listed] == [(2, False), (1, True)]
    assert listed[0]["gate"]["accepted"] is False
    assert listed[0]["promoted_at"] is None

    refused = await client.post(f"{MODELS}/promote", json={"version": 2}, headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (409, "model_gate_refused")
    assert "mrr é pior" in refused.json()["detail"]
    body = {"version": 2, "force": True}
    forced = await client.post(f"{MODELS}/promote", json=body, headers=operator)
    assert forced.json()["is_champion"] is True
    with psycopg.connect(larger_city) as connection:
        noted = connection.execute(
            "SELECT resource_id FROM platform.audit_log WHERE action = 'models.promoted_by_force'"
        ).fetchall()
    assert noted == [("match/2",)]


@contextlib.asynccontextmanager
async def watching(matcher: Matcher) -> AsyncIterator[None]:
    task = asyncio.create_task(matcher.watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_version_on_trial_is_counted_and_answers_nobody(
    client: httpx.AsyncClient,
    resources: Resources,
    matcher: Matcher,
    run_kind: RunKind,
    make_account: MakeAccount,
) -> None:
    client.app.state.matcher = matcher  # type: ignore[attr-defined]
    operator = (await make_account("olga", "operador"))["headers"]
    await run_kind(resources, "jobs.train_match", seed=5)
    await client.post(f"{MODELS}/rollback", headers=operator)
    chosen = await client.put(f"{MODELS}/shadow", json={"version": 2}, headers=operator)
    assert chosen.json() == {"version": 2, "data": []}

    async with watching(matcher), asyncio.timeout(30):
        asked = 0
        while True:
            body = {"titulo_profissional": "Enfermeira", "titulo_vaga": f"Enfermeira {asked}"}
            answer = await client.post(PREDICT, json=body)
            assert answer.headers["X-Praca-Model"] == "match/1"
            asked += 1
            report = (await client.get(f"{MODELS}/shadow", headers=operator)).json()
            if report["data"] and report["data"][0]["answers"] >= 5:
                break
    (row,) = report["data"]
    assert (row["champion"], row["challenger"], row["failures"]) == (1, 2, 0)
    assert 0 < row["mean_absolute"] <= row["largest"] < 1
    assert row["answers"] <= asked

    ended = await client.put(f"{MODELS}/shadow", json={"version": None}, headers=operator)
    assert ended.json()["version"] is None


async def test_a_broken_version_on_trial_harms_nobody(
    client: httpx.AsyncClient,
    resources: Resources,
    matcher: Matcher,
    run_kind: RunKind,
    city_dsn: str,
    make_account: MakeAccount,
) -> None:
    client.app.state.matcher = matcher  # type: ignore[attr-defined]
    operator = (await make_account("olga", "operador"))["headers"]
    await run_kind(resources, "jobs.train_match", seed=5)
    await client.post(f"{MODELS}/rollback", headers=operator)
    await matcher.refresh()
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT object_key FROM platform.models WHERE version = 2")
        (key,) = row.fetchone() or ("",)
    resources.objects.write(f"{key}/lsa.npy", b"broken")
    await client.put(f"{MODELS}/shadow", json={"version": 2}, headers=operator)
    async with watching(matcher):
        await asyncio.sleep(0)
        for _ in range(20):
            answer = await client.post(PREDICT, json={"titulo_vaga": "Enfermeira"})
            assert (answer.status_code, answer.headers["X-Praca-Model"]) == (200, "match/1")
    assert (await client.get("/api/v1/ready")).json()["model"] is True


async def test_a_version_that_is_promoted_is_no_longer_on_trial(
    client: httpx.AsyncClient,
    resources: Resources,
    run_kind: RunKind,
    make_account: MakeAccount,
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    await run_kind(resources, "jobs.train_match", seed=5)
    await client.post(f"{MODELS}/rollback", headers=operator)
    await client.put(f"{MODELS}/shadow", json={"version": 2}, headers=operator)
    promoted = await client.post(f"{MODELS}/promote", json={"version": 2}, headers=operator)
    assert promoted.json()["is_shadow"] is False
    assert (await client.get(f"{MODELS}/shadow", headers=operator)).json()["version"] is None


async def test_what_answers_cannot_be_tried_nor_stays_on_trial_after_a_rollback(
    client: httpx.AsyncClient,
    resources: Resources,
    run_kind: RunKind,
    make_account: MakeAccount,
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    refused = await client.put(f"{MODELS}/shadow", json={"version": 1}, headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (409, "model_shadow_is_champion")
    await run_kind(resources, "jobs.train_match", seed=5)
    await client.put(f"{MODELS}/shadow", json={"version": 1}, headers=operator)
    await client.post(f"{MODELS}/rollback", headers=operator)
    assert (await client.get(f"{MODELS}/shadow", headers=operator)).json()["version"] is None


async def test_a_champion_that_learned_from_the_hold_out_is_not_compared_with(
    larger_city: str, resources: Resources, run_kind: RunKind
) -> None:
    with psycopg.connect(larger_city) as connection:
        connection.execute("UPDATE platform.models SET manifest = manifest #- '{params,held_out}'")
    result = await run_kind(resources, "jobs.train_match")
    assert result["promoted"] is True
    assert "Não há versão em uso com a qual comparar." in result["reasons"]


async def test_only_published_versions_can_be_tried(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    answer = await client.put(f"{MODELS}/shadow", json={"version": 42}, headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "model_version_not_found")


async def test_a_run_that_a_killed_training_did_not_note_is_noted_by_the_next_attempt(
    resources: Resources, matcher: Matcher
) -> None:
    run_id = uuid4()
    first = await train(TaskContext(run_id, resources), {})
    assert first["promoted"] is True
    assert "MLflow" in first["tracking"], "tracking is off: the result says so"
    tracking = TrackingSettings(tracking=Tracking.MLFLOW)
    tracked = dataclasses.replace(
        resources, settings=dataclasses.replace(resources.settings, tracking=tracking)
    )
    again = await train(TaskContext(run_id, tracked), {})
    assert again["version"] == first["version"] == 2
    async with resources.databases.city.read() as session:
        version = await store.require_version(session, "match", 2)
    assert again["tracking"] == version.tracking_run
    assert again == await train(TaskContext(run_id, tracked), {}), "noted once"
    await matcher.refresh()
    assert matcher.version == 2
