"""``praca mlflow`` as people run it: pages over a noted run, until Ctrl-C."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest
from tests.e2e.running import City, all_gone, environment, free_port, praca, until

from praca.learning.tracking import TrackedRun, log_run
from praca.platform.database import EmbeddedPostgres
from praca.platform.resources import open_resources
from praca.platform.settings import Settings

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_PLOT = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
async def noted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run in the folder's embedded database; its id."""
    monkeypatch.setenv("PRACA_DATA_DIR", str(folder))
    monkeypatch.setenv("PRACA_TRACKING", "mlflow")
    run = TrackedRun("match", 1, {"folds": 5}, {"auc": 0.8}, {}, {"plot.svg": _PLOT}, _NOW, _NOW)
    with EmbeddedPostgres(folder) as server:
        resources = open_resources(Settings.load(), server.url, [])
        run_id = log_run(resources, run)
        await resources.close()
    assert run_id is not None
    return run_id


@contextmanager
def _pages(folder: Path) -> Iterator[tuple[psutil.Popen, httpx.Client]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    out = folder / "mlflow.txt"
    with out.open("wb") as log, httpx.Client(base_url=url, timeout=60) as client:
        process = psutil.Popen(
            [sys.executable, "-m", "praca", "mlflow", "--port", str(port)],
            env=environment(PRACA_DATA_DIR=str(folder)),
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: _announces(process, out, url), "the address")
            until(lambda: _answers(client), "an answer")
            yield process, client
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(60)


def _announces(process: psutil.Popen, out: Path, url: str) -> bool:
    assert process.poll() is None, out.read_text()
    return f"mlflow: {url}" in out.read_text().splitlines()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_a_noted_run_is_shown_and_ctrl_c_leaves_nothing_behind(folder: Path, noted: str) -> None:
    with _pages(folder) as (process, client):
        assert "<title>MLflow</title>" in client.get("/").text
        found = client.post("/api/2.0/mlflow/experiments/search", json={"max_results": 10}).json()
        assert "match" in {experiment["name"] for experiment in found["experiments"]}
        run = client.get("/api/2.0/mlflow/runs/get", params={"run_id": noted}).json()["run"]
        assert run["data"]["metrics"][0]["value"] == 0.8
        files = client.get("/api/2.0/mlflow/artifacts/list", params={"run_id": noted}).json()
        assert [file["path"] for file in files["files"]] == ["plot.svg"]
        content = client.get("/get-artifact", params={"run_uuid": noted, "path": "plot.svg"})
        assert content.content == _PLOT
        assert client.get("/ajax-api/3.0/mlflow/assistant/config").status_code == 404
        assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 403
        server = City(folder).server()
        assert server is not None
        everything = [process, *process.children(recursive=True), server]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        until(lambda: all_gone(everything), "the end of PostgreSQL")
    assert not (folder / "mlruns").exists()
    _, *said, refusal = (folder / "mlflow.txt").read_text().splitlines()
    assert said == [
        f"Treinos: {client.base_url}/#/experiments?workflowType=machine_learning",
        "Ctrl-C para.",
    ]
    assert "elsewhere.example" in refusal


def test_a_port_in_use_is_said_before_anything_is_started(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = praca("mlflow", "--port", port, PRACA_DATA_DIR=str(folder))
    assert answer.returncode == 1
    assert f"a porta {port} já está em uso" in answer.stderr
    assert not (folder / "postgres").exists()


def test_a_database_that_does_not_answer_is_said(folder: Path) -> None:
    nobody = "postgresql://praca:hidden-word@127.0.0.1:1/praca"
    answer = praca("mlflow", "--port", "0", PRACA_DATA_DIR=str(folder), PRACA_DATABASE_URL=nobody)
    assert answer.returncode == 1
    assert "o banco de dados não responde" in answer.stderr
    assert "hidden-word" not in answer.stderr
    assert "Traceback" not in answer.stderr
