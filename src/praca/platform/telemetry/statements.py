"""Spans of statements, whichever road they take: all of them end in a cursor of psycopg.

SQLAlchemy's sessions, the reads and writes on the driver alone, and the queue's own functions all
ask the connection for a cursor. So one class of cursors sees them all.
"""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg

from praca.platform.telemetry.spans import Kind, Value, recorder
from praca.platform.telemetry.summaries import summary_of

if TYPE_CHECKING:
    from praca.platform.telemetry.recording import Recorder

__all__ = ["TracedCursor"]

_SYSTEM: Final = "postgresql"


class TracedCursor(psycopg.AsyncCursor[Any]):
    """Makes a span of each statement within a span that is kept."""

    # No coroutine of its own where nothing is kept: that would cost each statement of nine
    # requests in ten.
    def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Coroutine[Any, Any, "TracedCursor"]:
        """Run a statement."""
        running = super().execute(query, params, prepare=prepare, binary=binary)
        made = recorder()
        if made is None or not made.is_recording():
            return running
        return cast("Coroutine[Any, Any, TracedCursor]", self._noted(made, query, running))

    def executemany(
        self, query: Any, params_seq: Any, *, returning: bool = False
    ) -> Coroutine[Any, Any, None]:
        """Run a statement several times."""
        running = super().executemany(query, params_seq, returning=returning)
        made = recorder()
        if made is None or not made.is_recording():
            return running
        return cast("Coroutine[Any, Any, None]", self._noted(made, query, running))

    async def _noted(
        self, made: "Recorder", query: object, running: Coroutine[Any, Any, Any]
    ) -> object:
        summary = summary_of(self._text_of(query))
        attributes: dict[str, Value] = {
            "db.system.name": _SYSTEM,
            "db.operation.name": summary.operation,
            "db.query.summary": summary.text,
        }
        if len(summary.targets) == 1:
            attributes["db.collection.name"] = summary.targets[0]
        span = made.start(summary.text, Kind.CLIENT, attributes)
        try:
            return await running
        except psycopg.Error as error:
            # The code says what kind of error it is; its text may quote a value.
            if error.sqlstate is not None:
                span.note({"db.response.status_code": error.sqlstate})
            span.fail(error.sqlstate or type(error).__name__)
            raise
        finally:
            span.end()

    def _text_of(self, query: object) -> str:
        if isinstance(query, bytes):
            return query.decode(errors="replace")
        if isinstance(query, psycopg.sql.Composable):
            return query.as_string(self)
        return str(query)
