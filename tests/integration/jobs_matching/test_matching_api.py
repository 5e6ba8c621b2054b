import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

import httpx
import obstore
import psycopg
import psycopg.types.json
import pytest

from praca.jobs.matching import Matcher
from praca.jobs.matching.tasks import train
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
PREDICT = "/api/v1/inferencias/matchModel/predict"
RECOMMEND = "/api/v1/inferencias/recommendationModel/predict"
PAIR = {
    "titulo_profissional": "Enfermeira",
    "conhecimentos_tecnicos": "Triagem, vacinação, prontuário eletrônico",
    "nivel_profissional": "Pleno",
    "cv_candidato": "Dez anos em unidade básica de saúde.",
    "titulo_vaga": "Enfermeira de família",
    "competencia_tecnicas_e_comportamentais": "Triagem, vacinação, acolhimento",
}


@pytest.fixture
def matched(client: httpx.AsyncClient, matcher: Matcher) -> httpx.AsyncClient:
    """The client of an application whose model is loaded."""
    client.app.state.matcher = matcher  # type: ignore[attr-defined]
    return client


def a_vacancy(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT min(codigo_vaga) FROM jobs.vacancies").fetchone()
    assert row is not None
    return int(row[0])


async def test_a_pair_is_scored_in_percent(matched: httpx.AsyncClient) -> None:
    answer = await matched.post(PREDICT, json=PAIR)
    assert answer.status_code == 200
    assert set(answer.json()) == {"match_probability"}
    assert 0 <= answer.json()["match_probability"] <= 100
    assert answer.headers["X-Praca-Model"] == "match/1"


async def test_who_fits_scores_higher(matched: httpx.AsyncClient) -> None:
    other = {**PAIR, "titulo_vaga": "Motorista de carreta"}
    other["competencia_tecnicas_e_comportamentais"] = "CNH E, carga, rodovia"
    fits, does_not = [
        (await matched.post(PREDICT, json=body)).json()["match_probability"]
        for body in (PAIR, other)
    ]
    assert fits > does_not


@pytest.mark.parametrize("path", [PREDICT, RECOMMEND])
async def test_every_field_may_be_missing(matched: httpx.AsyncClient, path: str) -> None:
    assert (await matched.post(path, json={})).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cv_candidato": 5}, "cv_candidato"),
        ({"cv_candidato": "a" * 200_001}, "cv_candidato"),
        ({"titulo_profissional": ["x"]}, "titulo_profissional"),
    ],
)
@pytest.mark.parametrize("path", [PREDICT, RECOMMEND])
async def test_absurd_fields_are_refused_by_name(
    matched: httpx.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await matched.post(path, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.text


async def test_without_a_model_the_answer_says_so(client: httpx.AsyncClient) -> None:
    for path in (PREDICT, RECOMMEND):
        answer = await client.post(path, json=PAIR)
        assert answer.status_code == 503
        assert answer.json()["code"] == "match_model_missing"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("sexo", ["Feminino", "Masculino", ""]),
        ("estado_civil", ["Solteiro", "Casada", "Viúvo"]),
        ("pcd", ["Sim", "Não"]),
        ("vaga_especifica_para_pcd", ["Sim", "Não"]),
        ("cidade", ["Recife", "São Paulo", ""]),
        ("cidade_vaga", ["Recife", "São Paulo", ""]),
    ],
)
async def test_protected_fields_change_nothing(
    matched: httpx.AsyncClient, field: str, values: list[str]
) -> None:
    answers = {
        (await matched.post(PREDICT, json={**PAIR, field: value})).json()["match_probability"]
        for value in values
    }
    assert len(answers) == 1


async def test_recommended_vacancies_are_of_the_table(
    matched: httpx.AsyncClient, city_dsn: str
) -> None:
    answer = await matched.post(RECOMMEND, json={"titulo_profissional": "Enfermeira"})
    assert answer.headers["X-Praca-Model"] == "match/1"
    data = answer.json()["data"]
    assert len(data) == 5
    assert set(data[0]) == {
        "codigo_vaga",
        "titulo_vaga",
        "competencia_tecnicas_e_comportamentais",
        "areas_atuacao_vaga",
    }
    with psycopg.connect(city_dsn) as connection:
        known = {row[0] for row in connection.execute("SELECT codigo_vaga FROM jobs.vacancies")}
    assert {item["codigo_vaga"] for item in data} <= known


