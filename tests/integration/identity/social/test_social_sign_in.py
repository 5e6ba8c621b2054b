"""There and back: what a provider, or somebody in between, may and may not get away with."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest
from joserfc import jws, jwt
from tests.integration.identity.social.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    MARIA,
    OTHER_KEY,
    SUBJECT,
    Home,
    Loopback,
    code_of,
    query_of,
)

Json = dict[str, Any]


async def test_google_is_asked_as_the_contract_says(home: Home) -> None:
    url = await home.leave("google")
    asked = query_of(url)
    assert asked["scope"] == "openid email profile"
    assert asked["redirect_uri"] == "https://praca.example.org/auth/google/callback"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    again = query_of(await home.leave("google"))
    assert not {asked["state"], asked["nonce"]} & {again["state"], again["nonce"]}


async def test_meta_is_asked_as_the_contract_says(home: Home, world: Loopback) -> None:
    url = await home.leave("meta")
    assert url.startswith(f"{world.address}/dialog?")
    assert query_of(url)["scope"] == "email,public_profile"
    assert query_of(url)["redirect_uri"] == "https://praca.example.org/auth/meta/callback"


async def test_the_cookie_is_for_this_browser_and_this_host_alone(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/auth/google/login")
    assert answer.headers["Cache-Control"] == "no-store"
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-praca-social=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} == set(attributes)


async def test_a_stranger_is_told_what_the_provider_says_of_him(
    home: Home, world: Loopback
) -> None:
    answer = await home.visit(world, "google", SUBJECT)
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'praca-social=""; ' in answer.headers["Set-Cookie"]  # used up
    assert len(body.pop("registration_token")) >= 43
    assert body == {
        "registration_required": True,
        "full_name": "Maria da Silva",
        "email": "maria@example.org",
        "email_verified": True,
    }


async def test_meta_vouches_for_no_address(home: Home, world: Loopback) -> None:
    body = (await home.visit(world, "meta", SUBJECT)).json()
    assert (body["email"], body["email_verified"]) == ("maria@example.org", False)
    assert body["full_name"] == "Maria da Silva"


async def test_an_address_counts_only_if_the_provider_vouches_for_it(
    home: Home, world: Loopback
) -> None:
    for verified in (False, None, "false", 1.5, "true", True):
        world.people[SUBJECT]["email_verified"] = verified
        answer = await home.visit(world, "google", SUBJECT)
        assert answer.json()["email_verified"] is (verified in (True, "true")), verified
    for email in ("", "maria", "a@b\x00", 7, "a" * 250 + "@b.org"):
        world.people[SUBJECT]["email"] = email
        body = (await home.visit(world, "google", SUBJECT)).json()
        assert (body["email"], body["email_verified"]) == (None, False)


async def test_what_the_id_token_lacks_is_asked_for(home: Home, world: Loopback) -> None:
    def bare(header: Json, claims: Json) -> str:
        return world.sign(header, {k: v for k, v in claims.items() if k not in MARIA})

    world.forge = bare
    assert (await home.visit(world, "google", SUBJECT)).json()["email"] == "maria@example.org"
    assert "/userinfo" in world.asked


async def test_only_a_linked_person_is_signed_in(
    home: Home, world: Loopback, make_account: Callable[..., Any]
) -> None:
    maria = await make_account("maria")
    token = (await home.visit(world, "google", SUBJECT)).json()["registration_token"]
    body = {"registration_token": token}
    linked = await home.client.post("/auth/social/link", json=body, headers=maria["headers"])
    assert linked.status_code == 201, linked.text
    assert linked.json()["provider"] == "google"
    answer = await home.visit(world, "google", SUBJECT)
    pair = answer.json()
    assert (pair["user_id"], pair["provider"]) == (maria["id"], "google")
    assert answer.headers["Cache-Control"] == "no-store"
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert (await home.client.get("/api/v1/usuarios/me", headers=bearer)).json()["id"] == (
        maria["id"]
    )
    renewed = await home.client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 200
    # The same number at another provider is another person.
    other = await home.visit(world, "meta", SUBJECT)
    assert other.json()["registration_required"] is True


async def test_an_inactive_account_stays_closed(
    home: Home, world: Loopback, make_account: Callable[..., Any], city_dsn: str
) -> None:
    maria = await make_account("maria")
    token = (await home.visit(world, "google", SUBJECT)).json()["registration_token"]
    await home.client.post(
        "/auth/social/link", json={"registration_token": token}, headers=maria["headers"]
    )
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE identity.accounts SET is_active = false")
    answer = await home.visit(world, "google", SUBJECT)
    assert (answer.status_code, code_of(answer)) == (401, "account_inactive")


# --- the state ---------------------------------------------------------------------------------


async def test_a_state_counts_once(home: Home, world: Loopback) -> None:
    url = await home.leave("google")
    cookies = dict(home.client.cookies)
    assert (await home.come_back("google", url, code=world.agree(url, SUBJECT))).status_code == 200
    home.client.cookies.update(cookies)
    again = await home.come_back("google", url, code=world.agree(url, SUBJECT))
    assert (again.status_code, code_of(again)) == (400, "social_state_invalid")


async def test_of_many_who_bring_a_state_at_once_one_gets_through(
    home: Home, world: Loopback
) -> None:
    url = await home.leave("google")
    codes = [world.agree(url, SUBJECT) for _ in range(8)]
    answers = await asyncio.gather(*(home.come_back("google", url, code=code) for code in codes))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


async def test_a_failed_exchange_uses_the_state_up(home: Home, world: Loopback) -> None:
    url = await home.leave("google")
    answer = await home.come_back("google", url, code="inventado")
    assert (answer.status_code, code_of(answer)) == (400, "social_sign_in_refused")
    again = await home.come_back("google", url, code=world.agree(url, SUBJECT))
    assert code_of(again) == "social_state_invalid"


async def test_another_browser_gets_nothing_and_spoils_nothing(home: Home, world: Loopback) -> None:
    url = await home.leave("google")
    kept = dict(home.client.cookies)
    code = world.agree(url, SUBJECT)
    home.client.cookies.clear()
    assert code_of(await home.come_back("google", url, code=code)) == "social_state_invalid"
    await home.leave("google")  # the other's own cookie does not fit either
    assert code_of(await home.come_back("google", url, code=code)) == "social_state_invalid"
    home.client.cookies.clear()
    home.client.cookies.update(kept)
    assert (await home.come_back("google", url, code=code)).status_code == 200


async def test_a_state_belongs_to_its_provider(home: Home, world: Loopback) -> None:
    url = await home.leave("google")
    answer = await home.come_back("meta", url, code=world.agree(url, SUBJECT))
    assert code_of(answer) == "social_state_invalid"


async def test_an_old_state_counts_no_longer(home: Home, world: Loopback, city_dsn: str) -> None:
    url = await home.leave("google")
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE identity.social_attempts SET expires_at = now()")
    answer = await home.come_back("google", url, code=world.agree(url, SUBJECT))
    assert code_of(answer) == "social_state_invalid"
    assert world.tokens == {}


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"code": "x", "state": ""}, {"state": "x"}])
async def test_without_a_state_nothing_is_asked(
    home: Home, world: Loopback, query: dict[str, str]
) -> None:
    await home.leave("google")
    before = len(world.asked)
    answer = await home.client.get("/auth/google/callback", params=query)
    assert (answer.status_code, code_of(answer)) == (400, "social_state_invalid")
    assert len(world.asked) == before


# --- the provider ------------------------------------------------------------------------------


async def test_whoever_says_no_is_not_signed_in(home: Home, world: Loopback) -> None:
    url = await home.leave("google")
    code = world.agree(url, SUBJECT)
    answer = await home.come_back("google", url, error="access_denied", code=code)
    assert (answer.status_code, code_of(answer)) == (400, "social_sign_in_refused")
    assert world.tokens == {}


async def test_the_code_of_another_attempt_is_worth_nothing(home: Home, world: Loopback) -> None:
    stolen = world.agree(await home.leave("google"), SUBJECT)
    url = await home.leave("google")
    answer = await home.come_back("google", url, code=stolen)
    assert code_of(answer) == "social_sign_in_refused"  # its code challenge is another's


def changed(**claims: Any) -> Callable[[Loopback, Json, Json], str]:
    return lambda world, header, known: world.sign(header, known | claims)


def without(name: str) -> Callable[[Loopback, Json, Json], str]:
    return lambda world, header, known: world.sign(
        header, {key: value for key, value in known.items() if key != name}
    )


def macced(header: Json, claims: Json, key: bytes) -> str:
    """A token that joserfc would not make."""
    parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
    digest = hmac.digest(key, ".".join(parts).encode(), hashlib.sha256) if key else b""
    return ".".join([*parts, base64url(digest)])


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unsigned(_world: Loopback, header: Json, claims: Json) -> str:
    return macced(header | {"alg": "none"}, claims, b"")


def by_public_key(world: Loopback, header: Json, claims: Json) -> str:
    return macced(header | {"alg": "HS256"}, claims, world.key.as_pem(private=False))


def by_our_secret(_world: Loopback, header: Json, claims: Json) -> str:
    return macced(header | {"alg": "HS256"}, claims, CLIENT_SECRET.encode())


def by_a_stranger(_world: Loopback, header: Json, claims: Json) -> str:
    return jwt.encode(header, claims, OTHER_KEY)


def by_an_unknown_key(_world: Loopback, header: Json, claims: Json) -> str:
    return jwt.encode(header | {"kid": "outra"}, claims, OTHER_KEY)


def not_json(world: Loopback, header: Json, _claims: Json) -> str:
    return jws.serialize_compact(header, b"[1]", world.key)


FORGED: tuple[Callable[[Loopback, Json, Json], str], ...] = (
    changed(nonce="outro"),
    without("nonce"),
    changed(aud="outra-aplicacao"),
    changed(aud="outra-aplicacao", azp=CLIENT_ID),
    changed(aud=[CLIENT_ID, "outra-aplicacao"]),  # without saying for whom of the two
    changed(azp="outra-aplicacao"),
    without("aud"),
    changed(iss="https://accounts.example.org"),
    without("iss"),
    changed(exp=1),
    changed(exp="amanhã"),
    without("exp"),
    changed(iat=2**40),
    changed(at_hash="AAAA"),
    changed(sub=None),
    changed(sub=""),
    changed(sub="a\x00b"),
    changed(sub="9" * 256),
    unsigned,
    by_public_key,
    by_our_secret,
    by_a_stranger,
    by_an_unknown_key,
    not_json,
    lambda *_: "a.b.c",
    lambda *_: "",
    lambda *_: "x" * 20_000,
)


async def test_an_id_token_that_proves_nothing_is_refused(
    home: Home, world: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    # What a provider says that it signs with decides nothing.
    world.described = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    for number, forge in enumerate(FORGED):
        world.forge = partial(forge, world)
        answer = await home.visit(world, "google", SUBJECT)
        assert code_of(answer) == "social_answer_invalid", number
        assert answer.status_code == 400
    assert "Traceback" not in "".join(capsys.readouterr())
    world.forge = None
    assert (await home.visit(world, "google", SUBJECT)).status_code == 200


async def test_user_info_of_somebody_else_is_refused(home: Home, world: Loopback) -> None:
    def bare(header: Json, claims: Json) -> str:
        world.people[SUBJECT]["sub"] = "outra"
        return world.sign(header, {k: v for k, v in claims.items() if k != "name"})

    world.forge = bare
    assert code_of(await home.visit(world, "google", SUBJECT)) == "social_answer_invalid"


async def test_a_new_key_of_the_provider_is_fetched(home: Home, world: Loopback) -> None:
    assert (await home.visit(world, "google", SUBJECT)).status_code == 200
    world.key = OTHER_KEY
    assert (await home.visit(world, "google", SUBJECT)).status_code == 200
    assert world.asked.count("/jwks") == 2
    assert (await home.visit(world, "google", SUBJECT)).status_code == 200
    assert world.asked.count("/jwks") == 2
    assert world.asked.count("/.well-known/openid-configuration") == 1


async def test_a_provider_that_fails_on_the_way_back(home: Home, world: Loopback) -> None:
    for provider, path, status, code in (
        ("google", "/jwks", 500, "social_provider_unreachable"),
        ("google", "/token", 500, "social_provider_unreachable"),
        ("meta", "/oauth/access_token", 502, "social_provider_unreachable"),
        ("meta", "/me", 503, "social_provider_unreachable"),
        ("meta", "/me", 400, "social_sign_in_refused"),
    ):
        world.fail = {path: status}
        answer = await home.visit(world, provider, SUBJECT)
        assert code_of(answer) == code, path
        assert (answer.status_code == 503) == ("Retry-After" in answer.headers)


async def test_a_provider_that_describes_itself_wrongly(home: Home, world: Loopback) -> None:
    for described in (
        {"issuer": "https://accounts.example.org"},
        {"token_endpoint": None},
        {"authorization_endpoint": 7},
    ):
        world.described = described
        answer = await home.client.get("/auth/google/login")
        assert (answer.status_code, code_of(answer)) == (503, "social_provider_unreachable")
    world.described = {}
    await home.leave("google")  # nothing wrong was remembered


async def test_keys_that_cannot_be_read(home: Home, world: Loopback) -> None:
    unreadable: tuple[Any, ...] = ({}, [], {"keys": []}, {"keys": [{"kty": "RSA"}]}, {"keys": [7]})
    for keys in (*unreadable, "<html>"):
        world.instead = {"/jwks": keys}
        answer = await home.visit(world, "google", SUBJECT)
        assert code_of(answer) == "social_provider_unreachable", keys


async def test_a_provider_that_hangs_is_waited_for_no_longer_than_set(
    home: Home, world: Loopback, client: httpx.AsyncClient
) -> None:
    url = await home.leave("google")
    service = client.app.state.social  # type: ignore[attr-defined]
    service._providers.require("google")._timeout_s = 0.05
    world.hangs = threading.Event()
    try:
        answer = await home.come_back("google", url, code=world.agree(url, SUBJECT))
    finally:
        world.hangs.set()
    assert (answer.status_code, code_of(answer)) == (503, "social_provider_unreachable")


async def test_nobody_at_the_address(home: Home, world: Loopback) -> None:
    meta = await home.leave("meta")
    world.stop()
    assert code_of(await home.come_back("meta", meta, code="x")) == "social_provider_unreachable"
    answer = await home.client.get("/auth/google/login")
    assert (answer.status_code, code_of(answer)) == (503, "social_provider_unreachable")


async def test_whoever_is_not_configured_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/auth/gov-br/login", "/api/v1/auth/gov-br/callback?code=x&state=y"):
        answer = await client.get(path)
        assert (answer.status_code, code_of(answer)) == (404, "social_provider_unknown")


async def test_logs_and_tables_hold_no_secret_of_the_way(
    home: Home,
    world: Loopback,
    city_dsn: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="httpx")  # the person's browser, which knows it all
    secret: list[str] = [CLIENT_SECRET]
    for provider in ("google", "meta"):
        for broken in ("", "/me", "/jwks"):
            world.fail = {broken: 500}
            url = await home.leave(provider)
            code = world.agree(url, SUBJECT)
            secret += [query_of(url)["state"], code, *home.client.cookies.values()]
            answer = (await home.come_back(provider, url, code=code)).json()
            secret += [answer.get("registration_token", "") or code]
    secret += world.tokens
    output = capsys.readouterr()
    told = caplog.text + output.out + output.err
    assert "social.unreachable" in told
    with psycopg.connect(city_dsn) as connection:
        kept = json.dumps(
            [
                connection.execute(f"SELECT * FROM identity.{table}".encode()).fetchall()
                for table in ("social_attempts", "social_registrations", "audit_log")
            ],
            default=str,
        )
    assert [value for value in secret if value in told] == []
    assert [value for value in secret if value in kept] == []
