"""Makes the requests of the old clients and tells what they would miss."""

import asyncio
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.compatibility.facts import Refusal, Route, Try, spelled_out
from tests.compatibility.reading import taken, unread

__all__ = ["NotKeptError", "Walk"]

_PATIENCE_S = 180
_POLL_S = 0.02
_NAMED = re.compile(r"\$(\w+)")


class NotKeptError(Exception):
    """An earlier answer should have given something, and did not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no answer before it gave ${name}")


@dataclass
class Walk:
    """An old client at one application.

    Attributes:
        http: reaches the application.
        known: what the texts with ``$`` stand for, tokens of the roles among them.
        work: lets a worker do what waits.
    """

    http: httpx.AsyncClient
    known: dict[str, Any]
    work: Callable[[], Awaitable[None]]
    serial: Iterator[int] = field(default_factory=lambda: itertools.count(700_001))

    async def follow(self, route: Route) -> list[str]:
        """Make all tries of the route, in their order; return what went wrong."""
        wrong: list[str] = []
        for number, one in enumerate(route.tries, 1):
            try:
                found = await self._read(route, one)
            except TimeoutError:
                found = [f"nothing after {_PATIENCE_S} s"]
            wrong += [f"{route.call}, try {number}: {said}" for said in found]
        return wrong

    async def refused(self, route: Route, refusal: Refusal) -> list[str]:
        """Make the first try as somebody who is not let in any more."""
        answer = await self._sent(route, route.tries[0], by=refusal.by)
        if answer.status_code == refusal.status:
            return []
        return [f"{route.call} gave {answer.status_code} to {refusal.by}"]

    async def let_in(self, route: Route, refusal: Refusal) -> list[str]:
        """Make the first try as him where a setting has opened the route."""
        found = await self._read(route, route.tries[0], by=refusal.by)
        return [f"{route.call} with {route.opens}, by {refusal.by}: {said}" for said in found]

    async def _read(self, route: Route, one: Try, *, by: str | None = None) -> list[str]:
        if route.method == "WS":
            return unread(await self._heard(route, one), self._stated(one.reads))
        answer = await self._worked(route, one, by)
        body = _body(answer)
        if answer.status_code != one.status:
            return [f"{answer.status_code} instead of {one.status}: {answer.text[:300]}"]
        wrong = unread(body, self._stated(one.reads))
        wrong += unread(dict(answer.headers), self._stated(one.answers))
        if not wrong:
            self.known |= {name: taken(body, way) for name, way in one.keeps.items()}
        return wrong

    async def _worked(self, route: Route, one: Try, by: str | None) -> httpx.Response:
        """Send it while or before a worker works, or again and again until it is done."""
        if one.work:
            async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
                sent = group.create_task(self._sent(route, one, by))
                await self.work()
                # What the request has enqueued since the worker looked.
                group.create_task(self._work_on(sent))
            return sent.result()
        async with asyncio.timeout(_PATIENCE_S):
            while True:  # as the old page polls
                answer = await self._sent(route, one, by)
                if not unread(_body(answer), one.until):
                    return answer
                await asyncio.sleep(_POLL_S)

    async def _work_on(self, sent: asyncio.Task[httpx.Response]) -> None:
        while not sent.done():
            await self.work()
            await asyncio.sleep(_POLL_S)
        await self.work()

    async def _sent(self, route: Route, one: Try, by: str | None = None) -> httpx.Response:
        caller = by or one.by or route.by
        more = {"json": self._filled(one.json_)} if one.json_ is not None else {}
        return await self.http.request(
            route.method,
            self._path(route, one),
            params=self._filled(dict(one.query)),
            data=self._filled(one.form),
            headers={**self._token(caller), **one.headers},
            **more,
        )

    def _path(self, route: Route, one: Try) -> str:
        return route.path.format(**self._filled(dict(one.at)))

    def _token(self, caller: str) -> dict[str, str]:
        if caller == "anonymous":
            return {}
        return {"Authorization": f"Bearer {self._kept(caller.removeprefix('$'))}"}

    def _filled(self, value: Any) -> Any:
        """Return the value with what its ``$`` stand for."""
        if isinstance(value, Mapping):
            return {name: self._filled(member) for name, member in value.items()}
        if value == "$serial":
            return next(self.serial)
        if isinstance(value, str) and value.startswith("$"):
            return self._kept(value[1:])
        return value

    def _kept(self, name: str) -> Any:
        if name not in self.known:
            raise NotKeptError(name)
        return self.known[name]

    def _stated(self, members: Mapping[str, str]) -> dict[str, str]:
        """Return the members with the texts that theirs stand for."""
        return {
            name: _NAMED.sub(lambda found: str(self._kept(found[1])), kind)
            for name, kind in spelled_out(members)
        }

    async def _heard(self, route: Route, one: Try) -> Any:
        """Open a socket as a server would and return the first that it says."""
        path = self._path(route, one)
        said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        gone = asyncio.Event()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"test")],
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
            "extensions": {"websocket.http.response": {}},
        }
        opened = iter([{"type": "websocket.connect"}])

        async def receive() -> dict[str, Any]:
            for message in opened:
                return message
            await gone.wait()
            return {"type": "websocket.disconnect", "code": 1000}

        app = self.http.app  # type: ignore[attr-defined]
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
            group.create_task(app(scope, receive, said.put))
            assert (await said.get())["type"] == "websocket.accept"
            heard = await said.get()
            gone.set()
        return json.loads(heard["text"])


def _body(answer: httpx.Response) -> Any:
    return answer.json() if answer.content and "json" in answer.headers["content-type"] else None
