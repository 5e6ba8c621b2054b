"""CodeDeploy asks this function before anybody is sent to a new release.

It finds the tasks of the deployment and asks each of them ``/api/v1/ready``: the database answers,
its migrations are those of the release, the model is loaded. All of them must say so several times
in a row; otherwise the deployment fails, and nobody has noticed it.

It needs nothing but what Lambda's Python brings.
"""

import http.client
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["check", "handler", "tasks_of"]

_log = logging.getLogger("praca.release")
_log.setLevel(logging.INFO)
_ASK_S = 5.0
_PAUSE_S = 2.0
_IN_A_ROW = 3


def handler(event: Mapping[str, str], context: object) -> None:
    """Answer CodeDeploy's hook ``AfterAllowTestTraffic``."""
    del context
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415  # of Lambda's Python

    deployment = event["DeploymentId"]
    ecs = boto3.client("ecs")
    cluster, service = os.environ["CLUSTER"], os.environ["SERVICE"]
    is_good = False
    try:
        is_good = check(
            lambda: tasks_of(ecs, cluster, service, deployment),
            port=int(os.environ["PORT"]),
            patience_s=float(os.environ["PATIENCE_S"]),
        )
    finally:
        # Said in any case: a hook that says nothing is waited for for an hour.
        boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=deployment,
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status="Succeeded" if is_good else "Failed",
        )


def tasks_of(ecs: Any, cluster: str, service: str, deployment: str) -> list[str]:
    """Return the addresses of the tasks that a deployment has started."""
    (found,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
    definitions = {
        one["taskDefinition"] for one in found["taskSets"] if one.get("externalId") == deployment
    }
    arns = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="RUNNING")["taskArns"]
    if not (definitions and arns):
        return []
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    return [
        address
        for task in tasks
        if task["taskDefinitionArn"] in definitions
        for address in _addresses(task)
    ]


def _addresses(task: Mapping[str, Any]) -> Iterable[str]:
    for attachment in task.get("attachments", ()):
        for detail in attachment.get("details", ()):
            if detail["name"] == "privateIPv4Address":
                yield detail["value"]


def check(addresses: Callable[[], list[str]], *, port: int, patience_s: float) -> bool:
    """Tell whether all tasks are ready, several times in a row, before patience ends."""
    deadline = time.monotonic() + patience_s
    in_a_row = 0
    while True:
        answers = {one: _answer(one, port) for one in addresses()}
        in_a_row = in_a_row + 1 if answers and set(answers.values()) == {200} else 0
        _log.info(json.dumps({"event": "release.checked", "answers": answers, "good": in_a_row}))
        if in_a_row >= _IN_A_ROW:
            return True
        if time.monotonic() + _PAUSE_S > deadline:
            return False
        time.sleep(_PAUSE_S)


def _answer(address: str, port: int) -> int | str:
    connection = http.client.HTTPConnection(address, port, timeout=_ASK_S)
    try:
        connection.request("GET", "/api/v1/ready")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()
