"""Which letters a page's bytes stand for."""

import re
from typing import Final

__all__ = ["CharsetError", "decode"]

_DECLARED: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.ASCII)
_HEAD_BYTES: Final = 4096
# Browsers read what calls itself Latin-1 as Windows-1252. Source: WHATWG Encoding Standard.
_KNOWN: Final = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-15": "iso-8859-15",
}


class CharsetError(ValueError):
    """The bytes are not text in any character set that the page may mean."""


def decode(body: bytes, charset: str | None) -> str:
    """Return the text of a page.

    What is valid UTF-8 is UTF-8, whatever the header says: by chance other text hardly ever is,
    and the shop of the original sends UTF-8 that some clients take for Latin-1. Otherwise the
    header decides, then the page's own ``meta``.

    Raises:
        CharsetError: neither fits; why, in Portuguese.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = charset or _declared(body)
    known = _KNOWN.get((named or "utf-8").strip().lower())
    if known is None:
        raise CharsetError(
            f"não é UTF-8, e a codificação declarada é {(named or 'nenhuma')[:40]!r}"
        )
    try:
        return body.decode(known)
    except UnicodeDecodeError:
        raise CharsetError(f"não é texto em {known}") from None


def _declared(body: bytes) -> str | None:
    found = _DECLARED.search(body[:_HEAD_BYTES].lower())
    return found[1].decode("ascii") if found else None
