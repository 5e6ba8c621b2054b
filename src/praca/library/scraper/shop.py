"""Addresses of one shop: where it begins, and which addresses are its own."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

__all__ = ["Shop"]

_LONGEST: Final = 2000  # bytes of shop and path; an index of PostgreSQL holds 2,700
_STRANGE: Final = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop, known by the address all of its pages begin with.

    Attributes:
        url: that address, without a slash at its end.
        seed: path of its first page below that.
    """

    url: str
    seed: str = "/"

    @classmethod
    def at(cls, address: str) -> "Shop":
        """Return the shop whose first page is at ``address``."""
        parts = urlsplit(address)
        folder, _, page = parts.path.rpartition("/")
        if "." not in page:  # it names a folder, whether or not a slash ends it
            folder, page = parts.path.rstrip("/"), ""
        return cls(f"{_origin(parts)}{folder}", f"/{page}")

    def url_of(self, path: str) -> str:
        """Return the address of the page at ``path``."""
        return f"{self.url}{path}"

    def path_of(self, url: str) -> str | None:
        """Return where ``url`` lies below the shop; None: outside, or at no address at all."""
        try:
            parts = urlsplit(url)
            origin = _origin(parts)
        except ValueError:
            return None
        query = f"?{parts.query}" if parts.query else ""
        whole = f"{origin}{parts.path or '/'}{query}"
        path = whole.removeprefix(self.url)
        is_below = path != whole and path.startswith("/")
        if not is_below or _STRANGE.search(path) or len(whole.encode()) > _LONGEST:
            return None
        return path


def _origin(parts: SplitResult) -> str:
    """Return scheme, host and port as all spellings of them are compared.

    Raises:
        ValueError: the port is no number.
    """
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_usual = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"
