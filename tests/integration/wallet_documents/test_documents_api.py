"""Documents as their owner sees them, and as nobody else does."""

import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.integration.wallet_documents import uploads
from tests.integration.wallet_documents.conftest import Keep

from praca.platform.settings import Settings

Account = dict[str, Any]
OLD = {"document_type": "CNH", "document_number": "123", "file_path": "/a/b.pdf", "file_name": "b"}


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_DOCUMENT_MAX_PER_PERSON", "4")
    monkeypatch.setenv("PRACA_DOCUMENT_MAX_BYTES", "200000")
    return Settings.load()


async def test_the_old_wallets_calls_and_answers(client: httpx.AsyncClient, ana: Account) -> None:
    headers = ana["headers"]
    made = await client.post("/documents/", json=OLD, headers=headers)
    assert made.status_code == 201
    document = made.json()
    assert {name: document[name] for name in OLD} == OLD
    assert document["user_id"] == ana["id"]
    assert document["uploaded_at"].endswith("Z")
    assert (await client.get("/documents/", headers=headers)).json() == [document]
    assert (await client.get("/documents/my-documents", headers=headers)).json() == [document]
    one = f"/documents/{document['id']}"
    assert (await client.get(one, headers=headers)).json() == document
    changed = await client.put(
        one, json={"document_number": "456", "file_name": None}, headers=headers
    )
    assert changed.json() == {**document, "document_number": "456"}
    gone = await client.delete(one, headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    missing = await client.get(one, headers=headers)
    assert missing.status_code == 404
    assert missing.json()["detail"] == "Documento não encontrado."


async def test_newer_members_are_emptied_by_null_and_old_ones_stay(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana, holder_name="Ana", issued_on="2020-01-31", expires_on="2030-01-31")
    assert (document["holder_name"], document["issued_on"]) == ("Ana", "2020-01-31")
    nothing = dict.fromkeys(("document_type", "document_number", "holder_name", "expires_on"))
    answer = await client.put(f"/documents/{document['id']}", json=nothing, headers=ana["headers"])
    assert answer.json() == {**document, "holder_name": None, "expires_on": None}
    same = await client.put(f"/documents/{document['id']}", json={}, headers=ana["headers"])
    assert same.json() == answer.json()


async def test_pages_are_of_ones_own_the_oldest_first(
    client: httpx.AsyncClient, ana: Account, bia: Account, keep: Keep
) -> None:
    await keep(bia)
    mine = [(await keep(ana))["id"] for _ in range(3)]
    for path in ("/api/v1/documents", "/documents/my-documents"):
        answer = await client.get(path, params={"skip": 1, "limit": 1}, headers=ana["headers"])
        assert [document["id"] for document in answer.json()] == mine[1:2]
        assert answer.headers["X-Total-Count"] == "3"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_person_keeps_so_many_and_no_more(
    client: httpx.AsyncClient, ana: Account, bia: Account, keep: Keep
) -> None:
    for _ in range(4):
        await keep(ana)
    refused = await client.post("/documents", json=OLD, headers=ana["headers"])
    assert (refused.status_code, refused.json()["code"]) == (409, "document_limit")
    await keep(bia)


@pytest.mark.parametrize(
    "wrong",
    [
        {"document_number": "1"},
        {**OLD, "document_type": ""},
        {**OLD, "document_number": "1" * 51},
        {**OLD, "document_type": "a\x00b"},
        {**OLD, "file_name": "x" * 256},
        {**OLD, "issued_on": "31/01/2020"},
        {**OLD, "issued_on": 0},
        {**OLD, "expires_on": "2026-02-30"},
    ],
)
async def test_what_does_not_fit_is_told(
    client: httpx.AsyncClient, ana: Account, wrong: dict[str, str]
) -> None:
    answer = await client.post("/documents", json=wrong, headers=ana["headers"])
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_error")


@pytest.mark.parametrize("role", ["usuario", "admin"])
async def test_nobody_sees_or_touches_somebody_elses(
    client: httpx.AsyncClient, ana: Account, make_account: Any, keep: Keep, role: str
) -> None:
    document = await keep(ana, uploads.jpeg())
    one = f"/api/v1/documents/{document['id']}"
    share = await client.post(f"{one}/shares", json={"fields": ["file"]}, headers=ana["headers"])
    other = (await make_account("outra.pessoa", role=role))["headers"]
    file = {"file": ("x.png", uploads.png())}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", one, {}),
        ("PUT", one, {"json": {"document_number": "1"}}),
        ("DELETE", one, {}),
        ("PUT", f"{one}/file", {"files": file}),
        ("GET", f"{one}/file", {}),
        ("GET", f"{one}/thumbnail", {}),
        ("GET", f"{one}/shares", {}),
        ("POST", f"{one}/shares", {"json": {"fields": ["file"]}}),
        ("DELETE", f"{one}/shares/{share.json()['id']}", {}),
    ]
    for method, path, body in calls:
        unknown = path.replace(one, "/api/v1/documents/999999")
        answer = await client.request(method, path, headers=other, **body)
        as_if = await client.request(method, unknown, headers=other, **body)
        assert answer.status_code == as_if.status_code == 404, path
        told, expected = answer.json(), as_if.json()
        assert {**told, "instance": ""} == {**expected, "instance": ""}
        assert (await client.request(method, path, **body)).status_code == 401
    for path in ("/documents", "/documents/my-documents"):
        assert (await client.get(path, headers=other)).json() == []
    assert (await client.get(one, headers=ana["headers"])).json() == document
    assert (await client.get(f"{one}/file", headers=ana["headers"])).status_code == 200


