"""The process that loads MLflow and notes runs: orders in JSON come in, their ids go out.

Of MLflow it uses the public client on the tables themselves, so no server has to run. The files
go through our own store of files, to where the addresses that MLflow keeps (``mlflow-artifacts:``)
lead a server that is started on the same store.
"""

import base64
import contextlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from praca.learning.tracking.store import ARTIFACTS, alone, prepare, tracking_uri
from praca.platform.objects import ObjectStore
from praca.platform.settings import ObjectSettings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["main", "note"]

# MLflow refuses other characters, and what is longer.
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.\- :/]")
_LONGEST_NAME: Final = 250
_LONGEST_PARAM: Final = 6000
_LONGEST_TAG: Final = 8000


def main() -> None:
    """Read orders from standard input; write what came of each, a line each, to standard output.

    A line is ``{"run": id}``, or ``{"error": reason}`` if the run cannot be noted.
    """
    for order in json.load(sys.stdin):
        sys.stdout.write(f"{json.dumps(_answer(order))}\n")


def _answer(order: Mapping[str, Any]) -> dict[str, str]:
    try:
        with contextlib.redirect_stdout(sys.stderr):  # MLflow likes to talk
            return {"run": note(order)}
    except Exception as error:  # noqa: BLE001  # whatever it is, the other process is told in a line
        lines = str(error).strip().splitlines() or [""]
        return {"error": f"{type(error).__name__}: {lines[0]}"}


def note(order: Mapping[str, Any]) -> str:
    """Note the run, unless it is noted already; return its id.

    Raises:
        Exception: whatever the database, MLflow or the store of files raises.
    """
    # One run of a model at a time: nobody else looks for it, or makes it, between our steps.
    with alone(order["database"], f"model {order['model']}"):
        from mlflow import MlflowClient  # noqa: PLC0415  # seconds, for nothing if none answers

        prepare(order["database"])
        client = MlflowClient(tracking_uri=tracking_uri(order["database"]))
        experiment_id = _experiment(client, order["model"])
        found = _finished(client, experiment_id, order["version"])
        return _written(client, experiment_id, order) if found is None else found


def _experiment(client: "MlflowClient", model: str) -> str:
    """Return the id of the model's experiment; make it, or take it out of the bin, if need be."""
    found = client.get_experiment_by_name(model)
    if found is None:
        # Relative to the store of files: that may move, while this is kept in the tables.
        return str(client.create_experiment(model, artifact_location=f"mlflow-artifacts:/{model}"))
    if found.lifecycle_stage != "active":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def _finished(client: "MlflowClient", experiment_id: str, version: int) -> str | None:
    """Return the id of the version's finished run; one that was left unfinished is closed."""
    earlier = client.search_runs([experiment_id], f"tags.`praca.version` = '{version}'")
    for run in earlier:
        if run.info.status == "RUNNING":  # we hold the lock: whoever began it is gone
            client.set_terminated(run.info.run_id, "KILLED")
    done = [str(run.info.run_id) for run in earlier if run.info.status == "FINISHED"]
    return done[0] if done else None


def _written(client: "MlflowClient", experiment_id: str, order: Mapping[str, Any]) -> str:
    run = client.create_run(
        experiment_id,
        start_time=order["started_ms"],
        run_name=f"{order['model']} {order['version']}",
        tags=_tags(order),
    )
    run_id = str(run.info.run_id)
    try:
        _write_figures(client, run_id, order)
        _write_files(run, order)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED", end_time=order["ended_ms"])
    return run_id


def _tags(order: Mapping[str, Any]) -> dict[str, str]:
    given = {_name(key): _text(value, _LONGEST_TAG) for key, value in order["tags"].items()}
    return {
        "mlflow.user": "praca",
        "mlflow.source.name": "praca",
        "mlflow.source.type": "JOB",
        **given,
        "praca.model": order["model"],
        "praca.version": str(order["version"]),
    }


def _write_figures(client: "MlflowClient", run_id: str, order: Mapping[str, Any]) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415  # see above

    client.log_batch(
        run_id,
        metrics=[
            Metric(_name(key), value, order["ended_ms"], 0)
            for key, value in order["metrics"].items()
        ],
        params=[
            Param(_name(key), _text(value, _LONGEST_PARAM))
            for key, value in order["params"].items()
        ],
    )


def _write_files(run: "Run", order: Mapping[str, Any]) -> None:
    objects = ObjectStore(ObjectSettings(**order["objects"]), Path(order["data_dir"]))
    folder = f"{ARTIFACTS}/{urlsplit(run.info.artifact_uri).path.strip('/')}"
    objects.write_all(
        folder, {name: base64.b64decode(content) for name, content in order["files"].items()}
    )


def _name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name)[:_LONGEST_NAME]


def _text(text: str, longest: int) -> str:
    return text.replace("\0", "")[:longest]  # PostgreSQL has no such character


if __name__ == "__main__":
    main()
