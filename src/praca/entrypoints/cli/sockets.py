"""How the API's server handles WebSockets."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["SOCKET_OPTIONS"]

SOCKET_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "ws": "websockets-sansio",
        # A client says little here: a token. It is read no further until that was taken.
        "ws_max_size": 64 * 1024,
        # Whoever is gone without a word is noticed within the sum of both.
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        # What is sent is short; unpacking would let a short message grow into a long one.
        "ws_per_message_deflate": False,
    }
)
"""Arguments of ``uvicorn.run``: the implementation that it does not call outdated, and limits."""
