"""Without an endpoint nothing of OpenTelemetry is there, and spans are nothing."""

import subprocess
import sys

import pytest

from praca.platform.settings import Settings
from praca.platform.telemetry import is_tracing, open_tracing, span, start_span, traceparent

_PROGRAM = """
import sys
from praca.platform.database import Database
from praca.platform.logging import configure_logging
from praca.platform.settings import Settings
from praca.platform.telemetry import open_tracing
open_tracing(Settings.load(), "praca-api")
print([name for name in sys.modules if name.startswith(("opentelemetry", "google.protobuf"))])
"""


def test_nothing_of_it_is_loaded() -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("endpoint", [None, ""])
async def test_spans_are_nothing(endpoint: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if endpoint is not None:
        monkeypatch.setenv("PRACA_OTLP_ENDPOINT", endpoint)
    tracing = open_tracing(Settings.load(), "praca-api")
    assert not tracing.is_on
    assert not is_tracing()
    with span("some work") as outer, start_span("more") as inner:
        for one in (outer, inner):
            one.note({"a": 1})
            one.fail("Broken")
            one.rename("other")
            one.end()
            assert not one.is_recording
            assert one.traceparent is None
        assert traceparent() is None
    await tracing.flush()
    await tracing.close()
