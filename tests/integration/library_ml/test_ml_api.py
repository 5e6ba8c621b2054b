"""The library's models over HTTP, as clients of the old system ask for them, and what is new."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from tests.integration.cities import run_task
from tests.integration.library_ml.conftest import TrainedLibrary
from tests.library_books import insert_books, make_rows

from praca.identity import Role
from praca.learning import store
from praca.platform.resources import Resources
from praca.platform.settings import MlAccess, Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

ML = "/api/v1/ml"
BOOK = {
    "titulo": "Verso, lua e mar",
    "preco": 25.5,
    "rating": 4,
    "disponibilidade": True,
    "categoria": "Poesia",
    "imagem": "http://example.com/image.jpg",
}
KINDS = ["random_forest", "regressao_logistica", "svm"]


@pytest.fixture
async def librarian(make_account: MakeAccount) -> dict[str, str]:
    return dict((await make_account("bia", "bibliotecario"))["headers"])


async def ask(client: httpx.AsyncClient, book: Any = BOOK, **query: str) -> httpx.Response:
    return await client.post(f"{ML}/predictions", params=query, json=book)


async def test_a_prediction_is_answered_as_documented_with_what_it_is_worth(
    client: httpx.AsyncClient,
) -> None:
    answer = await ask(client)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["livro"], body["modelo_usado"]) == ("Verso, lua e mar", "random_forest")
    assert body["rating_predito"] in {0, 1}
    assert body["predicao"] == str(body["rating_predito"])
    assert (body["alvo"], body["categoria_predita"]) == ("rating", None)
    assert (body["versao"], body["sinal"]) == (1, "sem sinal")
    assert answer.headers["X-Praca-Model"] == "books_rating_random_forest/1"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_category_is_predicted_from_what_a_book_says(
    client: httpx.AsyncClient, kind: str
) -> None:
    poems = {**BOOK, "descricao": "verso lua saudade rima mar silêncio flor canção"}
    body = (await ask(client, poems, nome_modelo=kind, alvo="categoria")).json()
    assert (body["categoria_predita"], body["predicao"]) == ("Poesia", "Poesia")
    assert (body["rating_predito"], body["sinal"]) == (None, "há sinal")
    assert body["probabilidade"] is None or 0 < body["probabilidade"] < 1
    told = {**BOOK, "titulo": "Sem título", "descricao": "detetive crime pista suspeito culpado"}
    found = (await ask(client, told, nome_modelo=kind, alvo="categoria")).json()
    assert found["categoria_predita"] == "Mistério"
    moved = await ask(client, {**poems, "categoria": "Viagem"}, nome_modelo=kind, alvo="categoria")
    assert moved.json() == body


async def test_the_rating_that_is_sent_changes_nothing(client: httpx.AsyncClient) -> None:
    for kind in KINDS:
        for target in ("rating", "categoria"):
            said = [
                (await ask(client, BOOK | changed, nome_modelo=kind, alvo=target)).json()
                for changed in ({}, {"rating": 1}, {"rating": -(2**63)}, {"imagem": ""})
            ]
            assert all(one == said[0] for one in said), (kind, target)


@pytest.mark.parametrize("name", BOOK)
async def test_every_documented_field_is_required(client: httpx.AsyncClient, name: str) -> None:
    left = {key: value for key, value in BOOK.items() if key != name}
    answer = await ask(client, left)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", name]


async def test_odd_books_are_answered_or_refused_and_never_fail(client: httpx.AsyncClient) -> None:
    odd: list[tuple[dict[str, Any], int]] = [
        ({"titulo": ""}, 200),
        ({"titulo": "\u0000 🙂 \u0301"}, 200),
        ({"titulo": "a" * 20_001}, 422),
        ({"preco": -1}, 422),
        ({"preco": 1e400}, 422),
        ({"preco": "caro"}, 422),
        ({"preco": 1e9}, 200),
        ({"rating": 2**63}, 422),
        ({"descricao": None}, 422),
        ({"categoria": "Nenhuma que se conheça"}, 200),
    ]
    for changed, status in odd:
        for target in ("rating", "categoria"):
            try:
                answer = await ask(client, BOOK | changed, alvo=target)
            except ValueError:  # the client cannot write an infinite number, either
                continue
            assert answer.status_code == status, changed


@pytest.mark.usefixtures("untrained")
async def test_before_any_training_it_is_unavailable_in_the_old_words(
    client: httpx.AsyncClient,
) -> None:
    answer = await ask(client, nome_modelo="svm")
    assert (answer.status_code, answer.json()["code"]) == (503, "book_model_missing")
    assert answer.json()["detail"] == (
        "Modelo 'svm' não está treinado ou disponível no cache. Execute o treinamento primeiro."
    )
    status = (await client.get(f"{ML}/cache-status")).json()
    assert status == {
        "modelos_carregados": [],
        "artefatos_carregados": False,
        "detalhes_modelos": [],
    }


async def test_an_unknown_model_is_unavailable_and_an_unknown_target_is_invalid(
    client: httpx.AsyncClient,
) -> None:
    answer = await ask(client, nome_modelo="xgboost")
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("Modelo 'xgboost' não está treinado")
    for path in ("predictions", "train"):
        refused = await client.post(f"{ML}/{path}", params={"alvo": "preco"}, json=BOOK)
        assert refused.status_code in {401, 422}
    assert (await ask(client, alvo="todos")).status_code == 422
    for path in ("cache-status", "features", "training-data"):
        refused = await client.get(f"{ML}/{path}", params={"alvo": "preco"})
        assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["query", "alvo"])


async def test_files_that_were_altered_are_refused(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        (key,) = connection.execute(
            "SELECT object_key FROM platform.models WHERE name = 'books_rating_svm'"
        ).fetchone() or ("",)
    whole = resources.objects.read_all(key)["coef.npy"]
    resources.objects.write(f"{key}/coef.npy", whole[:-1] + bytes([whole[-1] ^ 1]))
    answer = await ask(client, nome_modelo="svm")
    assert (answer.status_code, answer.json()["code"]) == (503, "model_artifact_invalid")
    assert (await ask(client)).status_code == 200
    status = (await client.get(f"{ML}/cache-status")).json()
    assert status["modelos_carregados"] == ["random_forest", "regressao_logistica"]


async def test_the_status_names_each_model_and_what_it_is_worth(
    client: httpx.AsyncClient, library: TrainedLibrary
) -> None:
    status = (await client.get(f"{ML}/cache-status")).json()
    assert (status["modelos_carregados"], status["artefatos_carregados"]) == (KINDS, True)
    assert {one["alvo"] for one in status["detalhes_modelos"]} == {"rating"}
    every = (await client.get(f"{ML}/cache-status", params={"alvo": "todos"})).json()
    assert every["modelos_carregados"] == KINDS
    assert [(one["alvo"], one["nome"]) for one in every["detalhes_modelos"]] == [
        (target, kind) for target in ("rating", "categoria") for kind in KINDS
    ]
    said = {(one["alvo"], one["nome"]): one for one in library.result["modelos"]}
    for one in every["detalhes_modelos"]:
        told = said[one["alvo"], one["nome"]]
        assert one["versao"] == told["versao"] == 1
        assert one["sinal"] == told["sinal"]
        assert one["sinal"] == ("há sinal" if one["alvo"] == "categoria" else "sem sinal")
        assert one["metricas"]["acuracia"] == pytest.approx(told["acuracia"])
        assert set(one["metricas"]) == {"acuracia", "f1_score_macro"}
        assert set(one["referencias"]) == {"maioria", "acaso"}
        for name, value in one["metricas"].items():
            low, high = one["intervalos"][name]
            assert low <= value <= high
    by_category = every["detalhes_modelos"][3]
    assert (by_category["livros"], by_category["livros_fora"]) == (90, {"Default": 4})


async def test_features_are_every_book_without_the_target(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    before = await client.get(f"{ML}/features")
    rows = before.json()
    assert before.headers["X-Total-Count"] == str(len(rows)) == "94"
    assert set(rows[0]) == set(rows[93])
    assert {"preco", "disponibilidade", "categoria_Poesia", "titulo_verso"} <= set(rows[0])
    assert not [name for name in rows[0] if "rating" in name or name == "alvo"]
    data = (await client.get(f"{ML}/training-data")).json()
    assert [set(row) - set(rows[0]) for row in data] == [{"rating", "alvo"}] * 94
    assert all(row["alvo"] == int(row["rating"] >= 4) for row in data)
    assert [{k: v for k, v in row.items() if k not in {"rating", "alvo"}} for row in data] == rows
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE library.books SET rating = 6 - greatest(rating, 1)")
        connection.execute("UPDATE library.catalogue SET revision = revision + 1")
    assert (await client.get(f"{ML}/features")).content == before.content


async def test_features_of_the_category_do_not_tell_it(client: httpx.AsyncClient) -> None:
    rows = (await client.get(f"{ML}/features", params={"alvo": "categoria"})).json()
    assert not [name for row in rows for name in row if name.startswith(("categoria", "alvo"))]
    data = (await client.get(f"{ML}/training-data", params={"alvo": "categoria"})).json()
    assert [row.pop("alvo") for row in data][-4:] == [None] * 4
    assert data == rows


async def test_features_come_in_pages_that_make_up_the_whole(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    insert_books(city_dsn, [("n" + row[0], *row[1:]) for row in make_rows(180, seed=5)])
    whole = (await client.get(f"{ML}/features")).json()  # more than one batch
    assert len(whole) == 274
    rows, url = [], f"{ML}/features?limit=100"
    while url:
        answer = await client.get(url)
        rows += answer.json()
        url = answer.links.get("next", {}).get("url", "")
    assert rows == whole
    assert (await client.get(f"{ML}/features?offset=273")).json() == whole[273:]
    assert (await client.get(f"{ML}/features?skip={2**63 - 1}&limit=2")).json() == []
    for query in ("skip=-1", "limit=0", "limit=1001", f"skip={2**63}"):
        assert (await client.get(f"{ML}/features?{query}")).status_code == 422


async def test_books_that_the_shop_lacks_are_in_no_row(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE library.books SET absent_since = now() WHERE id > 10")
    assert len((await client.get(f"{ML}/features")).json()) == 10


@pytest.mark.usefixtures("empty")
async def test_an_empty_catalogue_has_no_rows_and_trains_nothing(
    client: httpx.AsyncClient, librarian: dict[str, str], resources: Resources
) -> None:
    for path in ("features", "training-data"):
        answer = await client.get(f"{ML}/{path}")
        assert (answer.json(), answer.headers["X-Total-Count"]) == ([], "0")
    with pytest.raises(AssertionError, match="Há livros de menos para treinar"):
        await run_task(resources, "library.train")
    runs = (await client.get("/api/v1/tasks", headers=librarian)).json()
    assert runs["data"] == []  # it was nobody's
    assert (await ask(client)).status_code == 200  # what was trained before answers on


async def test_a_training_is_started_and_named_and_only_one_runs(
    client: httpx.AsyncClient, librarian: dict[str, str], city_dsn: str
) -> None:
    answer = await client.post(f"{ML}/train", headers=librarian)
    assert answer.status_code == 202
    body = answer.json()
    assert body["message"] == "Processo do treino do Modelo iniciado em segundo plano."
    assert answer.headers["Location"] == f"/api/v1/tasks/{UUID(body['id_tarefa'])}"
    again = await client.post(f"{ML}/train", params={"alvo": "rating"}, headers=librarian)
    assert (again.status_code, again.json()["task_id"]) == (409, body["id_tarefa"])
    with psycopg.connect(city_dsn) as connection:
        args = connection.execute(
            "SELECT args FROM platform.task_runs WHERE kind = 'library.train' AND id = %s",
            [body["id_tarefa"]],
        ).fetchone()
        audited = connection.execute(
            "SELECT resource_id FROM platform.audit_log WHERE action = 'library.training_started'"
        ).fetchall()
    assert args == ({"alvos": ["rating", "categoria"]},)
    assert audited == [(body["id_tarefa"],)]  # of the refused one nothing is kept


async def test_a_training_of_one_target_leaves_the_other(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    result = await run_task(resources, "library.train", alvos=["categoria"])
    assert {(one["alvo"], one["versao"]) for one in result["modelos"]} == {("categoria", 2)}
    await client.app.state.book_models.refresh()  # type: ignore[attr-defined]
    assert (await ask(client, alvo="categoria")).json()["versao"] == 2
    assert (await ask(client)).json()["versao"] == 1


async def test_who_may_train(client: httpx.AsyncClient, make_account: MakeAccount) -> None:
    assert (await client.post(f"{ML}/train")).status_code == 401
    for role in Role:
        account = await make_account(f"conta-{role}", role=role.value)
        answer = await client.post(f"{ML}/train", headers=account["headers"])
        allowed = role in {Role.BIBLIOTECARIO, Role.OPERADOR, Role.ADMIN}
        assert (answer.status_code != 403) is allowed, role


async def test_a_setting_lets_everybody_train(
    client: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = settings.library.model_copy(update={"ml_access": MlAccess.PUBLIC})
    monkeypatch.setitem(vars(settings), "library", opened)
    assert (await client.post(f"{ML}/train")).status_code == 202
    bad = await client.post(f"{ML}/train", headers={"Authorization": "Bearer nada"})
    assert bad.status_code == 401  # a token that is sent must count


async def test_a_prediction_is_noted_without_its_rating(client: httpx.AsyncClient) -> None:
    noted: list[tuple[Any, ...]] = []

    class Log:
        def note_prediction(self, *line: Any) -> None:
            noted.append(line)

    client.app.state.journal = Log()  # type: ignore[attr-defined]
    answer = (await ask(client, nome_modelo="svm", alvo="categoria")).json()
    ((model, version, inputs, output, ms),) = noted
    assert (model, version, output) == ("books_categoria_svm", 1, answer["predicao"])
    assert inputs["titulo"] == BOOK["titulo"]
    assert "rating" not in inputs
    assert 0 < ms < 1000
    await ask(client, nome_modelo="nenhum")
    assert len(noted) == 1


async def test_a_swap_under_load_fails_no_request(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await run_task(resources, "library.train", alvos=["rating"])
    models = client.app.state.book_models  # type: ignore[attr-defined]
    await models.refresh()
    seen: list[int] = []
    is_done = asyncio.Event()

    async def ask_often() -> None:
        while not is_done.is_set():
            answer = await ask(client)
            assert answer.status_code == 200, answer.text
            seen.append(answer.json()["versao"])
            await asyncio.sleep(0)  # nothing in it waits, and the others want their turn

    async def swap_often() -> None:
        for version in (1, 2, 1, 2, 1):
            async with resources.databases.city.write() as session:
                await store.promote(session, "books_rating_random_forest", version, force=True)
            await models.refresh()
        is_done.set()

    await asyncio.gather(*(ask_often() for _ in range(3)), swap_often())
    assert set(seen) == {1, 2}
    assert (await ask(client)).json()["versao"] == 1
