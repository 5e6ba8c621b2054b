"""One's own data over HTTP: a copy, and its erasure."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter()
