"""Who is asking, for logs and the audit: set at the edge, read anywhere below it."""

from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["RequestContext", "current_context", "enter_context"]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request, or one background task, as logs and the audit name it."""

    request_id: str | None = None
    address: str | None = None


_current: ContextVar[RequestContext] = ContextVar("praca_context", default=RequestContext())  # noqa: B039  # frozen


def current_context() -> RequestContext:
    """Return the context of the running request or task; empty outside of both."""
    return _current.get()


def enter_context(context: RequestContext) -> None:
    """Make ``context`` the one of the running asyncio task and its children."""
    _current.set(context)
