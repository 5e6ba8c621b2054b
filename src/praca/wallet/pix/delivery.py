"""How the simulated provider's notices reach the city: signed, by HTTP, again if need be."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx2
import structlog

from praca.kit.clock import utc_now
from praca.platform.database.engine import Database
from praca.wallet.pix import simulator_rows as rows
from praca.wallet.pix.signatures import SIGNATURE_HEADER, sign

__all__ = ["Delivery"]

_log = structlog.get_logger("praca.pix_simulator")
_AT_ONCE: Final = 20
_LEASE: Final = timedelta(seconds=60)
_MOST_TRIES: Final = 10


class Delivery:
    """Sends what is due.

    A notice is removed after it has arrived, in another transaction: whoever dies in between
    sends it again, as providers do.
    """

    def __init__(
        self,
        database: Database,
        client: httpx2.AsyncClient,
        *,
        url: str,
        secret: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._client = client
        self._url = url
        self._secret = secret
        self._now = now

    async def send_due(self) -> int:
        """Send every notice that is due; return how many arrived."""
        arrived = 0
        while taken := await self._take():
            for notice in taken:
                if await self._send(notice):
                    arrived += 1
        return arrived

    async def _take(self) -> list[rows.Notice]:
        now = self._now()
        async with self._database.write() as session:
            return await rows.take_notices(session, now, until=now + _LEASE, limit=_AT_ONCE)

    async def _send(self, notice: rows.Notice) -> bool:
        is_sent = [await self._post(notice.body) for _ in range(notice.copies)]
        async with self._database.write() as session:
            if all(is_sent) or notice.tries >= _MOST_TRIES:
                await rows.delete_notice(session, notice.id)
            else:
                pause = timedelta(seconds=5 * 2**notice.tries)
                await rows.postpone_notice(session, notice.id, self._now() + pause)
        return all(is_sent)

    async def _post(self, body: str) -> bool:
        content = body.encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: sign(self._secret, content, int(self._now().timestamp())),
        }
        with contextlib.suppress(httpx2.HTTPError):
            answer = await self._client.post(self._url, content=content, headers=headers)
            if answer.is_success:
                return True
            _log.info("pix_simulator.refused", status=answer.status_code)
        return False
