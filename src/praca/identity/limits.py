"""How often something may be tried, counted under keys that tell nobody's name or address."""

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Mapping
from datetime import timedelta

from praca.identity import repository
from praca.kit.clock import utc_now
from praca.kit.cpf import is_valid_cpf, normalize_cpf
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = ["FailureKeys", "Limiter"]

_PURPOSE = b"praca sign-in failures"
_IPV6_NETWORK_BITS = 64
_LONGEST_WINDOW = timedelta(hours=1)


class FailureKeys:
    """Derives the counters' keys with a secret, so that the table cannot be searched by name."""

    def __init__(self, signing_key: str) -> None:
        self._key = hmac.digest(signing_key.encode(), _PURPOSE, hashlib.sha256)

    def of_name(self, name: str) -> str:
        """Return the key of a name as typed; spelling variants of a CPF share one."""
        folded = normalize_cpf(name) if is_valid_cpf(name) else name.strip().casefold()
        return "account:" + self._digest(folded)

    def of_address(self, address: str, what: str = "address") -> str:
        """Return the key of a network address.

        Args:
            address: IPv6 by its network.
            what: is counted, ``sign-ups`` for example; by default failures to sign in.
        """
        return f"{what}:{self._digest(_network(address))}"

    def of_recovery(self, email: str) -> str:
        """Return the key under which the codes sent to an e-mail address are counted."""
        return "recovery:" + self._digest(email.strip().casefold())

    def of_conversation(self, account_id: int) -> str:
        """Return the key under which the questions of one account to the chatbot are counted."""
        return "conversation:" + self._digest(str(account_id))

    def _digest(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    """Return the address; of IPv6 the network, as a home has billions."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))
    return str(parsed)


class Limiter:
    """Counts by key within a window that begins with the first of them."""

    def __init__(self, window: timedelta) -> None:
        self._window = window

    async def wait_s(self, session: ReadSession, limits: Mapping[str, int]) -> int | None:
        """Return for how long none of this may be tried, or none if it may be."""
        now = utc_now()
        for key, (started, count) in (await repository.get_failures(session, limits)).items():
            left_s = (started + self._window - now).total_seconds()
            if left_s > 0 and count >= limits[key]:
                return max(1, math.ceil(left_s))
        return None

    async def count(self, session: WriteSession, limits: Mapping[str, int]) -> bool:
        """Count one more under each key; false if that passes the limit of any."""
        within = True
        for key in sorted(limits):  # one order for all, so that no two wait for each other
            count = await repository.add_failure(session, key, now=utc_now(), window=self._window)
            within = within and count <= limits[key]
        return within

    async def clean(self, session: WriteSession) -> None:
        """Forget some of what is over."""
        # The table is everybody's: what this window has forgotten a longer one still counts.
        await repository.delete_stale(
            session, now=utc_now(), window=max(self._window, _LONGEST_WINDOW)
        )
