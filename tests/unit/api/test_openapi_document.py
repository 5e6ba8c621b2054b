"""The document says everything a client needs, and its examples are true."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI

Json = dict[str, Any]

_PROBLEM = "application/problem+json"
_METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
def document(app: FastAPI) -> Json:
    return app.openapi()


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path in document["paths"].values():
        assert set(path) <= _METHODS
        for operation in path.values():
            yield operation["operationId"], operation


def resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def examples(document: Json, content: Json) -> list[Any]:
    """All examples of one body: its own, else those of its schema."""
    own = [item["value"] for item in content.get("examples", {}).values()]
    own += [content["example"]] if "example" in content else []
    if own:
        return own
    schema = resolved(document, content["schema"])
    return [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]


def validator(document: Json, schema: Json) -> Any:
    """A validator that also refuses members which the schema does not know."""
    schemas = {
        name: {"unevaluatedProperties": False, **part} if "properties" in part else part
        for name, part in document["components"]["schemas"].items()
        if name != "Problem"
    }
    schemas["Problem"] = document["components"]["schemas"]["Problem"]
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": schemas}}, validate_formats=True
    )


def bodies(operation: Json) -> Iterator[tuple[str, str, Json]]:
    """Every body of an operation: what it is, its media type, its description."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", media_type, content
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            yield status, media_type, content


def test_every_operation_introduces_itself(document: Json) -> None:
    declared = {tag["name"] for tag in document["tags"]}
    ids = [name for name, _ in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert re.fullmatch(r"[a-z][a-z_]+", name), name
        assert operation["summary"], name
        assert len(operation["description"]) > 20, name
        assert len(operation["tags"]) == 1, name
        assert set(operation["tags"]) <= declared, name


def test_every_body_has_a_schema_and_true_examples(document: Json) -> None:
    for name, operation in operations(document):
        for what, media_type, content in bodies(operation):
            where = f"{name} {what} {media_type}"
            assert content["schema"], where
            shown = examples(document, content)
            assert shown, where
            for value in shown:
                if media_type != "text/event-stream":
                    validator(document, content["schema"]).validate(value)


def test_an_example_that_lies_is_found(document: Json) -> None:
    schema = {"$ref": "#/components/schemas/AccountRead"}
    good = {"id": 1, "username": "ana", "perfil": "usuario"}
    validator(document, schema).validate(good)
    for bad in ({**good, "id": "1"}, {"id": 1}, {**good, "invented": 1}):
        with pytest.raises(jsonschema_rs.ValidationError):
            validator(document, schema).validate(bad)


def test_every_operation_has_one_success_with_a_schema(document: Json) -> None:
    for name, operation in operations(document):
        good = {status for status in operation["responses"] if status.startswith("2")}
        if name == "train_hiring":  # 202 is what it answers when the wait is over
            good.remove("202")
        if name == "start_social_sign_in":  # it only sends people elsewhere
            assert "Location" in operation["responses"]["307"]["headers"]
            continue
        assert len(good) == 1, name
        status = good.pop()
        assert ("content" in operation["responses"][status]) == (status != "204"), name


def test_every_error_is_a_problem_document(document: Json) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith(("2", "3")) or (name, status) == ("ready", "503"):
                continue
            where = f"{name} {status}"
            assert set(answer["content"]) == {_PROBLEM}, where
            assert answer["content"][_PROBLEM]["schema"] == problem, where
            for code, example in answer["content"][_PROBLEM]["examples"].items():
                value = example["value"]
                assert (value["code"], str(value["status"])) == (code, status), where
                assert value["detail"], where
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_errors_follow_from_what_an_operation_takes(document: Json) -> None:
    for name, operation in operations(document):
        expected = set() if name == "health" else {"503"}
        if {} not in operation.get("security", [{}]):
            expected.add("401")
        if "requestBody" in operation:
            expected |= {"413", "422"}
        if "parameters" in operation:
            expected.add("422")
        assert expected <= set(operation["responses"]), name
        if "401" in operation["responses"]:
            assert "WWW-Authenticate" in operation["responses"]["401"]["headers"], name
        if "429" in operation["responses"]:
            assert "Retry-After" in operation["responses"]["429"]["headers"], name


def test_security_is_declared(document: Json) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["HTTPBearer"]["scheme"] == "bearer"
    used = {
        scheme
        for _, operation in operations(document)
        for choice in operation.get("security", [])
        for scheme in choice
    }
    assert used == set(schemes)


def test_limits_are_exact(document: Json) -> None:
    member = document["components"]["schemas"]["NewProspect"]["properties"]["codigo_vaga"]
    assert (member["minimum"], member["maximum"]) == (1, 2**63 - 1)
    assert isinstance(member["maximum"], int)


def test_bounds_are_spelled_as_json_schema_does(document: Json) -> None:
    assert not {"ge", "gt", "le", "lt"} & set(members(document["components"]["schemas"]))


def members(node: Any) -> Iterator[str]:
    """The names of all members of a document, but of those that the wire has."""
    if isinstance(node, dict):
        for name, member in node.items():
            yield from [] if name == "properties" else [name]
            yield from members(list(member.values()) if name == "properties" else member)
    elif isinstance(node, list):
        for item in node:
            yield from members(item)


def test_path_parameters_have_examples(document: Json) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter["in"] in {"header", "path", "query"}, name
            assert parameter.get("description"), f"{name} {parameter['name']}"
            if parameter["in"] == "path":
                shown = parameter.get("examples") or parameter["schema"].get("examples")
                assert shown, f"{name} {parameter['name']}"