async def test_a_ranking_gives_reasons_and_is_audited(
    matched: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    recruiter = await make_account("bia", "recrutador")
    code = a_vacancy(city_dsn)
    answer = await matched.get(
        f"/api/v1/vagas/{code}/candidatos", params={"limit": 7}, headers=recruiter["headers"]
    )
    assert answer.status_code == 200
    assert answer.headers["X-Praca-Model"] == "match/1"
    data = answer.json()["data"]
    assert len(data) == 7
    scores = [item["match_probability"] for item in data]
    assert scores == sorted(scores, reverse=True)
    assert data[0]["motivos"]
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute(
            "SELECT actor_id, resource_id FROM platform.audit_log"
            " WHERE action = 'jobs.candidates_ranked' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert row == (recruiter["id"], str(code))


async def test_an_unknown_vacancy_has_no_ranking(
    matched: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    recruiter = await make_account("bia", "recrutador")
    answer = await matched.get("/api/v1/vagas/77/candidatos", headers=recruiter["headers"])
    assert answer.status_code == 404
    assert answer.json()["code"] == "match_vacancy_not_found"


async def test_many_rankings_at_once_do_not_wait_for_each_others_connections(
    matched: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    """More callers than the pool has connections; none may hold one while it wants another."""
    recruiter = await make_account("bia", "recrutador")
    path = f"/api/v1/vagas/{a_vacancy(city_dsn)}/candidatos"
    async with asyncio.timeout(25):  # the pool gives up after 30 s
        answers = await asyncio.gather(
            *(matched.get(path, headers=recruiter["headers"]) for _ in range(40))
        )
    assert {answer.status_code for answer in answers} == {200}


async def test_a_new_version_takes_over_while_requests_come(
    matched: httpx.AsyncClient, matcher: Matcher, resources: Resources, run_kind: RunKind
) -> None:
    training = asyncio.create_task(run_kind(resources, "jobs.train_match", seed=5))
    watching = asyncio.create_task(matcher.watch())
    seen: dict[str, set[float]] = {}
    while not (training.done() and matcher.version == 2):
        answer = await matched.post(PREDICT, json=PAIR)
        assert answer.status_code == 200
        version = answer.headers["X-Praca-Model"]
        seen.setdefault(version, set()).add(answer.json()["match_probability"])
        assert (await matched.post(RECOMMEND, json={})).status_code == 200
        await asyncio.sleep(0.02)
    await training
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert (await matched.post(PREDICT, json=PAIR)).headers["X-Praca-Model"] == "match/2"
    assert set(seen) <= {"match/1", "match/2"}
    assert all(len(scores) == 1 for scores in seen.values()), "one version, one score"


async def test_a_promotion_and_a_rollback_take_effect_within_a_second(
    matched: httpx.AsyncClient,
    matcher: Matcher,
    resources: Resources,
    run_kind: RunKind,
    make_account: MakeAccount,
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    await run_kind(resources, "jobs.train_match", seed=5)
    watching = asyncio.create_task(matcher.watch())

    async def answers(version: int) -> None:
        async with asyncio.timeout(20):  # a loaded machine; the watcher looks twice a second
            while True:
                answer = await matched.post(PREDICT, json=PAIR)
                assert answer.status_code == 200
                if answer.headers["X-Praca-Model"] == f"match/{version}":
                    return
                await asyncio.sleep(0.02)

    await answers(2)
    back = await matched.post("/api/v1/models/match/rollback", headers=operator)
    assert (back.json()["version"], back.json()["is_champion"]) == (1, True)
    await answers(1)
    again = await matched.post("/api/v1/models/match/rollback", headers=operator)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_roll_back")
    body = {"version": 2}
    for _ in range(2):  # promoting what answers already forgets nothing
        await matched.post("/api/v1/models/match/promote", json=body, headers=operator)
    await answers(2)
    await matched.post("/api/v1/models/match/rollback", headers=operator)
    await answers(1)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("lsa.npy", b"\x80\x04cos\nsystem\n"),  # the start of a pickle
        ("lsa.npy", b""),
        ("lsa.npy", b"PK\x03\x04 a zip"),
        ("match-model.json", b"{}"),
        ("match-model.json", b'{"a":' * 100_000),
        ("manifest.json", b"[]"),
        ("manifest.json", b'{"files": {"../../secret": {"size": 0, "sha256": ""}}}'),
        ("unexpected.pkl", b"cos\nsystem\n(S'true'\ntR."),
    ],
)
async def test_a_version_that_cannot_be_loaded_leaves_the_old_one_answering(
    matched: httpx.AsyncClient,
    matcher: Matcher,
    resources: Resources,
    city_dsn: str,
    file: str,
    content: bytes,
) -> None:
    """A hostile version, published and promoted by hand: copied from the honest one, then bent."""
    with psycopg.connect(city_dsn) as connection:
        found = connection.execute("SELECT object_key, manifest FROM platform.models").fetchone()
        assert found is not None
        files = resources.objects.read_all(found[0]) | {file: content}
        resources.objects.write_all("models/match/hostile/1", files)
        connection.execute(
            "INSERT INTO platform.models (name, version, object_key, manifest)"
            " VALUES ('match', 2, 'models/match/hostile/1', %s)",
            [psycopg.types.json.Jsonb(found[1])],
        )
        connection.execute("UPDATE platform.model_aliases SET version = 2, previous = 1")
    with pytest.raises(ArtifactError):
        await matcher.refresh()
    answer = await matched.post(PREDICT, json=PAIR)
    assert (answer.status_code, answer.headers["X-Praca-Model"]) == (200, "match/1")
    assert (await matched.get("/api/v1/ready")).json()["model"] is True


async def test_ranked_people_who_copied_the_vacancy_lose_their_places(
    matcher: Matcher, city_dsn: str
) -> None:
    code = a_vacancy(city_dsn)
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE jobs.candidates SET cv_pt = (SELECT concat_ws(E'\n',"
            " infos_basicas->>'titulo_vaga', perfil_vaga->>'principais_atividades',"
            " perfil_vaga->>'competencia_tecnicas_e_comportamentais') FROM jobs.vacancies"
            " WHERE codigo_vaga = %s), informacoes_profissionais = '{}', infos_basicas = '{}'"
            " WHERE codigo_profissional %% 3 = 0",
            [code],
        )
    shown = await matcher.rank(code, 10)
    assert len(shown.candidates) == 10
    assert all(item.codigo % 3 for item in shown.candidates)
    scores = [item.probability for item in shown.candidates]
    assert scores == sorted(scores, reverse=True)


PROTECTED = {
    "sexo": ["Feminino", "Masculino", "Outro"],
    "estado_civil": ["Solteira", "Casado", "Viúva"],
    "pcd": ["Sim", "Não"],
    "vaga_especifica_para_pcd": ["Sim", "Não"],
    "cidade": ["Recife", "Caracas"],
    "cidade_vaga": ["Recife", "São Paulo"],
    "pais_vaga": ["Brasil", "Portugal"],
    "idade": ["19", "67"],
    "raca": ["preta", "branca"],
}


async def test_swapped_attributes_change_no_answer_over_http(matched: httpx.AsyncClient) -> None:
    draw = random.Random(9)  # noqa: S311
    for path in (PREDICT, RECOMMEND):
        answers = set()
        for _ in range(60):
            body = PAIR | {name: draw.choice(values) for name, values in PROTECTED.items()}
            answers.add((await matched.post(path, json=body)).text)
        assert len(answers) == 1


async def test_a_training_that_two_workers_finish_is_published_once(
    matcher: Matcher, resources: Resources
) -> None:
    """A worker that was thought dead wakes up while another does its task."""
    run_id = uuid4()
    results = await asyncio.gather(
        *(train(TaskContext(run_id, resources), {"seed": 5}) for _ in range(2))
    )
    assert [result["version"] for result in results] == [2, 2]
    async with resources.databases.city.read() as session:
        versions = await store.list_versions(session)
    assert [version.version for version in versions] == [2, 1]
    folders = {key.split("/")[3] for key in resources.objects.keys(f"models/match/{run_id}")}
    assert len(folders) == 1
    await matcher.refresh()
    assert matcher.version == 2


async def test_the_watcher_outlives_errors_of_driver_and_store(
    matcher: Matcher, resources: Resources, run_kind: RunKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is an error of SQLAlchemy or of the system: both once ended the watcher."""
    failures: list[Exception] = [
        psycopg.OperationalError("connection lost"),
        obstore.exceptions.GenericError("store away"),
    ]
    find = store.find_champion

    async def failing(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return await find(*arguments)

    await run_kind(resources, "jobs.train_match", seed=5)
    monkeypatch.setattr(store, "find_champion", failing)
    watching = asyncio.create_task(matcher.watch())
    async with asyncio.timeout(30):
        while matcher.version != 2:  # noqa: ASYNC110  # the watcher sets no event
            await asyncio.sleep(0.05)
    assert not failures
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_published_models_are_listed_with_their_figures(
    matched: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    listed = (await matched.get("/api/v1/models", headers=operator)).json()["data"]
    assert [(item["name"], item["version"], item["is_champion"]) for item in listed] == [
        ("match", 1, True)
    ]
    assert {"auc", "mrr", "brier"} <= set(listed[0]["metrics"])
    assert len(listed[0]["data_hash"]) == 64
    assert (await matched.get("/api/v1/models/match", headers=operator)).json()["data"] == listed


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "weather", None),
        ("POST", "match/promote", {"version": 99}),
        ("POST", "weather/promote", {"version": 1}),
    ],
)
async def test_what_was_never_published_is_not_found(
    matched: httpx.AsyncClient,
    make_account: MakeAccount,
    method: str,
    path: str,
    body: dict[str, Any] | None,
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    answer = await matched.request(method, f"/api/v1/models/{path}", json=body, headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "model_version_not_found")


async def test_a_training_run_again_after_its_last_commit_publishes_nothing_new(
    resources: Resources, city_dsn: str, run_kind: RunKind
) -> None:
    """A worker killed between the promotion and the note that the task has ended."""
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE platform.task_runs SET status = 'queued', finished_at = NULL, result = NULL"
        )
    await run_kind(resources, "jobs.index_match")  # its worker adopts the other task, too
    with psycopg.connect(city_dsn) as connection:
        statuses = connection.execute(
            "SELECT kind, status, result ->> 'version' FROM platform.task_runs ORDER BY kind"
        ).fetchall()
        versions = connection.execute("SELECT version FROM platform.models").fetchall()
    assert ("jobs.train_match", "succeeded", "1") in statuses
    assert versions == [(1,)]


async def test_the_drift_report_is_said_to_be_missing(
    matched: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    recruiter = await make_account("bia", "recrutador")
    answer = await matched.get("/api/v1/inferencias/driftReport", headers=recruiter["headers"])
    assert answer.status_code == 404
    assert answer.json()["code"] == "drift_report_missing"
