"""The span of a request: whose trace it belongs to, and what may be said of it.

Of the conventions for HTTP spans ``url.path`` and ``url.query`` are left out, whatever they ask
for: both hold ids of people. So are the client's address and what its browser calls itself.
"""

from starlette.types import Scope

from praca.platform.journal import noted_method
from praca.platform.noting import NO_ROUTE, route_template
from praca.platform.telemetry import Kind, Span, is_tracing, span

__all__ = ["end_server_span", "server_span"]

_FAILED = 500


def server_span(scope: Scope) -> Span:
    """Return the span of a request or a socket, below the caller's if it came with one."""
    if not is_tracing():
        return span("")
    given = [value for name, value in scope["headers"] if name == b"traceparent"]
    # Two name no trace: nobody knows which is the caller's.
    parents = [given[0].decode("latin-1")] if len(given) == 1 else []
    return span(_method(scope), Kind.SERVER, parents=parents)


def end_server_span(served: Span, scope: Scope, status: int) -> None:
    """Note what became of the request; known only now are its route and its status."""
    if not served.is_recording:
        return
    method, template = _method(scope), route_template(scope)
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "http.response.status_code": status,
        "url.scheme": scope.get("scheme", "http"),
    }
    if template != NO_ROUTE:
        attributes["http.route"] = template
        served.rename(f"{method} {template}")
    served.note(attributes)
    if status >= _FAILED:
        served.fail(str(status))


def _method(scope: Scope) -> str:
    """Return the method; a socket begins as a GET."""
    return noted_method(scope["method"]) if scope["type"] == "http" else "GET"
