"""``/metrics``: what Prometheus reads. No part of the API, and to most not there at all."""

import asyncio

from fastapi import FastAPI, HTTPException, Request, Response

from praca.entrypoints.metrics import CITY_READINGS
from praca.platform.metrics.access import may_read
from praca.platform.metrics.figures import CityFigures
from praca.platform.metrics.running import Metrics
from praca.platform.resources import Resources

__all__ = ["install", "use"]


def install(app: FastAPI) -> None:
    """Add the path, unless the settings leave it out; nothing is read before :func:`use`."""
    app.state.metrics = None
    if app.state.resources.settings.metrics.metrics:
        app.add_api_route("/metrics", _figures, include_in_schema=False)


def use(app: FastAPI, metrics: Metrics | None) -> None:
    """Show the figures of ``metrics``, and with them those of the city."""
    app.state.metrics = metrics
    if metrics is None:
        return
    resources: Resources = app.state.resources
    city = CityFigures(resources.databases.city.dsn, resources.settings, CITY_READINGS)
    app.state.city_figures = city
    metrics.add(city.collect)


async def _figures(request: Request) -> Response:
    """Return everything, to whoever may read it; to others the path leads nowhere."""
    state = request.app.state
    metrics: Metrics | None = state.metrics
    peer = request.client.host if request.client else None
    if metrics is None or not may_read(state.resources.settings, peer, request.headers):
        raise HTTPException(404)
    await state.city_figures.refresh()
    accept = request.headers.get("accept", "")
    body, media_type = await asyncio.to_thread(metrics.text, accept)
    return Response(body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})
