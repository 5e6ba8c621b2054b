"""The task definition as a file: made from the stack's template, filled in from its outputs.

    uv run python -m deploy.ecs.taskdef --write
    uv run python -m deploy.ecs.taskdef --stack Praca --image IMAGE

The first writes ``taskdef.json`` anew; the second prints it with what a deployed stack says of
itself, as ``aws ecs register-task-definition`` and CodePipeline take it.
"""

import argparse
import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

__all__ = ["EXAMPLE", "FILE", "IMAGE", "fill", "main", "of_template", "stack_outputs", "written"]

FILE: Final = Path(__file__).parent / "taskdef.json"
IMAGE: Final = "<IMAGE1_NAME>"
"""CodePipeline's name for it."""
EXAMPLE: Final = {
    "domain": "praca.example.org",
    "certificate_arn": "arn:aws:acm:sa-east-1:111122223333:certificate/"
    "00000000-0000-0000-0000-000000000000",
    "image_tag": "1.0.0",
}
"""Options of a stack that is only worked out."""
_PLACEHOLDER = re.compile(r"<([A-Za-z]+)>")


def of_template(template: Mapping[str, Any], without: Collection[str] = ()) -> dict[str, Any]:
    """Return the API's task definition of a template in the words of ECS.

    Whatever CloudFormation would fill in becomes ``<Output>``, the stack's output of that value.

    Args:
        template: of the stack.
        without: variables that only some deployments have.

    Raises:
        ValueError: no output has a value that the definition needs.
    """
    definition = next(
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
        and resource["Properties"]["Family"] == "praca-api"
    )
    names = {
        json.dumps(output["Value"], sort_keys=True): f"<{name}>"
        for name, output in template["Outputs"].items()
    }
    names[json.dumps({"Ref": "AWS::Region"})] = "<Region>"
    found: dict[str, Any] = _in_words_of_ecs(_resolved(_plain(definition, without), names))
    return found


def _plain(definition: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    """Leave the image open, and out what an operator has added: variables, other containers."""
    container = {**definition["ContainerDefinitions"][0], "Image": IMAGE}
    for kind in ("Environment", "Secrets"):
        container[kind] = [one for one in container[kind] if one["Name"] not in without]
    return {**definition, "ContainerDefinitions": [container]}


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """Put placeholders where CloudFormation has functions."""
    if isinstance(value, list):
        return [_resolved(one, names) for one in value]
    if not isinstance(value, dict):
        told = isinstance(value, str)
        return value.replace(f"https://{EXAMPLE['domain']}", "https://<Domain>") if told else value
    if name := names.get(json.dumps(value, sort_keys=True)):
        return name
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(str(_resolved(one, names)) for one in parts)
    if value.keys() & {"Ref", "Fn::GetAtt"}:
        raise ValueError(f"no output of the stack says {json.dumps(value)}")
    return {key: _resolved(one, names) for key, one in value.items()}


def _in_words_of_ecs(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_words_of_ecs(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        # An option of the log driver keeps its name.
        key if key.startswith("awslogs-") else key[0].lower() + key[1:]: _in_words_of_ecs(one)
        for key, one in value.items()
        if one != {}
    }


def fill(text: str, outputs: Mapping[str, str], image: str) -> dict[str, Any]:
    """Fill in what the placeholders stand for.

    Raises:
        ValueError: the stack does not say what one of them is.
    """
    values = {**outputs, IMAGE.strip("<>"): image}
    filled = text.replace(IMAGE, image)
    if missing := sorted(set(_PLACEHOLDER.findall(filled)) - values.keys()):
        raise ValueError(f"the stack does not say: {', '.join(missing)}")
    found: dict[str, Any] = json.loads(
        _PLACEHOLDER.sub(lambda one: json.dumps(values[one[1]])[1:-1], filled)
    )
    return found


def stack_outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """Return what a deployed stack says of itself, and where it is."""
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
    return {**outputs, "Region": cloudformation.meta.region_name}


def written(definition: Mapping[str, Any]) -> str:
    """Return a definition as the file has it."""
    return json.dumps(definition, indent=2) + "\n"


def _synthesised() -> dict[str, Any]:
    from aws_cdk import App  # noqa: PLC0415  # it starts Node.js
    from aws_cdk.assertions import Template  # noqa: PLC0415

    from deploy.ecs.app import build  # noqa: PLC0415

    return of_template(dict(Template.from_stack(build(App(context=EXAMPLE))).to_json()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the file with everything filled in, or write it anew; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--stack", default="Praca", help="of CloudFormation")
    parser.add_argument("--image", default=IMAGE, help="as the container is to run it")
    parser.add_argument("--write", action="store_true", help="write the file anew, ask nobody")
    asked = parser.parse_args(arguments)
    if asked.write:
        FILE.write_text(written(_synthesised()), encoding="utf-8")
        return 0
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415  # nobody else here asks AWS

    outputs = stack_outputs(boto3.client("cloudformation"), asked.stack)
    filled = fill(FILE.read_text(encoding="utf-8"), outputs, asked.image)
    sys.stdout.write(written(filled))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
