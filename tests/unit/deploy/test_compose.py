"""What the compose file promises, beside what its schema knows."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from pydantic_settings import BaseSettings
from tests.dockerfiles import ROOT, stages_of
from tests.unit.deploy.composed import (
    COMPOSE,
    DEV_VALUES,
    LOOPBACK,
    NotGivenError,
    all_environments,
    environment,
    filled,
    read,
    required,
    values_of,
    variables,
)
from typer.main import get_command

from praca.entrypoints.cli import app
from praca.platform.settings import Settings

_FILE = read(COMPOSE)
_SERVICES: dict[str, dict[str, Any]] = _FILE["services"]
_NAMES = sorted(_SERVICES)
_OWN = [name for name in _NAMES if "/var/lib/praca" in str(_SERVICES[name].get("tmpfs"))]
_ONE_OFF = {"migrate", "bucket"}
_SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEY(?!_ID)")
_GIVEN = dict.fromkeys(required(), "s" * 48) | {
    "PRACA_ENCRYPTION_KEYS": f"k1:{'A' * 43}=",
    "PRACA_PUBLIC_URL": "https://praca.example",
}


def _settings_variables() -> set[str]:
    groups = [kind for kind in get_type_hints(Settings).values() if issubclass(kind, BaseSettings)]
    return {f"PRACA_{name.upper()}" for group in groups for name in group.model_fields}


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what replaces the environment of this process."""

    def replace(values: Mapping[str, str]) -> None:
        for name in [*os.environ]:
            if name.startswith(("PRACA_", "OTEL_")):
                monkeypatch.delenv(name)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return replace


