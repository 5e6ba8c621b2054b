"""The whole way against oidc-provider-mock, which others wrote."""

import json
from collections.abc import Iterator

import httpx
import pytest
from tests.integration.identity.social.world import Home, code_of, public_mock, query_of

from praca.platform.settings import Settings

MARIA = {
    "sub": "maria",
    "email": "maria@example.org",
    "email_verified": True,
    "name": "Maria da Silva",
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with public_mock(MARIA) as address:
        yield address


@pytest.fixture
def settings(settings: Settings, issuer: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    provider = {"name": "mock", "issuer": issuer, "client_id": "praca", "client_secret": "x"}
    monkeypatch.setenv("PRACA_OIDC_PROVIDERS", json.dumps([provider]))
    return Settings.load()


async def consent(url: str, form: dict[str, str]) -> dict[str, str]:
    """Answer the provider's page; return what it sends back."""
    async with httpx.AsyncClient() as browser:
        page = await browser.get(url)
        assert page.status_code == 200
        answer = await browser.post(url, data=form)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith("https://praca.example.org/auth/mock/callback?")
    return query_of(answer.headers["Location"])


async def visit(home: Home, form: dict[str, str]) -> httpx.Response:
    returned = await consent(await home.leave("mock"), form)
    return await home.client.get("/auth/mock/callback", params=returned)


async def test_first_sign_in_registration_second_sign_in(home: Home) -> None:
    first = (await visit(home, {"sub": "maria"})).json()
    assert first["registration_required"] is True
    assert (first["full_name"], first["email"]) == ("Maria da Silva", "maria@example.org")
    assert first["email_verified"] is True
    body = {
        "registration_token": first["registration_token"],
        "full_name": first["full_name"],
        "birth_date": "1990-05-17",
        "cpf": "529.982.247-25",
        "phone": "21987654321",
    }
    made = await home.client.post("/api/v1/auth/social/register", json=body)
    assert made.status_code == 201, made.text
    second = (await visit(home, {"sub": "maria"})).json()
    assert second["user_id"] == made.json()["user_id"]
    assert second["provider"] == "mock"


async def test_the_provider_says_no(home: Home) -> None:
    answer = await visit(home, {"action": "deny"})
    assert answer.status_code == 400
    assert code_of(answer) == "social_state_invalid"  # the mock sends no state along with it


async def test_a_code_counts_once(home: Home) -> None:
    returned = await consent(await home.leave("mock"), {"sub": "maria"})
    assert (await home.client.get("/auth/mock/callback", params=returned)).status_code == 200
    other = query_of(await home.leave("mock"))["state"]
    answer = await home.client.get("/auth/mock/callback", params={**returned, "state": other})
    assert (answer.status_code, code_of(answer)) == (400, "social_sign_in_refused")


async def test_the_id_token_of_another_attempt_is_refused(home: Home) -> None:
    """The mock checks no PKCE, so here the nonce alone stands between."""
    stolen = (await consent(await home.leave("mock"), {"sub": "maria"}))["code"]
    state = query_of(await home.leave("mock"))["state"]
    params = {"code": stolen, "state": state}
    answer = await home.client.get("/auth/mock/callback", params=params)
    assert (answer.status_code, code_of(answer)) == (400, "social_answer_invalid")
