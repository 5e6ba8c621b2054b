"""What clients of the old model server are answered, at the root and under ``/api/v1``."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from praca.entrypoints.api import create_app
from praca.identity.tokens import AccessTokens
from praca.platform.resources import Resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Working = Callable[[], AbstractAsyncContextManager[None]]

TEXTS = {
    "principais_atividades": "Desenvolver APIs REST em Python e Flask",
    "competencia_tecnicas_e_comportamentais": "Experiência com Docker, AWS, boas práticas",
    "cv_pt": "Engenheiro de software com 6 anos de experiência em Python, Flask, AWS e ML",
}
DOCUMENTED = {
    "status", "model_version", "auc", "best_c", "best_cv_score", "mean_cv_score", "std_cv_score",
    "precision", "recall", "f1_score", "accuracy", "confusion_matrix", "class_distribution",
}  # fmt: skip
MARKS = "\u0301\u0323" * 100_000  # normalised as it stands, it takes a minute
EVERYWHERE = pytest.mark.parametrize("prefix", ["", "/api/v1"])


@pytest.fixture
async def citizen(make_account: MakeAccount) -> dict[str, str]:
    return dict((await make_account("ana"))["headers"])


@pytest.fixture
async def recruiter(make_account: MakeAccount) -> dict[str, str]:
    return dict((await make_account("bia", "recrutador"))["headers"])


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    """Tell whether it is a problem document that old clients can read, too."""
    body = answer.json()
    return (
        (answer.status_code, body["status"], body["code"]) == (status, status, code)
        and answer.headers["content-type"] == "application/problem+json"
        and isinstance(body["detail"], str)
        and isinstance(body["error"], str)
    )


@EVERYWHERE
async def test_a_prediction_is_answered_as_documented(
    client: httpx.AsyncClient, citizen: dict[str, str], prefix: str
) -> None:
    answer = await client.post(f"{prefix}/predict", json=TEXTS, headers=citizen)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"probability", "prediction", "confidence", "model_version"}
    assert 0 <= body["probability"] <= 1
    hired = body["probability"] > 0.5
    assert body["prediction"] == ("Contratado" if hired else "Não contratado")
    assert math.isclose(body["confidence"], abs(body["probability"] - 0.5) * 2)
    assert body["model_version"] == 1
    assert answer.headers["X-Praca-Model"] == "hiring/1"


async def test_a_prediction_is_noted_without_what_was_asked(
    resources: Resources, city_dsn: str, make_account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL", "on")
    headers = (await make_account("ana"))["headers"]
    app = create_app(Settings.load(), resources)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as noting:
        said = (await noting.post("/predict", json=TEXTS, headers=headers)).json()["prediction"]
    await app.state.journal.flush()
    with psycopg.connect(city_dsn) as connection:
        query = (
            "SELECT model, version, output, ms > 0, position('Python' IN p::text)"
            " FROM platform.prediction_log p"
        )
        assert connection.execute(query).fetchall() == [("hiring", 1, said, True, 0)]


async def test_a_body_without_an_object_is_refused(
    client: httpx.AsyncClient, citizen: dict[str, str]
) -> None:
    headers = {**citizen, "Content-Type": "application/json"}
    for content in ("", "{}", "[]", "null", "não é JSON", "[" * 100_000):
        for path in ("/predict", "/api/v1/predict"):
            answer = await client.post(path, content=content, headers=headers)
            assert is_problem(answer, 400, "missing_json"), content[:20]
            assert answer.json()["error"] == "No JSON data provided"
    as_form = await client.post("/predict", data=TEXTS, headers=citizen)
    assert is_problem(as_form, 400, "missing_json")


async def test_every_text_is_required(client: httpx.AsyncClient, citizen: dict[str, str]) -> None:
    bodies = [{**TEXTS, name: value} for name in TEXTS for value in (None, "", 5, ["texto"])]
    bodies += [{key: TEXTS[key] for key in TEXTS if key != name} for name in TEXTS]
    for body in bodies:
        answer = await client.post("/predict", json=body, headers=citizen)
        assert is_problem(answer, 400, "missing_texts"), body
        assert answer.json()["error"].startswith("All fields (")


async def test_a_text_that_is_too_long_is_refused_by_name(
    client: httpx.AsyncClient, citizen: dict[str, str]
) -> None:
    body = {**TEXTS, "cv_pt": "a" * 200_001}
    answer = await client.post("/predict", json=body, headers=citizen)
    assert is_problem(answer, 422, "validation_error")
    assert answer.json()["errors"][0]["loc"] == ["body", "cv_pt"]


async def test_odd_texts_are_scored(client: httpx.AsyncClient, citizen: dict[str, str]) -> None:
    headers = {**citizen, "Content-Type": "application/json"}
    for text in (" ", "\x00", "\ud800", "__loader__ __class__", "🙂" * 999, MARKS):
        body = json.dumps(dict.fromkeys(TEXTS, text))
        answer = await client.post("/predict", content=body, headers=headers)
        assert answer.status_code == 200, ascii(text)


async def test_before_any_training_it_is_unavailable(
    untrained: httpx.AsyncClient, citizen: dict[str, str]
) -> None:
    answer = await untrained.post("/predict", json=TEXTS, headers=citizen)
    assert is_problem(answer, 503, "hiring_model_missing")
    assert answer.json()["error"] == "Model not found. Run /train first."


async def test_a_version_that_cannot_be_read_is_not_taken_for_none(
    client: httpx.AsyncClient, citizen: dict[str, str], resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        (key,) = connection.execute("SELECT object_key FROM platform.models").fetchone() or ("",)
    resources.objects.write(f"{key}/pipeline.skops", b"nada")
    for _ in range(2):
        answer = await client.post("/predict", json=TEXTS, headers=citizen)
        assert is_problem(answer, 503, "model_artifact_invalid")
        assert "não pode ser lida" in answer.json()["error"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/train"), ("POST", "/api/v1/predict")])
async def test_tokens_that_do_not_count_are_told_in_the_old_words(
    client: httpx.AsyncClient, settings: Settings, method: str, path: str
) -> None:
    issued = AccessTokens(settings.signing_key, lifetime=timedelta(seconds=-1)).issue(1, 0)
    foreign = AccessTokens("x" * 32, lifetime=timedelta(hours=1)).issue(1, 0)
    nobody = AccessTokens(settings.signing_key, lifetime=timedelta(hours=1)).issue(77, 0)
    expected = {
        None: "Missing Authorization Header",
        "Basic YTpi": "Missing 'Bearer' type in 'Authorization' header."
        " Expected 'Authorization: Bearer <JWT>'",
        "Bearer nada": "Not enough segments",
        f"Bearer {foreign}": "Signature verification failed",
        f"Bearer {issued}": "Token has expired",
        f"Bearer {nobody}": "Token has been revoked",
    }
    for header, text in expected.items():
        headers = {} if header is None else {"Authorization": header}
        answer = await client.request(method, path, json=TEXTS, headers=headers)
        body = answer.json()
        assert (answer.status_code, body["msg"], body["error"]) == (401, text, text)
        assert body["detail"] != text
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_citizen_may_not_train(client: httpx.AsyncClient, citizen: dict[str, str]) -> None:
    answer = await client.get("/train", headers=citizen)
    assert is_problem(answer, 403, "forbidden")


async def test_a_training_is_waited_for_and_answered_as_documented(
    client: httpx.AsyncClient, recruiter: dict[str, str], working: Working
) -> None:
    before = (await client.post("/predict", json=TEXTS, headers=recruiter)).json()
    async with working():
        answer = await client.get("/train", headers=recruiter)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= DOCUMENTED
    assert (body["status"], body["model_version"]) == ("Training completed successfully!", 2)
    counts = body["confusion_matrix"]
    assert set(counts) == {
        "true_negatives", "false_positives", "false_negatives", "true_positives",
    }  # fmt: skip
    right = counts["true_negatives"] + counts["true_positives"]
    assert math.isclose(body["accuracy"], right / sum(counts.values()))
    assert math.isclose(sum(body["class_distribution"].values()), 1)
    assert body["best_c"] in {0.1, 1.0, 10.0}
    assert body["auc_low"] <= body["auc"] <= body["auc_high"]
    assert body["baseline_auc"] == 0.5
    assert "auc_unseen" in body
    await client.app.state.hiring.refresh()  # type: ignore[attr-defined]
    after = (await client.post("/predict", json=TEXTS, headers=recruiter)).json()
    assert (before["model_version"], after["model_version"]) == (1, 2)
    assert math.isclose(before["probability"], after["probability"])  # from equal data


async def test_only_one_training_runs_at_a_time(
    client: httpx.AsyncClient, recruiter: dict[str, str]
) -> None:
    started = await client.get("/train", params={"wait": "false"}, headers=recruiter)
    for path in ("/train", "/api/v1/train"):
        second = await client.get(path, headers=recruiter)
        assert is_problem(second, 409, "task_already_running")
        assert "already in progress" in second.json()["error"]
        assert second.json()["task_id"] == started.json()["task_id"]


async def test_without_waiting_the_task_is_named(
    client: httpx.AsyncClient, recruiter: dict[str, str], working: Working
) -> None:
    answer = await client.get("/api/v1/train", params={"wait": "false"}, headers=recruiter)
    assert answer.status_code == 202
    task = f"/api/v1/tasks/{answer.json()['task_id']}"
    assert answer.headers["Location"] == task
    async with working(), asyncio.timeout(60):
        while (run := (await client.get(task, headers=recruiter)).json())["status"] != "succeeded":
            assert run["status"] in {"queued", "running"}
            await asyncio.sleep(0.05)
    assert set(run["result"]) >= DOCUMENTED


async def test_when_the_wait_is_over_the_task_is_named(
    client: httpx.AsyncClient,
    recruiter: dict[str, str],
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = resources.settings.hiring.model_copy(update={"train_wait_s": 0.05})
    monkeypatch.setitem(vars(resources.settings), "hiring", short)
    answer = await client.get("/train", headers=recruiter)  # nobody works on it
    assert (answer.status_code, set(answer.json())) == (202, {"message", "task_id"})


async def test_a_training_that_fails_says_why(
    client: httpx.AsyncClient, recruiter: dict[str, str], city_dsn: str, working: Working
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE jobs.prospects SET situacao_candidato = 'Inscrito'")
    async with working():
        answer = await client.get("/train", headers=recruiter)
    assert is_problem(answer, 409, "training_failed")
    assert answer.json()["error"].startswith("Há candidaturas de menos")
    assert (await client.post("/predict", json=TEXTS, headers=recruiter)).status_code == 200


async def test_a_training_that_is_cancelled_says_so(
    client: httpx.AsyncClient, recruiter: dict[str, str]
) -> None:
    async def cancel() -> None:
        async with asyncio.timeout(30):
            runs: list[dict[str, Any]] = []
            while not runs:
                runs = (await client.get("/api/v1/tasks", headers=recruiter)).json()["data"]
        await client.post(f"/api/v1/tasks/{runs[0]['id']}/cancel", headers=recruiter)

    answer, _ = await asyncio.gather(client.get("/train", headers=recruiter), cancel())
    assert is_problem(answer, 409, "training_failed")


async def test_a_question_that_cannot_be_read_is_refused_in_both_words(
    client: httpx.AsyncClient, recruiter: dict[str, str]
) -> None:
    answer = await client.get("/train", params={"wait": "talvez"}, headers=recruiter)
    assert is_problem(answer, 422, "validation_error")


@EVERYWHERE
@pytest.mark.usefixtures("citizen")
async def test_sign_in_gives_a_token_that_counts(client: httpx.AsyncClient, prefix: str) -> None:
    body = {"username": "ana", "password": "Segredo-forte-9"}
    signed_in = await client.post(f"{prefix}/login", json=body)
    assert (signed_in.status_code, set(signed_in.json())) == (200, {"access_token"})
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await client.post("/predict", json=TEXTS, headers=headers)).status_code == 200
    wrong = await client.post(f"{prefix}/login", json={**body, "password": "outra"})
    assert is_problem(wrong, 401, "invalid_credentials")
    assert wrong.json()["error"] == "Invalid credentials"
    missing = await client.post(f"{prefix}/login", json={"username": "ana"})
    assert missing.json()["error"] == "Both username and password are required"
    assert is_problem(await client.post(f"{prefix}/login", json={}), 400, "missing_json")
