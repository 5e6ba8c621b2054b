"""Links to documents: what they show, to whom, for how long, and who is told."""

import asyncio
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import httpx
import psycopg
import pytest
from PIL import Image
from tests.integration.wallet_documents import uploads
from tests.integration.wallet_documents.conftest import Keep

from praca.kit.clock import today_in_brasilia

Account = dict[str, Any]
OPEN = "/api/v1/shared-documents"


async def share(
    client: httpx.AsyncClient, owner: Account, document: dict[str, Any], **asked: Any
) -> dict[str, Any]:
    body = {"fields": ["document_type", "document_number"], **asked}
    answer = await client.post(
        f"/api/v1/documents/{document['id']}/shares", json=body, headers=owner["headers"]
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made | {"token": parse_qs(urlsplit(made["url"]).query)["token"][0]}


async def view(client: httpx.AsyncClient, token: str, what: str = "") -> httpx.Response:
    headers = {"User-Agent": "Leitor/1.0 " + "x" * 300}
    return await client.get(f"{OPEN}{what}", params={"token": token}, headers=headers)


async def test_a_link_shows_the_chosen_fields_and_no_other(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana, holder_name="Ana Souza", expires_on="2999-12-31")
    made = await share(client, ana, document)
    assert made["url"].startswith(f"http://127.0.0.1:8000{OPEN}?token=")
    assert len(made["token"]) >= 43
    assert ET.fromstring(made["qr_svg"]).tag.endswith("svg")  # noqa: S314  # our own
    seen = await view(client, made["token"])
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "no-store"
    shown = seen.json()
    assert shown["documento"] == {
        "document_type": "RG",
        "document_number": document["document_number"],
    }
    assert shown["valido"] is True
    assert datetime.now(UTC) - datetime.fromisoformat(shown["consultado_em"]) < timedelta(minutes=1)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left < timedelta(minutes=61)
    assert "Ana" not in seen.text


async def test_a_link_shows_the_document_as_it_is_now(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana)
    made = await share(client, ana, document)
    yesterday = (today_in_brasilia() - timedelta(days=1)).isoformat()
    await client.put(
        f"/documents/{document['id']}",
        json={"document_number": "novo", "expires_on": yesterday},
        headers=ana["headers"],
    )
    shown = (await view(client, made["token"])).json()
    assert (shown["valido"], shown["documento"]["document_number"]) == (False, "novo")
    await client.put(
        f"/documents/{document['id']}",
        json={"expires_on": today_in_brasilia().isoformat()},
        headers=ana["headers"],
    )
    assert (await view(client, made["token"])).json()["valido"] is True


async def test_the_owner_sees_every_view(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana, uploads.jpeg())
    made = await share(client, ana, document, fields=["file"])
    shown = (await view(client, made["token"])).json()
    file = await client.get(shown["documento"]["file"])
    with Image.open(io.BytesIO(file.content)) as picture:
        assert picture.size == (40, 60)
    assert file.headers["Content-Disposition"].startswith("attachment")
    listed = await client.get(f"/api/v1/documents/{document['id']}/shares", headers=ana["headers"])
    (found,) = listed.json()
    assert (found["id"], found["state"], found["view_count"]) == (made["id"], "aberto", 2)
    assert [one["what"] for one in found["views"]] == ["file", "fields"]
    assert found["views"][0]["address"] == "127.0.0.0/24"
    assert found["views"][1]["user_agent"] == ("Leitor/1.0 " + "x" * 300)[:120]
    assert made["token"] not in listed.text


async def test_of_twenty_who_open_a_single_use_at_once_one_sees_it(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana)
    made = await share(client, ana, document, single_use=True)
    answers = await asyncio.gather(*(view(client, made["token"]) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 19}
    refused = next(answer for answer in answers if answer.status_code == 410).json()
    assert (refused["code"], refused["motivo"], refused["valido"]) == ("share_gone", "usado", False)
    assert made["token"] not in str(refused)
    listed = await client.get(f"/documents/{document['id']}/shares", headers=ana["headers"])
    assert (listed.json()[0]["state"], listed.json()[0]["view_count"]) == ("usado", 1)


async def test_asking_for_the_head_uses_nothing_up(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    made = await share(client, ana, await keep(ana), single_use=True)
    assert (await client.head(OPEN, params={"token": made["token"]})).status_code == 405
    assert (await view(client, made["token"])).status_code == 200


async def test_a_single_use_with_a_file_lets_the_one_who_opened_it_have_the_file(
    client: httpx.AsyncClient, ana: Account, keep: Keep, city_dsn: str
) -> None:
    made = await share(
        client, ana, await keep(ana, uploads.png()), fields=["file"], single_use=True
    )
    address = (await view(client, made["token"])).json()["documento"]["file"]
    assert made["token"] not in address
    for _ in range(2):
        assert (await client.get(address)).headers["Content-Type"] == "image/png"
    follow_up = parse_qs(urlsplit(address).query)["token"][0]
    assert (await view(client, made["token"], "/file")).json()["motivo"] == "usado"
    assert (await view(client, follow_up)).status_code == 404  # it opens the file only
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("UPDATE wallet.document_shares SET file_until = now()")
    assert (await client.get(address)).json()["motivo"] == "expirado"


async def test_a_file_taken_directly_is_a_use_too(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana, uploads.png())
    made = await share(client, ana, document, fields=["file"], single_use=True)
    answers = await asyncio.gather(*(view(client, made["token"], "/file") for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 4}
    assert (await view(client, made["token"])).json()["motivo"] == "usado"
    no_file = await share(client, ana, document)
    answer = await view(client, no_file["token"], "/file")
    assert (answer.status_code, answer.json()["code"]) == (404, "document_file_not_found")


async def test_a_link_that_expired_or_was_revoked_or_lost_its_document_says_so(
    client: httpx.AsyncClient, ana: Account, keep: Keep, city_dsn: str
) -> None:
    document = await keep(ana, uploads.png())
    expired, revoked, orphan = [
        await share(client, ana, document, fields=["file"]) for _ in range(3)
    ]
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE wallet.document_shares SET expires_at = now() WHERE id = %s", [expired["id"]]
        )
    shares = f"/api/v1/documents/{document['id']}/shares"
    for _ in range(2):
        gone = await client.delete(f"{shares}/{revoked['id']}", headers=ana["headers"])
        assert gone.status_code == 204
    states = [found["state"] for found in (await client.get(shares, headers=ana["headers"])).json()]
    assert Counter(states) == {"aberto": 1, "expirado": 1, "revogado": 1}
    await client.delete(f"/documents/{document['id']}", headers=ana["headers"])
    for made, reason in (
        (expired, "expirado"),
        (revoked, "revogado"),
        (orphan, "documento_excluido"),
    ):
        for what in ("", "/file"):
            answer = await view(client, made["token"], what)
            assert (answer.status_code, answer.json()["motivo"]) == (410, reason)
            assert answer.json()["instance"] == f"{OPEN}{what}"


async def test_who_tries_links_that_lead_nowhere_is_stopped(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    good = await share(client, ana, await keep(ana))
    for number in range(30):
        answer = await view(client, f"{number:043}")
        assert (answer.status_code, answer.json()["code"]) == (404, "share_not_found")
    answer = await view(client, "x" * 43)
    assert (answer.status_code, answer.json()["code"]) == (429, "share_guessing")
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert (await view(client, "curto")).status_code == 422
    # Whoever has a good link is let in, whatever his neighbours try.
    assert (await view(client, good["token"])).status_code == 200


async def test_the_audit_does_not_keep_from_where_a_stranger_looked(
    client: httpx.AsyncClient, ana: Account, keep: Keep, city_dsn: str
) -> None:
    made = await share(client, ana, await keep(ana))
    await view(client, made["token"])
    with psycopg.connect(city_dsn) as connection:
        rows = connection.execute(
            "SELECT actor_id, address, request_id FROM platform.audit_log"
            " WHERE action = 'wallet.share_viewed' AND resource_id = %s",
            (made["id"],),
        ).fetchall()
    assert rows == [(None, None, None)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": []},
        {"fields": ["user_id"]},
        {"fields": ["file"], "expires_in_minutes": 0},
        {"fields": ["file"], "expires_in_minutes": 43_201},
    ],
)
async def test_what_cannot_be_shared_is_told(
    client: httpx.AsyncClient, ana: Account, keep: Keep, wrong: dict[str, Any]
) -> None:
    path = f"/documents/{(await keep(ana))['id']}/shares"
    assert (await client.post(path, json=wrong, headers=ana["headers"])).status_code == 422
    missing = await client.post(path, json={"fields": ["file"]}, headers=ana["headers"])
    assert (missing.status_code, missing.json()["code"]) == (404, "document_file_not_found")


async def test_a_document_has_so_many_open_shares_and_no_more(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana)
    made = [await share(client, ana, document) for _ in range(50)]
    path = f"/documents/{document['id']}/shares"
    refused = await client.post(path, json={"fields": ["issued_by"]}, headers=ana["headers"])
    assert (refused.status_code, refused.json()["code"]) == (409, "share_limit")
    await client.delete(f"{path}/{made[0]['id']}", headers=ana["headers"])
    await share(client, ana, document)


async def test_no_token_is_kept_or_noted(
    client: httpx.AsyncClient, ana: Account, keep: Keep, city_dsn: str
) -> None:
    made = await share(client, ana, await keep(ana, uploads.png()), fields=["file"])
    await view(client, made["token"])
    with psycopg.connect(city_dsn) as connection:
        for table in (
            "wallet.document_shares",
            "wallet.document_share_views",
            "platform.audit_log",
        ):
            rows = connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall()
            assert rows
            assert made["token"] not in str(rows)
        actions = connection.execute(
            "SELECT action FROM platform.audit_log WHERE resource_id = %s ORDER BY id",
            [made["id"]],
        ).fetchall()
    assert actions == [("wallet.share_created",), ("wallet.share_viewed",)]
