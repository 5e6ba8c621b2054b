"""Brings a release to answer: migrate, the API beside the one before, then the worker.

    uv run python -m deploy.ecs.release --image IMAGE [--only-migrate | --no-migrate]

Each step is waited for; what fails ends it, and what ran before goes on. The task definitions are
those that the stack registered last, with another image: settings are the stack's matter.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy.ecs.blue_green import APPLICATION, GROUP
from deploy.ecs.taskdef import stack_outputs

__all__ = ["Clients", "ReleaseError", "appspec", "main", "release"]

_APPSPEC: Final = Path(__file__).parent / "appspec.yml"
_PLACEHOLDER: Final = "<TASK_DEFINITION>"
_TAKEN: Final = (
    *("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions"),
    *("volumes", "requiresCompatibilities", "cpu", "memory", "runtimePlatform"),
)
"""What of a described task definition may be registered again."""
_POLL_S = 10.0
_OVER = frozenset({"Succeeded", "Failed", "Stopped"})


class ReleaseError(Exception):
    """A step has failed; the message says which, and what runs now."""


class Clients:
    """The services that are asked.

    Args:
        boto: the module ``boto3``, or a session of it.
        poll_s: seconds between two looks at what is waited for.
    """

    def __init__(self, boto: Any, *, poll_s: float = _POLL_S) -> None:
        self.cloudformation = boto.client("cloudformation")
        self.codedeploy = boto.client("codedeploy")
        self.ecs = boto.client("ecs")
        self.poll_s = poll_s


def appspec(task_definition: str) -> str:
    """Return ``appspec.yml`` with its placeholder replaced."""
    return _APPSPEC.read_text(encoding="utf-8").replace(_PLACEHOLDER, task_definition)


def release(
    clients: Clients,
    stack: str,
    image: str,
    *,
    only_migrate: bool = False,
    no_migrate: bool = False,
) -> None:
    """Do all of it.

    Args:
        clients: the services that are asked.
        stack: of CloudFormation.
        image: of the release.
        only_migrate: before anything has run.
        no_migrate: back to a release whose migrations are there already, and later ones, too.

    Raises:
        ReleaseError: a step has failed.
    """
    outputs = stack_outputs(clients.cloudformation, stack)
    api = _register(clients, "praca-api", image)
    if not no_migrate:
        _migrate(clients, outputs, api)
    if only_migrate:
        return
    _replace_api(clients, api)
    worker = _register(clients, "praca-worker", image)
    clients.ecs.update_service(
        cluster=outputs["Cluster"], service="praca-worker", taskDefinition=worker
    )
    _say("the worker is replaced by ECS")


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _register(clients: Clients, family: str, image: str) -> str:
    """Register the newest revision again with another image; return the new one's name."""
    found = clients.ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    name = family.removeprefix("praca-")
    for container in found["containerDefinitions"]:
        if container["name"] == name:
            container["image"] = image
    taken = {key: found[key] for key in _TAKEN if key in found}
    arn: str = clients.ecs.register_task_definition(**taken)["taskDefinition"]["taskDefinitionArn"]
    _say(f"registered {arn}")
    return arn


def _migrate(clients: Clients, outputs: Mapping[str, str], definition: str) -> None:
    """Run ``praca migrate`` once, of the new release, while the old one answers."""
    cluster = outputs["Cluster"]
    answer = clients.ecs.run_task(
        cluster=cluster,
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": outputs["TaskSubnets"].split(","),
                "securityGroups": [outputs["TaskSecurityGroup"]],
                "assignPublicIp": "DISABLED",
            }
        },
        overrides={"containerOverrides": [{"name": "api", "command": ["migrate"]}]},
    )
    if answer.get("failures"):
        raise ReleaseError(f"the migration was not started: {json.dumps(answer['failures'])}")
    (task,) = answer["tasks"]
    _say(f"migrating: {task['taskArn']}")
    while True:
        (seen,) = clients.ecs.describe_tasks(cluster=cluster, tasks=[task["taskArn"]])["tasks"]
        if seen["lastStatus"] == "STOPPED":
            break
        time.sleep(clients.poll_s)
    code = next(one.get("exitCode") for one in seen["containers"] if one["name"] == "api")
    if code != 0:
        reason = seen.get("stoppedReason", "")
        raise ReleaseError(f"the migration failed ({code} {reason}); what ran goes on")


def _replace_api(clients: Clients, definition: str) -> None:
    """Let CodeDeploy replace the API, and wait until it has, or has taken it back."""
    deployment = clients.codedeploy.create_deployment(
        applicationName=APPLICATION,
        deploymentGroupName=GROUP,
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": appspec(definition)},
        },
    )["deploymentId"]
    _say(f"deploying: {deployment}")
    while True:
        seen = clients.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
        if seen["status"] in _OVER:
            break
        time.sleep(clients.poll_s)
    if seen["status"] != "Succeeded":
        why = seen.get("errorInformation", {}).get("message", "")
        raise ReleaseError(f"the deployment {seen['status'].lower()} ({why}); taken back")


def main(arguments: Sequence[str] | None = None) -> int:
    """Release what the command line names; return an exit code."""
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415  # nobody else here asks AWS

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--image", required=True, help="REPOSITORY:TAG, or better @sha256:…")
    parser.add_argument("--stack", default="Praca", help="of CloudFormation")
    parser.add_argument("--only-migrate", action="store_true", help="before anything has run")
    parser.add_argument("--no-migrate", action="store_true", help="back to an earlier release")
    asked = parser.parse_args(arguments)
    steps = {"only_migrate": asked.only_migrate, "no_migrate": asked.no_migrate}
    try:
        release(Clients(boto3), asked.stack, asked.image, **steps)
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
