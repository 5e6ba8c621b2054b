"""Routers that are passed over at once when a request is not for them."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

__all__ = ["PREFIX", "RoomRouter"]

PREFIX = "/api/v1"


class RoomRouter(APIRouter):
    """A room's routes, looked through only if a path begins like one of them.

    FastAPI tries every route of every router in turn, and twice; with some hundred routes that
    costs more than most answers.
    """

    _counted = -1
    _beginnings: frozenset[str] = frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a route fits the request, as every router does."""
        begins = scope["path"].removeprefix(PREFIX).split("/", 2)[1:2]
        if begins and begins[0] not in self._known_beginnings():
            return Match.NONE, {}
        return super().matches(scope)

    def _known_beginnings(self) -> frozenset[str]:
        """Return the first segments of all routes.

        Raises:
            ValueError: one begins with a parameter, which any segment may be.
        """
        if self._counted != len(self.routes):
            paths = [str(getattr(route, "path", "")) for route in self.routes]
            self._beginnings = frozenset(path.split("/", 2)[1] for path in paths)
            if any("{" in segment for segment in self._beginnings):
                raise ValueError("a route of a room begins with a word of its own")
            self._counted = len(self.routes)
        return self._beginnings
