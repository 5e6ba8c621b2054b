"""``praca mlflow``: MLflow's pages over the training runs that Praça notes."""

import contextlib
import os
import warnings
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from praca.entrypoints.cli.runtime import (
    DataDir,
    apply_options,
    checked_port,
    city_url,
    fail,
    load_settings,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from praca.platform.settings import Settings

__all__ = ["mlflow"]

_out = Console(highlight=False)

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_STOP_S: Final = 5
_RUNS: Final = "/#/experiments?workflowType=machine_learning"
"""Where the pages show trainings; they open with what concerns chatbots."""
_OFF: Final = ("/ajax-api/3.0/mlflow/assistant", "/ajax-api/3.0/jobs", "/gateway")
"""Doors of MLflow's server that training runs have no use for: programs run and models called."""


def mlflow(
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Port (5001); 0: a free one."),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    data_dir: DataDir = None,
) -> None:
    """Open MLflow's pages over the training runs, until stopped."""
    apply_options(data_dir)
    settings = load_settings("WARNING", is_service=True)
    _require_pages(settings)
    port = checked_port(host, settings.tracking.mlflow_port if port is None else port)
    # Ctrl-C is how the command ends, also while it is still starting.
    with contextlib.suppress(KeyboardInterrupt), city_url(settings) as url:
        _serve(settings, url, host, port)


def _require_pages(settings: "Settings") -> None:
    """Refuse to start without what the package alone does not bring."""
    needed = ["mlflow"]
    if str(settings.objects.objects_url).startswith("s3://"):
        needed.append("boto3")
    for name in needed:
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            raise fail(
                f"falta o pacote {name}, de que as páginas do MLflow precisam; instale com "
                "`pip install 'praca[mlflow]'` ou, num clone, `uv sync --extra mlflow`"
            ) from error


def _serve(settings: "Settings", url: str, host: str, port: int) -> None:
    """Serve in this process: nothing is left behind, however it ends.

    MLflow's own command would start a second one, and hand the database's password to it.
    """
    import psycopg
    import uvicorn

    from praca.learning.tracking.store import ENVIRONMENT, prepare

    warnings.simplefilter("ignore")  # what libraries deprecate is no news for who looks
    os.environ.update(ENVIRONMENT)
    try:
        prepare(url)
    except psycopg.OperationalError as error:
        # The driver's sentence names host, port and user, never the password.
        raise fail(f"o banco de dados não responde: {error}") from error
    app = _application(settings, url)
    if host not in _LOOPBACK:
        _out.print(
            "[bold white on red] ATENÇÃO [/] o MLflow não pede senha: quem alcança este endereço "
            "vê, muda e apaga os treinos."
        )
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"mlflow: {address}", flush=True)
    _out.print(f"Treinos: {address}{_RUNS}\nCtrl-C para.", soft_wrap=True)
    uvicorn.run(
        app,
        host=host,
        port=port,
        lifespan="off",  # it looks for containers of the assistant
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_STOP_S,
    )


def _application(settings: "Settings", url: str) -> "ASGIApp":
    """Load MLflow's server on our tables, with our files behind it."""
    from mlflow.server import constants

    from praca.learning.tracking.store import ARTIFACTS, tracking_uri
    from praca.platform.objects import objects_address

    files = f"{objects_address(settings.objects, settings.data_dir)}/{ARTIFACTS}"
    # It is told by the environment, of this process alone.
    os.environ.update(_keys_of_files(settings))
    os.environ[constants.BACKEND_STORE_URI_ENV_VAR] = tracking_uri(url)
    os.environ[constants.ARTIFACTS_DESTINATION_ENV_VAR] = files
    os.environ[constants.SERVE_ARTIFACTS_ENV_VAR] = "true"
    from mlflow.server.fastapi_app import app

    return _TrackingOnly(app)


def _keys_of_files(settings: "Settings") -> dict[str, str]:
    objects = settings.objects
    secret = objects.objects_secret_access_key
    given = {
        "MLFLOW_S3_ENDPOINT_URL": objects.objects_endpoint,
        "AWS_DEFAULT_REGION": objects.objects_region,
        "AWS_ACCESS_KEY_ID": objects.objects_access_key_id,
        "AWS_SECRET_ACCESS_KEY": None if secret is None else secret.get_secret_value(),
    }
    return {name: value for name, value in given.items() if value}


class _TrackingOnly:
    """MLflow's server without the doors in ``_OFF``."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if not scope.get("path", "").startswith(_OFF):
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})