async def test_a_document_and_its_file_in_one_step(
    client: httpx.AsyncClient, ana: Account, keep: Keep
) -> None:
    document = await keep(ana, uploads.jpeg(), holder_name="", expires_on="2030-01-31")
    assert document["file_path"] == f"/api/v1/documents/{document['id']}/file"
    assert (document["file_name"], document["media_type"]) == ("meu rg.jpg", "image/jpeg")
    assert document["holder_name"] is None
    file = await client.get(document["file_path"], headers=ana["headers"])
    assert file.headers["Content-Type"] == "image/jpeg"
    assert file.headers["Content-Disposition"] == "attachment; filename*=UTF-8''meu%20rg.jpg"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"
    assert len(file.content) == document["file_size"]
    assert uploads.CANARY.encode() not in file.content
    with Image.open(io.BytesIO(file.content)) as picture:
        assert picture.size == (40, 60)
        assert not picture.getexif()
    small = await client.get(
        f"/api/v1/documents/{document['id']}/thumbnail", headers=ana["headers"]
    )
    assert small.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(small.content)) as picture:
        assert max(picture.size) <= 320


async def test_a_file_takes_the_place_of_another_and_leaves_nothing_of_it(
    client: httpx.AsyncClient, ana: Account, keep: Keep, tmp_path: Path
) -> None:
    document = await keep(ana)
    one = f"/api/v1/documents/{document['id']}"
    for part in ("file", "thumbnail"):
        none = await client.get(f"{one}/{part}", headers=ana["headers"])
        assert (none.status_code, none.json()["code"]) == (404, "document_file_not_found")
    sent = [("C:\\docs\\a.JPEG", uploads.jpeg()), ("foto.png", uploads.pdf()), ("", uploads.png())]
    names = []
    for name, content in sent:
        answer = await client.put(
            f"{one}/file", files={"file": (name or "x", content)}, headers=ana["headers"]
        )
        assert answer.status_code == 200, answer.text
        names.append(answer.json()["file_name"])
        assert len(list((tmp_path / "objects/documents").iterdir())) == 2
    assert names == ["a.JPEG", "foto.pdf", "x.png"]
    assert (await client.delete(one, headers=ana["headers"])).status_code == 204
    assert list((tmp_path / "objects/documents").iterdir()) == []


async def test_what_is_no_form_with_a_file_is_told(client: httpx.AsyncClient, ana: Account) -> None:
    headers = ana["headers"]
    fields = {"document_type": "RG", "document_number": "1"}
    form = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
    answers = [
        await client.post("/documents/upload", json=fields, headers=headers),
        await client.post("/documents/upload", data=fields, headers=headers),
        await client.post("/documents/upload", files={"other": b"x"}, headers=headers),
        await client.post("/documents/upload", content=b"nothing", headers=form),
        await client.post(
            "/documents/upload",
            content=b"",
            headers={**headers, "Content-Type": "multipart/form-data"},
        ),
        await client.post("/documents/upload", files={"file": uploads.png()}, headers=headers),
        await client.post(
            "/documents/upload",
            data={**fields, "expires_on": "amanhã"},
            files={"file": uploads.png()},
            headers=headers,
        ),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (422, "validation_error")
    ] * len(answers)


async def test_hostile_files_are_refused_and_nothing_of_them_is_kept(
    client: httpx.AsyncClient, ana: Account, tmp_path: Path
) -> None:
    files = {
        "type": b"<svg onload=alert(1)>",
        "broken": uploads.jpeg()[:400],
        "pixels": uploads.png_bomb(),
        "active": uploads.pdf_that_does("/OpenAction << /S /JavaScript /JS (x) >>"),
    }
    fields = {"document_type": "RG", "document_number": "1"}
    for reason, content in files.items():
        answer = await client.post(
            "/documents/upload",
            data=fields,
            files={"file": ("rg.jpg", content, "image/jpeg")},
            headers=ana["headers"],
        )
        assert (answer.status_code, answer.json()["motivo"]) == (422, reason)
    large = await client.post(
        "/documents/upload", data=fields, files={"file": bytes(200_001)}, headers=ana["headers"]
    )
    assert (large.status_code, large.json()["code"]) == (413, "document_file_too_large")
    assert (await client.get("/documents", headers=ana["headers"])).json() == []
    assert not (tmp_path / "objects/documents").exists()
