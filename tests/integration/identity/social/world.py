"""Providers on loopback: one of our own that checks and lies as told, and the public mock."""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from praca.kit.clock import utc_now

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "MARIA",
    "OTHER_KEY",
    "SUBJECT",
    "Home",
    "Loopback",
    "code_of",
    "loopback",
    "public_mock",
    "query_of",
]

CLIENT_ID = "praca"
CLIENT_SECRET = "segredo-da-aplicacao"  # of a throw-away provider
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

Json = dict[str, Any]
SUBJECT = "10769150350006150715113082367"
MARIA: Json = {"email": "maria@example.org", "email_verified": True, "name": "Maria  da Silva"}
_KEY = RSAKey.generate_key(2048, auto_kid=True)
OTHER_KEY = RSAKey.generate_key(2048, auto_kid=True)


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@dataclass
class Loopback:
    """An OpenID provider and a Graph API in one; it refuses what a strict one refuses.

    Attributes:
        forge: makes of the header and claims of an ID token what is sent instead.
        fail: paths that answer with this status.
        instead: what paths answer instead.
        hangs: answers wait for it.
        stop: nobody answers any more.
        tokens: access tokens, and whose they are.
    """

    people: dict[str, Json]
    address: str = ""
    key: RSAKey = field(default_factory=lambda: _KEY)
    forge: Callable[[Json, Json], str] | None = None
    fail: dict[str, int] = field(default_factory=dict)
    instead: Json = field(default_factory=dict)
    hangs: threading.Event | None = None
    stop: Callable[[], None] = lambda: None
    described: Json = field(default_factory=dict)
    granted: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def agree(self, url: str, subject: str) -> str:
        """Let the person agree to what ``url`` asks; return the code."""
        asked = query_of(url)
        assert url.startswith(self.address)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.granted[code] = (subject, asked)
        return code

    def sign(self, header: Json, claims: Json) -> str:
        return jwt.encode(header, claims, self.key, algorithms=["RS256"])

    # --- what is answered -------------------------------------------------------------------

    def get(self, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
            names |= {"jwks_uri": "jwks", "userinfo_endpoint": "userinfo"}
            urls = {name: f"{self.address}/{place}" for name, place in names.items()}
            return 200, {"issuer": self.address, **urls} | self.described
        if path == "/jwks":
            return 200, KeySet([self.key]).as_dict(private=False)
        subject = self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if subject is None:
            return 401, {"error": {"message": "Invalid OAuth access token."}}
        if path == "/userinfo":
            return 200, {"sub": subject, **self.people[subject]}
        return self.graph(query, headers["Authorization"].removeprefix("Bearer "), subject)

    def graph(self, query: dict[str, str], token: str, subject: str) -> tuple[int, Any]:
        proof = hmac.new(CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if query != {"fields": "id,name,email", "appsecret_proof": proof}:
            return 400, {"error": {"message": "Invalid appsecret_proof"}}
        known = self.people[subject]
        return 200, {"id": subject} | {k: v for k, v in known.items() if k in {"name", "email"}}

    def exchange(self, form: dict[str, str], headers: Any) -> tuple[int, Json]:
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret"))
        if headers.get("Authorization") != f"Basic {given}" and posted != (
            CLIENT_ID,
            CLIENT_SECRET,
        ):
            return 401, {"error": "invalid_client"}
        subject, asked = self.granted.pop(form.get("code", ""), ("", {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked.get("code_challenge") != challenge:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        token = secrets.token_urlsafe(16)
        self.tokens[token] = subject
        answer: Json = {"access_token": token, "token_type": "Bearer", "expires_in": 60}
        if "nonce" in asked:
            answer["id_token"] = self.id_token(subject, asked["nonce"])
        return 200, answer

    def id_token(self, subject: str, nonce: str) -> str:
        now = int(utc_now().timestamp())
        claims: Json = {"iss": self.address, "sub": subject, "aud": CLIENT_ID, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 60, **self.people[subject]}
        header = {"alg": "RS256", "kid": self.key.kid}
        return (self.forge or self.sign)(header, claims)


class _Handler(BaseHTTPRequestHandler):
    world: ClassVar[Loopback]

    def do_GET(self) -> None:
        self._answer(lambda path: self.world.get(path, query_of(self.path), self.headers))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(lambda _path: self.world.exchange(form, self.headers))

    def _answer(self, handle: Callable[[str], tuple[int, Any]]) -> None:
        path = urlsplit(self.path).path
        self.world.asked.append(path)
        if self.world.hangs is not None:
            self.world.hangs.wait(10)
        status = self.world.fail.get(path)
        answered, body = (status, {}) if status else handle(path)
        body = self.world.instead.get(path, body)
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(answered)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # nobody waited
            self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def loopback(people: dict[str, Json]) -> Iterator[Loopback]:
    """Run a provider of our own in a thread."""
    world = Loopback(people)
    handler = type("Handler", (_Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    world.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    world.stop = stop
    try:
        yield world
    finally:
        if thread.is_alive():
            stop()


@contextmanager
def public_mock(*people: Json) -> Iterator[str]:
    """Run oidc-provider-mock in a process of its own; it says where it listens."""
    told = [part for person in people for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", "0", "--require-nonce", *told]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        assert process.stderr is not None
        try:
            yield next(found[0] for line in process.stderr if (found := _ADDRESS.search(line)))
        finally:
            process.kill()


@dataclass
class Home:
    """A person's browser and Praça."""

    client: httpx.AsyncClient

    async def leave(self, provider: str) -> str:
        """Go to the provider; return the address there."""
        self.client.cookies.clear()
        answer = await self.client.get(f"/auth/{provider}/login")
        assert answer.status_code == 307, answer.text
        return answer.headers["Location"]

    async def come_back(self, provider: str, url: str, **query: str) -> httpx.Response:
        """Return with what the provider sends along, besides the state."""
        params = {"state": query_of(url)["state"], **query}
        return await self.client.get(f"/auth/{provider}/callback", params=params)

    async def visit(self, world: Loopback, provider: str, subject: str) -> httpx.Response:
        """Go there and back."""
        url = await self.leave(provider)
        return await self.come_back(provider, url, code=world.agree(url, subject))
