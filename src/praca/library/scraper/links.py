"""Addresses within one shop: made whole, and never leading elsewhere."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

__all__ = ["inside", "origin"]

_LONGEST: Final = 2048
_SCHEMES: Final = ("http", "https")
_PORTS: Final = {"http": 80, "https": 443}
# What browsers take out of an address, and what would look like another one in a log.
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")

Origin = tuple[str, str, int]


@lru_cache(maxsize=1024)  # each page's address is compared with those of all of its links
def origin(url: str) -> Origin:
    """Return scheme, host and port of an address.

    Raises:
        ValueError: it is not an address of the web, or carries a name and a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("não é um endereço da web")
    if parts.username is not None or parts.password is not None:
        raise ValueError("há nome ou senha no endereço")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("a porta do endereço não é um número") from None
    return parts.scheme, parts.hostname.rstrip("."), _PORTS[parts.scheme] if port is None else port


def inside(link: str, page: str) -> str:
    """Return what ``link`` on ``page`` leads to, absolute and without its fragment.

    Raises:
        ValueError: it leads to another host, port or scheme, or cannot be an address; in
            Portuguese.
    """
    link = link.strip()
    if not link:
        raise ValueError("a ligação está vazia")
    if len(link) > _LONGEST or _UNFIT.search(link):
        raise ValueError("a ligação não pode ser um endereço")
    try:
        url = urldefrag(urljoin(page, link)).url
    except ValueError:
        url = ""
    if not 0 < len(url) <= _LONGEST:
        raise ValueError("a ligação não pode ser um endereço")
    if origin(url) != origin(page):
        raise ValueError("a ligação leva para fora da loja")
    return url
