"""A citizen with cards, Pix, documents, links and a lost password; then the erasure; then a search.

What is encrypted is found nowhere even before; that it was there shows the copy that the citizen
takes along.
"""

import io
import json
from typing import Any

import httpx
import psycopg
from PIL import Image
from tests.integration.cities import run_task
from tests.integration.personal_data.places import ADDRESS, files_of, holds, rows_of, server_log

from praca.platform.resources import Resources
from praca.wallet.ledger.verify import verify

PERSON = {
    "full_name": "Zqnome Canária",
    "email": "zqemail@example.com",
    "birth_date": "1987-06-05",
    "cpf": "52998224725",
    "phone": "21987650077",
    "password": "Segredo-forte-9",
}
KEY, BROWSER, SUBJECT = "zqchave-da-ana@example.com", "zqnavegador/1.0", "zqsujeito-77"
NUMBER, HOLDER, ISSUER, FILE = "zqnumero-1", "Zqtitular", "zqorgao", "zqarquivo.png"
ENCRYPTED = {NUMBER, HOLDER, ISSUER, FILE}


class Citizen:
    """What a citizen does, all of it over HTTP."""

    def __init__(self, client: httpx.AsyncClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        self.words = {PERSON["cpf"], PERSON["email"], PERSON["full_name"], PERSON["phone"]}
        self.words |= {ADDRESS, KEY, BROWSER, SUBJECT}

    async def call(self, method: str, path: str, **asked: Any) -> Any:
        answer = await self.client.request(method, path, **asked)
        assert answer.is_success, answer.text
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json and answer.content else answer.content

    async def register(self) -> None:
        person = await self.call("POST", "/users/register", json=PERSON)
        form = {"username": PERSON["email"], "password": PERSON["password"]}
        token = (await self.call("POST", "/auth/login", data=form))["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        with psycopg.connect(self.resources.databases.identity.dsn) as connection:
            connection.execute(
                "INSERT INTO identity.linked_identities (account_id, provider, subject)"
                " VALUES (%s, 'google', %s)",
                (person["id"], SUBJECT),
            )

    async def lose_the_password(self) -> None:
        await self.call("POST", "/forgot-password/forgot-password", json={"email": PERSON["email"]})

    async def pay(self) -> None:
        """Recharge under a key that tells who one is, charge by Pix, leave money on the card."""
        (card,) = await self.call("GET", "/transport-card/my-cards")
        path = f"/transport-card/{card['card_number']}"
        self.words.add(card["card_number"])
        for _ in range(2):
            headers = {"Idempotency-Key": KEY}
            await self.call("POST", f"{path}/recharge", json={"amount": 900}, headers=headers)
        await self.call("POST", f"{path}/debit", json={"amount": 470})
        headers = {"Idempotency-Key": f"{KEY}-pix"}
        for _ in range(2):
            charge = await self.call("POST", f"{path}/pix", json={"amount": 500}, headers=headers)
        paid = {"br_code": charge["br_code"], "notify_times": 0}
        await self.call("POST", "/pix-simulator/pay", json=paid)
        await run_task(self.resources, "wallet.pix_reconcile")
        await self.call("GET", f"{path}/statement?format=csv")
        refused = await self.client.post(f"{path}/debit", json={"amount": card["card_number"]})
        assert refused.status_code == 422

    async def keep_documents(self, viewer: httpx.AsyncClient) -> None:
        """Keep a document, and let somebody else look at a part of it."""
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), "white").save(picture, "PNG")
        fields = {
            "document_type": "RG",
            "document_number": NUMBER,
            "holder_name": HOLDER,
            "issued_by": ISSUER,
        }
        document = await self.call(
            "POST", "/documents/upload", data=fields, files={"file": (FILE, picture.getvalue())}
        )
        share = await self.call(
            "POST", f"/documents/{document['id']}/shares", json={"fields": ["document_number"]}
        )
        url = httpx.URL(share["url"])
        looked = await viewer.get(
            f"/shared-documents?{url.query.decode()}", headers={"User-Agent": BROWSER}
        )
        assert NUMBER in looked.text

    def places(self, log: io.BytesIO) -> dict[str, str]:
        """Every place where something may lie, as text in lower case."""
        databases = self.resources.databases
        found = files_of(self.resources.settings.data_dir)
        for name, database in (("city", databases.city), ("identity", databases.identity)):
            found |= {f"{name}: {table}": rows for table, rows in rows_of(database.dsn).items()}
        found["log"] = log.getvalue().decode()
        found["server's log"] = server_log(databases.city.dsn)
        return {place: content.casefold() for place, content in found.items()}


def found_in(places: dict[str, str], words: set[str]) -> dict[str, list[str]]:
    found = {
        word: [place for place, content in places.items() if holds(content, word)] for word in words
    }
    return {word: where for word, where in found.items() if where}


async def test_an_erased_citizen_is_nowhere_and_the_sums_stay(
    parted: Resources, citizen: httpx.AsyncClient, office: httpx.AsyncClient, log: io.BytesIO
) -> None:
    person = Citizen(citizen, parted)
    await person.register()
    await person.pay()
    await person.keep_documents(office)
    await person.lose_the_password()

    before = found_in(person.places(log), person.words | ENCRYPTED)
    assert set(before) == person.words, "the search is blind, or something is not encrypted"
    copy = json.dumps(await person.call("GET", "/users/me/export"), ensure_ascii=False).casefold()
    wanted = {*person.words, *ENCRYPTED} - {KEY, ADDRESS}
    assert {word for word in wanted if word.casefold() not in copy} == set()

    refused = await citizen.delete("/users/me")
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_left")
    await person.call("DELETE", "/users/me?renunciar_saldo=true")
    for kind in ("identity.finish_erasures", "wallet.sweep_documents", "identity.finish_mails"):
        await run_task(parted, kind)  # as the clock does

    assert found_in(person.places(log), person.words | ENCRYPTED) == {}
    with psycopg.connect(parted.databases.city.dsn) as connection:
        rows = connection.execute("SELECT kind, state, balance FROM wallet.accounts").fetchall()
    assert set(rows) >= {("card", "closed", 0), ("surrendered", "open", 430)}
    assert (await verify(parted.databases.city)).problems == ()