def test_both_files_keep_to_the_schema() -> None:
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    done = subprocess.run(  # noqa: S603  # a program of ours, on files of ours
        [program, "--builtin-schema", "vendor.compose-spec", str(COMPOSE), str(LOOPBACK)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_agreed_service_is_there_in_both_profiles() -> None:
    agreed = {"api", "worker", "dashboard", "mlflow", "migrate", "postgres", "objects"}
    agreed |= {"collector", "jaeger", "prometheus", "grafana"}
    assert agreed <= set(_NAMES)
    for name in agreed:
        assert _SERVICES[name]["profiles"] == ["dev", "prod"]
    assert [name for name in _NAMES if "prod" not in _SERVICES[name]["profiles"]] == ["mail"]


@pytest.mark.parametrize("name", _NAMES)
def test_a_service_can_do_little(name: str) -> None:
    service = _SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & set(service)
    assert "docker.sock" not in str(service)
    limits = service["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) <= 2
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert service["pids_limit"] > 0
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", _NAMES)
def test_a_service_comes_back_and_says_how_it_is(name: str) -> None:
    service = _SERVICES[name]
    if name in _ONE_OFF:
        assert service["restart"] == "no"
        assert service["healthcheck"] == {"disable": True}
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"  # no shell: some images have none
    assert {"interval", "timeout", "start_period", "retries"} <= set(check)


@pytest.mark.parametrize("name", _NAMES)
def test_a_service_waits_for_what_can_be_waited_for(name: str) -> None:
    for other, how in _SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in _ONE_OFF else "service_healthy"
        assert how["condition"] == expected
        assert set(_SERVICES[name]["profiles"]) <= set(_SERVICES[other]["profiles"])


def test_images_are_pinned_or_built_here() -> None:
    for name in _NAMES:
        service = _SERVICES[name]
        if "build" in service:
            build = service["build"]
            assert (ROOT / build["context"] / build.get("dockerfile", "Dockerfile")).is_file()
        else:
            assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+[\w.-]*", service["image"])


def test_only_the_api_is_published_and_grafana_on_the_loopback() -> None:
    published = {name: _SERVICES[name]["ports"] for name in _NAMES if "ports" in _SERVICES[name]}
    assert set(published) == {"api", "grafana"}
    assert [filled(port, {}) for port in published["grafana"]] == ["127.0.0.1:3000:3000"]
    # Where nothing else is said: a proxy that ends TLS is on the same machine.
    assert [filled(port, {}) for port in published["api"]] == ["127.0.0.1:8000:8000"]


def test_on_a_laptop_everything_stays_on_the_loopback() -> None:
    beside = read(LOOPBACK)
    assert set(beside) == {"services"}
    for name, service in beside["services"].items():
        assert name in _SERVICES
        assert set(service) == {"networks", "ports"}
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_only_who_must_reaches_the_outside() -> None:
    assert _FILE["networks"]["inside"] == {"internal": True}
    outside = {name for name in _NAMES if "outside" in _SERVICES[name].get("networks", [])}
    assert outside == {"api", "worker", "migrate", "grafana"}
    for name in _NAMES:
        networks = _SERVICES[name].get("networks")
        assert "inside" in networks if networks else _SERVICES[name]["network_mode"] == "none"


def test_volumes_are_declared_and_what_is_mounted_is_there() -> None:
    used: set[str] = set()
    for name in _NAMES:
        for volume in _SERVICES[name].get("volumes", []):
            source, _, mode = volume.partition(":")
            if source.startswith("."):
                assert mode.endswith(":ro"), volume
                assert (ROOT / source).exists(), volume
            else:
                used.add(source)
    assert used == set(_FILE["volumes"])


def test_no_secret_has_a_default() -> None:
    for name, operator, _ in variables(COMPOSE):
        if _SECRET.search(name):
            assert operator == ":?", name
    for name in _NAMES:
        for variable, text in _SERVICES[name].get("environment", {}).items():
            is_secret = _SECRET.search(variable) and not variable.endswith("_ACCESS_KEY_ID")
            if is_secret and text is not None and variable != "ROOT_ACCESS_KEY":
                assert str(text).startswith("${"), variable


@pytest.mark.parametrize("name", sorted(required()))
def test_without_it_nothing_starts(name: str) -> None:
    given = {key: value for key, value in _GIVEN.items() if key != name}
    with pytest.raises(NotGivenError, match=name):
        all_environments(given)


@pytest.mark.parametrize("name", _OWN)
def test_what_a_container_is_told_are_settings_that_hold_in_production(
    name: str, only: Any
) -> None:
    values = environment(_SERVICES[name], _GIVEN)
    assert {key for key in values if key.startswith("PRACA_")} <= _settings_variables()
    named = {key for key in _SERVICES[name]["environment"] if key.startswith("PRACA_")}
    assert named <= _settings_variables()
    only(values)
    settings = Settings.load()
    assert settings.is_production
    assert settings.database.database_url is not None
    assert settings.objects.objects_url == "s3://praca"
    # Its proxy forwards from another address than its own.
    assert settings.http.address == "https://praca.example"


@pytest.mark.parametrize("name", ["api", "worker"])
def test_the_values_of_a_laptop_are_complete_and_no_more_than_that(name: str, only: Any) -> None:
    given = values_of(DEV_VALUES)
    used = {variable for variable, _, _ in variables(COMPOSE)}
    passed_on = {key for key, text in _SERVICES["api"]["environment"].items() if text is None}
    assert required() <= set(given) <= used | passed_on
    only(environment(_SERVICES[name], given))
    settings = Settings.load()
    assert not settings.is_production
    assert settings.mail.smtp_host == "mail"


def test_a_new_env_is_complete_private_and_never_written_over(tmp_path: Path, only: Any) -> None:
    script = ["/bin/sh", str(ROOT / "deploy/compose/new-env.sh")]

    def write(*arguments: str) -> int:
        done = subprocess.run(  # noqa: S603  # a script of ours
            [*script, *arguments], cwd=tmp_path, check=False, capture_output=True
        )
        return done.returncode

    assert write() == 2
    assert write("https://praca.example") == 0
    path = tmp_path / ".env"
    assert path.stat().st_mode & 0o777 == 0o600
    values = values_of(path)
    assert set(values) == required()
    assert len(set(values.values())) == len(values)
    only(environment(_SERVICES["api"], values))
    assert Settings.load().is_production
    assert write("https://other.example") == 1
    assert values_of(path) == values


@pytest.mark.parametrize("name", _OWN)
def test_its_command_and_its_check_are_commands_of_ours(name: str) -> None:
    service = _SERVICES[name]
    commands: Any = get_command(app)
    words = service["command"]
    commands.commands[words[0]].make_context(words[0], list(words[1:]))
    if name not in _ONE_OFF:
        _, program, check, *options = service["healthcheck"]["test"]
        assert (program, check) == ("praca", "health")
        commands.commands["health"].make_context("health", list(options))


def test_the_data_folder_is_the_users_of_the_image() -> None:
    runtime = stages_of(ROOT / "Dockerfile")[-1]
    uid, _, gid = runtime.one("USER").partition(":")
    folder = runtime.environment({"PATH": ""})["PRACA_DATA_DIR"]
    for name in _OWN:
        assert any(
            mount.startswith(f"{folder}:") and f"uid={uid},gid={gid},mode=0700" in mount
            for mount in _SERVICES[name]["tmpfs"]
        )
        assert set(_SERVICES[name]["build"].get("args", {})) <= set(
            stages_of(ROOT / "Dockerfile")[1].arguments()
        )


def test_a_container_is_given_the_time_that_the_api_takes_to_end(only: Any) -> None:
    only(environment(_SERVICES["api"], _GIVEN))
    settings = Settings.load().http
    longest_s = settings.shutdown_grace_s + settings.drain_s
    for name in ("api", "worker"):
        assert float(_SERVICES[name]["stop_grace_period"].removesuffix("s")) > longest_s + 5
