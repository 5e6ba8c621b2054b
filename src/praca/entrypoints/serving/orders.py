"""What the supervisor and its processes say to each other: a word per line."""

from enum import StrEnum
from typing import Final

__all__ = ["SERVING", "Order"]

SERVING: Final = b"serving\n"
"""Said by a process as soon as it takes connections."""


class Order(StrEnum):
    """How a process is to stop."""

    RETIRE = "retire"
    """Another process serves already: take no new connections, let those there are run out."""
    DRAIN = "drain"
    """Nobody will serve here: tell the load balancer, and serve on until it has heard."""
    END = "end"
    """Now; what is in flight may finish."""
