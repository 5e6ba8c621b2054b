"""Articles over HTTP: who sees what, versions, who overwrites whom."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest_asyncio

from praca.kit.clock import today_in_brasilia

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

ARTICLES = "/api/v1/knowledge/articles"


@pytest_asyncio.fixture
async def operator(make_account: MakeAccount) -> dict[str, str]:
    account = await make_account("operadora", role="operador")
    headers: dict[str, str] = account["headers"]
    return headers


async def written(
    client: httpx.AsyncClient, operator: dict[str, str], **members: Any
) -> dict[str, Any]:
    answer = await client.post(ARTICLES, json={"title": "Poda", **members}, headers=operator)
    assert answer.status_code == 201, answer.text
    article: dict[str, Any] = answer.json()
    return article


async def test_an_article_is_written_and_everybody_reads_it(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    article = await written(
        client,
        operator,
        title=" Poda de árvore ",
        body="Primeira linha.\r\nSegunda linha.\n",
        category=["Meio ambiente", "Árvores"],
        links=["https://verde.example/poda"],
        keywords=["galho", "galho", "cortar árvore"],
    )
    assert article["key"] == "poda-de-arvore"
    assert (article["title"], article["version"]) == ("Poda de árvore", 1)
    assert article["body"] == "Primeira linha.\nSegunda linha."
    assert article["keywords"] == ["galho", "cortar árvore"]
    shown = await client.get(f"{ARTICLES}/{article['id']}")
    assert shown.json() == article
    assert shown.headers["ETag"] == '"1"'
    again = await client.get(
        f"{ARTICLES}/{article['id']}", headers={"If-None-Match": shown.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_citizens_see_what_holds_today_and_operators_all(
    client: httpx.AsyncClient, operator: dict[str, str], make_account: MakeAccount
) -> None:
    today = today_in_brasilia()
    yesterday, tomorrow = (str(today + timedelta(days=days)) for days in (-1, 1))
    now = await written(client, operator, key="hoje", valid_from=str(today), valid_until=str(today))
    past = await written(client, operator, key="ontem", valid_until=yesterday)
    future = await written(client, operator, key="amanha", valid_from=tomorrow)
    listed = await client.get(ARTICLES)
    assert [one["key"] for one in listed.json()] == ["hoje"]
    assert (await client.get(f"{ARTICLES}/{now['id']}")).status_code == 200
    for hidden in (past, future):
        answer = await client.get(f"{ARTICLES}/{hidden['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "article_not_found")
        shown = await client.get(f"{ARTICLES}/{hidden['id']}", headers=operator)
        assert shown.status_code == 200
    everything = await client.get(ARTICLES, params={"all": "true"}, headers=operator)
    assert {one["key"] for one in everything.json()} == {"hoje", "ontem", "amanha"}
    assert (await client.get(ARTICLES, params={"all": "true"})).status_code == 401
    citizen = (await make_account("cidada"))["headers"]
    refused = await client.get(ARTICLES, params={"all": "true"}, headers=citizen)
    assert refused.status_code == 403


async def test_the_search_knows_words_without_accents_and_titles_come_first(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    await written(client, operator, title="Alvará", body="Também trata de vacinação de cães.")
    await written(client, operator, title="Vacinação", keywords=["vacina"], category=["Saúde"])
    await written(client, operator, title="Zoonoses", category=["Saúde"], summary="Cães.")

    async def titles(**query: str) -> list[str]:
        answer = await client.get(ARTICLES, params=query)
        assert int(answer.headers["X-Total-Count"]) == len(answer.json())
        return [one["title"] for one in answer.json()]

    assert await titles(q="VACINACAO") == ["Vacinação", "Alvará"]
    assert await titles(q="caes") == ["Alvará", "Zoonoses"]
    assert await titles(q="caes vacinação") == ["Alvará"]
    assert await titles(q="caes", category="saude") == ["Zoonoses"]
    assert await titles(category="saúd") == []
    assert await titles(q="100%_\\\x00'") == []
    assert await titles() == ["Alvará", "Vacinação", "Zoonoses"]


async def test_the_list_has_pages_and_is_not_sent_twice(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    for number in range(5):
        await written(client, operator, title=f"Artigo {number}")
    page = await client.get(ARTICLES, params={"limit": 2, "offset": 2, "q": "artigo"})
    assert [one["title"] for one in page.json()] == ["Artigo 2", "Artigo 3"]
    assert page.headers["X-Total-Count"] == "5"
    link = page.headers["Link"]
    assert f'<{ARTICLES}?q=artigo&limit=2&offset=4>; rel="next"' in link
    assert f'<{ARTICLES}?q=artigo&limit=2&offset=0>; rel="prev"' in link
    first = await client.get(ARTICLES)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get(ARTICLES, headers=known)).status_code == 304
    # Another question is another answer, and so is the same one after a change.
    assert (await client.get(ARTICLES, params={"limit": 1}, headers=known)).status_code == 200
    await written(client, operator, title="Artigo 5")
    changed = await client.get(ARTICLES, headers=known)
    assert (changed.status_code, len(changed.json())) == (200, 6)


async def test_versions_tell_who_wrote_what(
    client: httpx.AsyncClient, operator: dict[str, str], make_account: MakeAccount
) -> None:
    article = await written(
        client, operator, title="Feira", cost="Gratuito.", valid_from="2026-01-31"
    )
    url = f"{ARTICLES}/{article['id']}"
    other = await make_account("administradora", role="admin")
    changed = await client.put(
        url, json={"title": "Feiras livres"}, headers=other["headers"] | {"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    assert (changed.json()["key"], changed.json()["cost"]) == ("feira", "")
    # What changes nothing is no change, however often it is sent.
    same = await client.put(url, json=changed.json(), headers=operator)
    assert same.json() == changed.json()
    listed = await client.get(f"{url}/versions", headers=operator)
    assert [(one["version"], one["action"], one["title"]) for one in listed.json()] == [
        (2, "alterado", "Feiras livres"),
        (1, "criado", "Feira"),
    ]
    assert listed.headers["X-Total-Count"] == "2"
    assert listed.json()[0]["actor_id"] == other["id"]
    first = await client.get(f"{url}/versions/1", headers=operator)
    assert first.json()["content"]["cost"] == "Gratuito."
    assert first.json()["content"]["valid_from"] == "2026-01-31"
    # To go back is to write it again.
    back = await client.put(url, json=first.json()["content"], headers=operator)
    assert (back.json()["version"], back.json()["title"]) == (3, "Feira")


async def test_of_two_who_change_the_same_version_one_is_told(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    article = await written(client, operator, title="Iluminação")
    url = f"{ARTICLES}/{article['id']}"
    answers = await asyncio.gather(
        *(
            client.put(url, json={"title": title}, headers=operator | {"If-Match": '"1"'})
            for title in ("Lâmpada queimada", "Poste apagado")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    late = next(answer for answer in answers if answer.status_code == 412)
    assert (late.json()["code"], late.json()["version"]) == ("article_changed", 2)
    for odd in ('W/"2"', "2", "", '"x"'):
        answer = await client.delete(url, headers=operator | {"If-Match": odd})
        assert answer.status_code == 412, odd
    assert (await client.delete(url, headers=operator | {"If-Match": "*"})).status_code == 204


async def test_a_removed_article_keeps_its_versions_and_may_come_back(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    article = await written(client, operator, key="creche", title="Vaga em creche")
    url = f"{ARTICLES}/{article['id']}"
    assert (await client.delete(url, headers=operator)).status_code == 204
    for answer in (
        await client.get(url, headers=operator),
        await client.delete(url, headers=operator),
        await client.put(url, json={"title": "x"}, headers=operator),
    ):
        assert answer.status_code == 404
    assert (await client.get(ARTICLES, params={"all": "true"}, headers=operator)).json() == []
    back = await written(client, operator, key="creche", title="Creche")
    assert (back["id"], back["version"]) == (article["id"], 3)
    listed = await client.get(f"{url}/versions", headers=operator)
    actions = [one["action"] for one in listed.json()]
    assert actions == ["restaurado", "removido", "criado"]


async def test_a_key_is_one_articles_alone(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    first = await written(client, operator, key="iptu")
    second = await written(client, operator, key="itbi")
    taken = await client.post(ARTICLES, json={"title": "x", "key": "iptu"}, headers=operator)
    assert (taken.status_code, taken.json()["code"]) == (409, "article_key_taken")
    assert taken.json()["article_id"] == first["id"]
    renamed = await client.put(
        f"{ARTICLES}/{second['id']}", json={"title": "x", "key": "iptu"}, headers=operator
    )
    assert renamed.status_code == 409
    both = await asyncio.gather(
        *(client.post(ARTICLES, json={"title": "Nova"}, headers=operator) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in both) == [201, 409]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"title": " \n "}, "title"),
    ({"title": "a\nb"}, "title"),
    ({"body": "nulo \x00"}, "body"),
    ({"body": "sino \x07"}, "body"),
    ({"summary": "virado \u202e"}, "summary"),
    ({"body": "x" * 50_001}, "body"),
    ({"links": ["javascript:alert(1)"]}, "links"),
    ({"links": ["https://"]}, "links"),
    ({"links": ["http://a.example/ x"]}, "links"),
    ({"links": ["https://banco.example@outro.example/"]}, "links"),
    ({"keywords": ["x"] * 201}, "keywords"),
    ({"keywords": [""]}, "keywords"),
    ({"valid_from": "2026-05-02", "valid_until": "2026-05-01"}, "valid_until"),
    ({"valid_from": "2026-02-30"}, "valid_from"),
    ({"valid_from": 0}, "valid_from"),
    ({"key": " "}, "key"),
]


async def test_what_no_article_may_hold_is_refused(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    for members, field in REFUSED:
        answer = await client.post(ARTICLES, json={"title": "Poda", **members}, headers=operator)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_error"), members
        assert answer.json()["errors"][0]["loc"][:2] == ["body", field]
    assert (await client.get(ARTICLES, params={"all": "true"}, headers=operator)).json() == []


async def test_half_a_character_is_refused(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    headers = operator | {"Content-Type": "application/json"}
    answer = await client.post(ARTICLES, content=b'{"title": "\\ud800"}', headers=headers)
    assert answer.status_code == 422


async def test_ids_that_no_article_can_have_are_of_none(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    for unknown in (0, -1, 2**63, 10**30):
        url = f"{ARTICLES}/{unknown}"
        for path in (url, f"{url}/versions", f"{url}/versions/1", f"{ARTICLES}/1/versions/{2**31}"):
            assert (await client.get(path, headers=operator)).status_code == 404


async def test_every_change_is_in_the_audit(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    account = await make_account("operadora", role="operador")
    with psycopg.connect(city_dsn) as connection:
        before = connection.execute("SELECT coalesce(max(id), 0) FROM platform.audit_log")
        last = before.fetchone()
    article = await written(client, account["headers"], title="Segredo do título")
    url = f"{ARTICLES}/{article['id']}"
    await client.put(url, json={"title": "Outro"}, headers=account["headers"])
    await client.delete(url, headers=account["headers"])
    with psycopg.connect(city_dsn) as connection:
        noted = connection.execute(
            "SELECT action, resource_type, resource_id, actor_id FROM platform.audit_log"
            " WHERE id > %s ORDER BY id",
            last,
        ).fetchall()
    assert noted == [
        (f"helpdesk.article_{what}", "article", str(article["id"]), account["id"])
        for what in ("created", "changed", "removed")
    ]
