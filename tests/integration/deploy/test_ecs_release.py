"""Bringing a release to answer: what is asked of AWS, and what comes of its answers.

botocore's own stubs check every call and every answer against AWS' description of its services.
"""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # neither
from botocore.stub import ANY, Stubber  # type: ignore[import-untyped]  # neither
from deploy.ecs.hooks.ready import check, tasks_of
from deploy.ecs.release import Clients, ReleaseError, release

_CLUSTER = "praca-cluster"
_ARN = "arn:aws:ecs:sa-east-1:111122223333"
_DEFINITION = {
    "family": "praca-api",
    "revision": 6,
    "status": "ACTIVE",
    "taskDefinitionArn": f"{_ARN}:task-definition/praca-api:6",
    "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
    "cpu": "1024",
    "memory": "2048",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
}
_OUTPUTS = {"Cluster": _CLUSTER, "TaskSubnets": "subnet-1,subnet-2", "TaskSecurityGroup": "sg-1"}


class Aws:
    """What stands where ``boto3`` does: real clients that speak to nobody."""

    def __init__(self) -> None:
        self._clients = {
            name: boto3.client(
                name,
                region_name="sa-east-1",
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=Config(retries={"total_max_attempts": 1}),
            )
            for name in ("cloudformation", "codedeploy", "ecs")
        }
        self.stubs = {name: Stubber(client) for name, client in self._clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def client(self, name: str) -> Any:
        return self._clients[name]

    def expect(self, name: str, call: str, answer: dict[str, Any], /, **asked: Any) -> None:
        self.stubs[name].add_response(call, answer, asked or None)

    def expect_registered(self, part: str, image: str) -> str:
        arn = f"{_ARN}:task-definition/praca-{part}:7"
        beside = {"name": "collector", "image": "otel:1"}
        old = [{"name": part, "image": "praca:1", "user": "10001:10001"}, beside]
        new = [{"name": part, "image": image, "user": "10001:10001"}, beside]
        found = {**_DEFINITION, "family": f"praca-{part}", "containerDefinitions": old}
        self.expect(
            "ecs",
            "describe_task_definition",
            {"taskDefinition": found},
            taskDefinition=f"praca-{part}",
        )
        self.expect(
            "ecs",
            "register_task_definition",
            {"taskDefinition": {"taskDefinitionArn": arn}},
            family=f"praca-{part}",
            networkMode="awsvpc",
            containerDefinitions=new,
            requiresCompatibilities=["FARGATE"],
            cpu="1024",
            memory="2048",
        )
        return arn

    def expect_migrated(self, definition: str, exit_code: int) -> None:
        task = {"taskArn": f"{_ARN}:task/{_CLUSTER}/1"}
        network = {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": ["sg-1"],
            "assignPublicIp": "DISABLED",
        }
        self.expect(
            "ecs",
            "run_task",
            {"tasks": [task], "failures": []},
            cluster=_CLUSTER,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
            overrides={"containerOverrides": [{"name": "api", "command": ["migrate"]}]},
        )
        ended = [{"name": "collector"}, {"name": "api", "exitCode": exit_code}]
        for seen in (
            {**task, "lastStatus": "RUNNING"},
            {**task, "lastStatus": "STOPPED", "containers": ended},
        ):
            self.expect("ecs", "describe_tasks", {"tasks": [seen]})

    def expect_deployed(self, status: str) -> None:
        self.expect(
            "codedeploy",
            "create_deployment",
            {"deploymentId": "d-1"},
            applicationName="praca",
            deploymentGroupName="praca-api",
            revision=ANY,
        )
        for one in ("InProgress", status):
            info = {"status": one, "errorInformation": {"message": "an alarm"}}
            self.expect("codedeploy", "get_deployment", {"deploymentInfo": info})


@pytest.fixture
def aws() -> Iterator[Aws]:
    found = Aws()
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in _OUTPUTS.items()]
    stack = {
        "StackName": "Praca",
        "CreationTime": 0,
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": outputs,
    }
    found.expect("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName="Praca")
    yield found
    for stub in found.stubs.values():
        stub.assert_no_pending_responses()


def test_migrations_come_first_then_the_api_then_the_worker(aws: Aws) -> None:
    api = aws.expect_registered("api", "praca@sha256:2")
    aws.expect_migrated(api, 0)
    aws.expect_deployed("Succeeded")
    worker = aws.expect_registered("worker", "praca@sha256:2")
    aws.expect(
        "ecs",
        "update_service",
        {},
        cluster=_CLUSTER,
        service="praca-worker",
        taskDefinition=worker,
    )
    release(Clients(aws, poll_s=0), "Praca", "praca@sha256:2")


def test_a_failed_migration_ends_it(aws: Aws) -> None:
    aws.expect_migrated(aws.expect_registered("api", "praca:2"), 1)
    with pytest.raises(ReleaseError, match="the migration failed"):
        release(Clients(aws, poll_s=0), "Praca", "praca:2")


def test_what_was_taken_back_leaves_the_worker_alone(aws: Aws) -> None:
    aws.expect_migrated(aws.expect_registered("api", "praca:2"), 0)
    aws.expect_deployed("Stopped")
    with pytest.raises(ReleaseError, match="an alarm"):
        release(Clients(aws, poll_s=0), "Praca", "praca:2")


def test_before_anything_runs_it_only_migrates(aws: Aws) -> None:
    aws.expect_migrated(aws.expect_registered("api", "praca:1"), 0)
    release(Clients(aws, poll_s=0), "Praca", "praca:1", only_migrate=True)


def test_the_way_back_migrates_nothing(aws: Aws) -> None:
    aws.expect_registered("api", "praca:1")
    aws.expect_deployed("Failed")
    with pytest.raises(ReleaseError, match="failed"):
        release(Clients(aws, poll_s=0), "Praca", "praca:1", no_migrate=True)


def _task(definition: str, address: str) -> dict[str, Any]:
    detail = {"name": "privateIPv4Address", "value": address}
    return {"taskDefinitionArn": definition, "attachments": [{"details": [detail]}]}


def test_only_the_tasks_of_the_deployment_are_asked() -> None:
    aws = Aws()
    sets = [
        {"externalId": "d-0", "taskDefinition": "praca-api:6"},
        {"externalId": "d-1", "taskDefinition": "praca-api:7"},
    ]
    tasks = [_task("praca-api:6", "10.0.0.1"), _task("praca-api:7", "10.0.0.2")]
    aws.expect("ecs", "describe_services", {"services": [{"taskSets": sets}]})
    aws.expect("ecs", "list_tasks", {"taskArns": ["1", "2"]})
    aws.expect("ecs", "describe_tasks", {"tasks": tasks})
    assert tasks_of(aws.client("ecs"), _CLUSTER, "praca-api", "d-1") == ["10.0.0.2"]
    aws.expect("ecs", "describe_services", {"services": [{"taskSets": sets}]})
    aws.expect("ecs", "list_tasks", {"taskArns": []})
    assert tasks_of(aws.client("ecs"), _CLUSTER, "praca-api", "d-1") == []


class _Answers(BaseHTTPRequestHandler):
    """Says what it is told to, one after the other; the last again and again."""

    statuses: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        assert self.path == "/api/v1/ready"
        self.send_response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("statuses", "addresses", "is_good", "asked"),
    [
        ([503, 200], ["127.0.0.1"], True, 4),
        # One that is ready now and not the next moment begins anew.
        ([200, 200, 503, 200], ["127.0.0.1"], True, 6),
        ([503], ["127.0.0.1"], False, None),
        ([200], ["127.0.0.1", "127.0.0.99"], False, None),
        ([200], [], False, None),
    ],
)
def test_all_must_be_ready_several_times_in_a_row(
    port: int,
    statuses: list[int],
    addresses: list[str],
    *,
    is_good: bool,
    asked: int | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(_Answers, "statuses", statuses)
    # A module's own number, not a part of it that is replaced.
    monkeypatch.setattr(sys.modules[check.__module__], "_PAUSE_S", 0.01)
    caplog.set_level(logging.INFO, "praca.release")
    assert check(lambda: addresses, port=port, patience_s=30 if is_good else 0.2) is is_good
    seen = [json.loads(record.message) for record in caplog.records]
    assert asked is None or len(seen) == asked
    assert seen[-1]["good"] == (3 if is_good else 0)
