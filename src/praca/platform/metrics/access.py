"""Who may read the figures: whoever has the token; without one, this machine, asked directly."""

import hmac
import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from praca.platform.settings import Settings

__all__ = ["may_read"]

_PROXIES_SAY: Final = ("forwarded", "via", "x-real-ip")
_BROWSERS_SAY: Final = ("origin", "referer", "sec-fetch-site")


def may_read(settings: Settings, peer: str | None, headers: Mapping[str, str]) -> bool:
    """Tell whether a request may read the figures.

    Without a token nothing a proxy or a browser sends is answered: the one speaks for strangers,
    the other may have been made to ask by any page, and our answers are open to all origins.

    Args:
        settings: with the token, if there is one.
        peer: network address of who asks, as the server sees it.
        headers: by names in lower case.
    """
    if not settings.metrics.metrics:
        return False
    token = settings.metrics.metrics_token
    if token is not None and token.get_secret_value():
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = token.get_secret_value().encode()
        same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), wanted)
        return same and scheme.lower() == "bearer"
    if not _is_loopback(peer):
        return False
    if any(name in headers for name in (*_PROXIES_SAY, *_BROWSERS_SAY)):
        return False
    if any(name.startswith("x-forwarded-") for name in headers):
        return False
    host = _host_of(headers.get("host", ""))
    return host == "localhost" or _is_loopback(host)


def _host_of(asked: str) -> str | None:
    """Return the name or address in a header ``Host``."""
    try:
        return urlsplit(f"//{asked}").hostname
    except ValueError:  # half a bracket
        return None


def _is_loopback(address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
