"""What watches Praça: names, ports and paths that several files must agree on.

The programs that read these files are not here. What each refuses or silently leaves out when a
name is wrong is asked of the files.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.dockerfiles import ROOT
from tests.unit.deploy.composed import COMPOSE, read

_FOLDER = ROOT / "deploy/observability"
_SERVICES: dict[str, dict[str, Any]] = read(COMPOSE)["services"]
_PROMETHEUS = read(_FOLDER / "prometheus.yml")
_COLLECTOR = read(_FOLDER / "collector.yaml")
_JOBS = {job["job_name"]: job for job in _PROMETHEUS["scrape_configs"]}
_SOURCES: list[dict[str, Any]] = read(_FOLDER / "grafana/provisioning/datasources/prometheus.yaml")[
    "datasources"
]


def _mounted(service: str) -> dict[str, Path]:
    """Return what of the repository a container sees, by where it sees it."""
    volumes = (volume.split(":") for volume in _SERVICES[service]["volumes"])
    return {inside: ROOT / outside for outside, inside, *_ in volumes if outside.startswith(".")}


def _port_of_check(service: str) -> str:
    """Return the port that the container's own check asks."""
    asked = " ".join(_SERVICES[service]["healthcheck"]["test"])
    (port,) = re.findall(r"127\.0\.0\.1(?::| )(\d+)", asked)
    return str(port)


def _values(content: Any, key: str) -> Iterator[Any]:
    if isinstance(content, dict):
        yield from (value for name, value in content.items() if name == key)
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            yield from _values(each, key)


def test_prometheus_asks_where_the_containers_listen() -> None:
    published = _SERVICES["api"]["ports"][0].rpartition(":")[2]
    (reader,) = _COLLECTOR["service"]["telemetry"]["metrics"]["readers"]
    own = reader["pull"]["exporter"]["prometheus"]
    targets = {
        name: [target for group in job.get("static_configs", ()) for target in group["targets"]]
        for name, job in _JOBS.items()
    }
    assert targets == {
        "api": [f"api:{published}"],
        "collector": [f"collector:{own['port']}"],
        "worker": [],
    }
    assert own["host"] == "0.0.0.0"  # noqa: S104  # asked from another container
    # Workers are found by their name, however many there are.
    (workers,) = _JOBS["worker"]["dns_sd_configs"]
    told = _SERVICES["worker"]["environment"]
    assert (workers["names"], workers["type"]) == (["worker"], "A")
    assert str(workers["port"]) == told["PRACA_WORKER_METRICS_PORT"]
    assert told["PRACA_WORKER_METRICS_HOST"] == "0.0.0.0"  # noqa: S104


def test_prometheus_finds_its_files_and_the_token() -> None:
    prometheus = _SERVICES["prometheus"]
    assert {f"--config.file={inside}" for inside in _mounted("prometheus")} & {
        *prometheus["command"]
    }
    assert set(_PROMETHEUS["rule_files"]) <= set(_mounted("prometheus"))
    for path in _mounted("prometheus").values():
        assert path.is_file()
    (token,) = {job["authorization"]["credentials_file"] for job in _ours()}
    assert f"> {token} " in " ".join(prometheus["entrypoint"])
    assert any(token.startswith(f"{mount.partition(':')[0]}/") for mount in prometheus["tmpfs"])


def _ours() -> list[dict[str, Any]]:
    """Return the jobs that read Praça, all of which need the token."""
    return [_JOBS[name] for name in ("api", "worker")]


def test_rules_speak_of_jobs_that_there_are() -> None:
    rules = list(_values(read(_FOLDER / "alerts.yml"), "expr"))
    named = {name for rule in rules for name in re.findall(r'job="(\w+)"', rule)}
    assert named
    assert named <= set(_JOBS)


def test_what_the_collector_is_to_run_is_configured_and_the_other_way_round() -> None:
    service = _COLLECTOR["service"]
    assert set(service["extensions"]) == set(_COLLECTOR["extensions"])
    for kind in ("receivers", "processors", "exporters"):
        used = {name for pipeline in service["pipelines"].values() for name in pipeline[kind]}
        assert used == set(_COLLECTOR[kind]), kind
    # It refuses what would be too much before the container is killed for it.
    (limit,) = re.findall(
        r"^(\d+)m$", _SERVICES["collector"]["deploy"]["resources"]["limits"]["memory"]
    )
    assert _COLLECTOR["processors"]["memory_limiter"]["limit_mib"] < int(limit)


def test_traces_pass_from_praca_by_the_collector_to_jaeger() -> None:
    asked = urlsplit(_SERVICES["api"]["environment"]["PRACA_OTLP_ENDPOINT"])
    listens = _COLLECTOR["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert (asked.hostname, f"0.0.0.0:{asked.port}") == ("collector", listens)
    assert _port_of_check("collector") == str(asked.port)
    # Where the image looks for it, without being told.
    assert _mounted("collector") == {"/etc/otelcol-contrib/config.yaml": _FOLDER / "collector.yaml"}
    # Until 0.143 the exporter was called otlp.
    (exporter,) = _COLLECTOR["exporters"]
    assert exporter.partition("/")[0] == "otlp_grpc"
    assert _COLLECTOR["exporters"][exporter]["endpoint"] == "jaeger:4317"


@pytest.mark.parametrize("source", _SOURCES, ids=lambda source: source["name"])
def test_grafana_asks_services_where_they_answer(source: dict[str, Any]) -> None:
    address = urlsplit(source["url"])
    assert address.hostname == source["type"]
    assert str(address.port) == _port_of_check(source["type"])


def test_grafana_finds_its_dashboards_and_they_their_data() -> None:
    (provider,) = read(_FOLDER / "grafana/provisioning/dashboards/praca.yaml")["providers"]
    mounted = _mounted("grafana")
    assert mounted["/etc/grafana/provisioning"] == _FOLDER / "grafana/provisioning"
    known = {source["uid"] for source in _SOURCES if "uid" in source}
    paths = sorted(mounted[provider["options"]["path"]].glob("*.json"))
    assert paths
    for path in paths:
        board = json.loads(path.read_text(encoding="utf-8"))
        named = {source["uid"] for source in _values(board, "datasource") if source}
        assert named
        assert named <= known
