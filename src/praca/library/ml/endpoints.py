"""The library's models over HTTP."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/ml", tags=["ml"])
