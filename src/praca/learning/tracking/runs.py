"""The door: what a training run is, and noting some without ever failing because of it."""

import base64
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from praca.learning.tracking.store import ENVIRONMENT
from praca.platform.resources import Resources
from praca.platform.settings import ObjectSettings, Tracking

__all__ = ["TrackedRun", "log_run", "log_runs"]

_log = structlog.get_logger("praca.tracking")

_TIMEOUT_S: Final = 180.0
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """One training, as it is shown.

    Attributes:
        model: which model; the name of MLflow's experiment.
        version: of the model in ``praca.learning.store``; with it, the run's identity.
        params: what the training was told.
        metrics: its figures; those that are not finite are left out.
        tags: ``data_hash``, ``code_version``, ``task_id``, ``promoted``, ``reason`` ...
        files: name -> content of plots (.svg, .png), reports (.json, .html) and the manifest.
        started_at: when the training began.
        ended_at: when it was over.
    """

    model: str
    version: int
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    files: Mapping[str, bytes]
    started_at: datetime
    ended_at: datetime


class _NotNotedError(Exception):
    """The process that should have noted a run says why it has not."""


def log_run(resources: Resources, run: TrackedRun) -> str | None:
    """Note one run as :func:`log_runs` does; return MLflow's id of it, or None."""
    return log_runs(resources, [run])[0]


def log_runs(resources: Resources, runs: Sequence[TrackedRun]) -> list[str | None]:
    """Note ``runs`` in MLflow's tables and the store of files; blocks for some seconds.

    However many they are, MLflow is loaded once, which is most of what it takes. May be called
    again for the same model and version, and by several processes at once: a run is noted once.
    What a killed process left half-noted is marked as killed and noted anew.

    Returns:
        MLflow's id of each run. None for one that is not noted: tracking is off, or its tables or
        the files cannot be written, which is logged as ``tracking.unavailable``.
    """
    noted: dict[int, str] = {}
    orders: dict[int, dict[str, Any]] = {}
    if resources.settings.tracking.tracking is not Tracking.OFF:
        for at, run in enumerate(runs):
            with _told(resources, [run]):
                orders[at] = _order(resources, run)
    with _told(resources, [runs[at] for at in orders]):
        for at, answer in zip(orders, _answers([*orders.values()]), strict=True):
            with _told(resources, [runs[at]]):
                noted[at] = _run_id(answer)
    return [noted.get(at) for at in range(len(runs))]


@contextmanager
def _told(resources: Resources, runs: Sequence[TrackedRun]) -> Iterator[None]:
    """Log why ``runs`` are not noted, instead of raising it: no note is worth a training."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # whatever it is
        reason = _reason(error, resources.databases.city.url.password)
        for run in runs:
            _log.warning(
                "tracking.unavailable",
                model=run.model,
                version=run.version,
                error=type(error).__name__,
                reason=reason,
            )


def _answers(orders: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Let a process of its own note the runs; return what it says of each.

    Addresses and keys go by a pipe: arguments and environment can be seen from outside.
    """
    if not orders:
        return []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    done = subprocess.run(
        # What libraries deprecate is no news for who trains a model.
        [sys.executable, "-W", "ignore", "-m", "praca.learning.tracking.process"],
        input=json.dumps(orders),
        env={**environment, **ENVIRONMENT},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_TIMEOUT_S,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _run_id(answer: Mapping[str, str]) -> str:
    if "error" in answer:
        raise _NotNotedError(answer["error"])
    return answer["run"]


def _order(resources: Resources, run: TrackedRun) -> dict[str, Any]:
    return {
        "database": resources.databases.city.dsn,
        "objects": _plain(resources.settings.objects),
        "data_dir": str(resources.settings.data_dir),
        "model": run.model,
        "version": run.version,
        "params": {key: str(value) for key, value in run.params.items()},
        "metrics": {k: float(v) for k, v in run.metrics.items() if math.isfinite(v)},
        "tags": dict(run.tags),
        "files": {name: base64.b64encode(part).decode() for name, part in run.files.items()},
        "started_ms": round(run.started_at.timestamp() * 1000),
        "ended_ms": round(run.ended_at.timestamp() * 1000),
    }


def _plain(settings: ObjectSettings) -> dict[str, Any]:
    secret = settings.objects_secret_access_key
    return {
        **settings.model_dump(),
        "objects_secret_access_key": None if secret is None else secret.get_secret_value(),
    }


def _reason(error: Exception, password: str | None) -> str:
    """Return in one line why nothing was noted; an address in it loses its password."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    line = (str(said).strip().splitlines() or [""])[-1]
    return (line.replace(password, "***") if password else line)[:_LONGEST_REASON]
