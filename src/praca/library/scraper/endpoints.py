"""Gathering the catalogue over HTTP: start it, follow it, see what it could not read."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/raspagem", tags=["raspagem"])
