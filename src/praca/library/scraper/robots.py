"""What a host's ``robots.txt`` allows us. Source: RFC 9309."""

import re
from typing import Final, Self

from protego import Protego

__all__ = ["MOST_BYTES", "Robots", "product_token"]

MOST_BYTES: Final = 500 * 1024
"""How much of the file is read, as the RFC asks at least."""

_TOKEN: Final = re.compile(r"[A-Za-z_-]+")
_LONGEST_DELAY_S: Final = 60.0


def product_token(user_agent: str) -> str:
    """Return the name by which rules are meant for us: ``PracaBot`` of ``PracaBot/0.1 (+…)``.

    Empty where the name does not begin with one; then only the rules for everybody apply.
    """
    found = _TOKEN.match(user_agent)
    return found[0] if found else ""


class Robots:
    """The rules of one host for one crawler.

    A group of rules that is named by the beginning of our name counts as ours, too; the RFC has
    only the whole name count. That is how protego reads it, as others do.
    """

    def __init__(self, rules: Protego, token: str) -> None:
        self._rules = rules
        self._token = token

    @classmethod
    def parse(cls, body: bytes, user_agent: str) -> Self:
        """Read the file; what makes no sense in it is passed over, as the RFC asks.

        Of a longer file than :data:`MOST_BYTES` the rest is ignored, with the line it begins in.
        """
        if len(body) >= MOST_BYTES:
            body = body[:MOST_BYTES].rpartition(b"\n")[0]
        text = body.decode("utf-8-sig", "replace")
        return cls(Protego.parse(text), product_token(user_agent))

    @classmethod
    def allow_all(cls) -> Self:
        """Return the rules of a host that has none."""
        return cls(Protego.parse(""), "")

    def may_fetch(self, url: str) -> bool:
        """Tell whether we may ask for ``url``, of which scheme and host are not looked at."""
        return bool(self._rules.can_fetch(url, self._token))

    @property
    def delay_s(self) -> float:
        """How long to wait between two requests, at least: not more than a minute is heeded."""
        return min(self._rules.crawl_delay(self._token) or 0.0, _LONGEST_DELAY_S)
