"""Emptying tables and deleting accounts, as system 4 knows them; for admins alone."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/admin", tags=["admin"])
