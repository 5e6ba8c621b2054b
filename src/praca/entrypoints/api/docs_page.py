"""The page that shows the API, at ``/docs``, with its scripts from our own address.

FastAPI's own page loads them from elsewhere: it stays empty behind a firewall, and tells others
who reads it.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

__all__ = ["install"]

_PAGE: Final = "/docs"
_FILES: Final = "/docs/files"


def install(app: FastAPI) -> None:
    """Add the page and its files."""
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=app.title,
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{_FILES}/favicon-32x32.png",
    )

    async def docs() -> HTMLResponse:
        return page

    app.mount(_FILES, StaticFiles(packages=[("fastapi_swagger", "resources")]))
    app.add_api_route(_PAGE, docs, include_in_schema=False)
