"""The infrastructure of questions on AWS, worked out once and looked at."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.integration.deploy.templates import faults

from praca.helpdesk.questions.adapters.dynamodb_layout import (
    CONNECTIONS_KEY,
    QUESTION_INDEXES,
    QUESTIONS_KEY,
)
from praca.platform.settings import AwsSettings, HelpdeskSettings, LlmSettings

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="the CDK runs on Node.js, and there is none"
)
TRIES = 4
STAGE = "ApiGatewayV2::Stage"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from aws_cdk import App
    from aws_cdk.assertions import Template
    from deploy.aws.app import build

    folder = tmp_path_factory.mktemp("function")
    (folder / "nothing.py").write_text("")
    context = {
        "tries": str(TRIES),
        "concurrency": "20",
        "alarm_email": "plantao@example.org",
        "llm_base_url": "https://modelo.example/v1",
        "llm_secret_name": "praca/llm",
    }
    app = App(
        outdir=str(tmp_path_factory.mktemp("cdk")), context=context, analytics_reporting=False
    )
    return dict(Template.from_stack(build(app, folder)).to_json())


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The functions by the names of their handlers' modules."""
    return {
        properties["Handler"].split(".")[-2]: properties
        for properties in of_type(template, "Lambda::Function").values()
    }


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    policies = of_type(template, "IAM::Policy").values()
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_tables_are_those_that_the_code_asks(template: dict[str, Any]) -> None:
    tables = of_type(template, "DynamoDB::Table")
    keys = {}
    for table in tables.values():
        key = tuple(part["AttributeName"] for part in table["KeySchema"])
        keys[key] = {
            index["IndexName"]: tuple(part["AttributeName"] for part in index["KeySchema"])
            for index in table.get("GlobalSecondaryIndexes", ())
        }
    assert keys == {QUESTIONS_KEY: dict(QUESTION_INDEXES), CONNECTIONS_KEY: {}}


def test_tables_are_sealed_saved_and_forget(template: dict[str, Any]) -> None:
    for name, table in of_type(template, "DynamoDB::Table").items():
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["DeletionProtectionEnabled"] is True
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"


def test_every_queue_lays_aside_what_fails(template: dict[str, Any]) -> None:
    queues = of_type(template, "SQS::Queue")
    dead = set()
    for queue in queues.values():
        assert queue["FifoQueue"] is True
        assert queue["SqsManagedSseEnabled"] is True
        if "RedrivePolicy" in queue:
            assert queue["RedrivePolicy"]["maxReceiveCount"] == TRIES
            dead.add(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
    assert len(queues) == 4
    assert dead == {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    for subscription in of_type(template, "SNS::Subscription").values():
        if subscription["Protocol"] == "sqs":
            assert subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead
            assert subscription["RawMessageDelivery"] is True


def test_functions_try_as_often_as_the_queues(template: dict[str, Any]) -> None:
    for function in functions(template).values():
        assert function["Environment"]["Variables"]["PRACA_QUESTION_TRIES"] == str(TRIES)


def test_a_queue_hides_a_message_six_times_as_long_as_its_function_runs(
    template: dict[str, Any],
) -> None:
    mappings = of_type(template, "Lambda::EventSourceMapping").values()
    assert len(mappings) == 2
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["BatchSize"] == 10
        queue = template["Resources"][mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        function = template["Resources"][mapping["FunctionName"]["Ref"]]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


def test_handlers_are_there(template: dict[str, Any]) -> None:
    from importlib import import_module

    assert set(functions(template)) == {"api", "connect", "notify", "process", "sweep"}
    for function in functions(template).values():
        module, _, name = function["Handler"].rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_what_functions_are_told_are_settings_and_no_secrets(template: dict[str, Any]) -> None:
    groups = (AwsSettings, HelpdeskSettings, LlmSettings)
    known = {f"PRACA_{name}".upper() for group in groups for name in group.model_fields}
    secret = {"PRACA_LLM_API_KEY", "PRACA_SECRET_KEY"}
    for function in functions(template).values():
        names = set(function["Environment"]["Variables"])
        assert names <= (known | {"PRACA_ENV", "PRACA_DATA_DIR"}) - secret
        assert function["Environment"]["Variables"]["PRACA_ENV"] == "production"
    process = functions(template)["process"]["Environment"]["Variables"]
    assert process["PRACA_AWS_LLM_KEY_SECRET"] == "praca/llm"


def test_the_answering_function_can_be_held_back(template: dict[str, Any]) -> None:
    assert functions(template)["process"]["ReservedConcurrentExecutions"] == 20
    assert "ReservedConcurrentExecutions" not in functions(template)["api"]


def test_nobody_may_do_anything_to_everything(template: dict[str, Any]) -> None:
    assert statements(template)
    for statement in statements(template):
        assert statement["Effect"] == "Allow"
        for resource in as_list(statement["Resource"]):
            assert resource != "*"
        for action in as_list(statement["Action"]):
            service, _, name = action.partition(":")
            assert name != "*"
            reads = name.startswith(("Get", "List"))
            assert "*" not in name or (service == "s3" and reads), action


def test_who_may_do_what(template: dict[str, Any]) -> None:
    allowed: dict[str, set[str]] = {}
    for name, policy in of_type(template, "IAM::Policy").items():
        title = name.removeprefix("Functions").partition("ServiceRole")[0].lower()
        for statement in policy["PolicyDocument"]["Statement"]:
            allowed.setdefault(title, set()).update(as_list(statement["Action"]))
    assert "dynamodb:PutItem" not in allowed["process"] | allowed["notify"] | allowed["sweep"]
    assert "sns:Publish" not in allowed["notify"] | allowed["connect"]
    assert "secretsmanager:GetSecretValue" in allowed["process"]
    others = allowed["api"] | allowed["notify"] | allowed["connect"] | allowed["sweep"]
    assert not {one for one in others if one.startswith(("secretsmanager:", "s3:"))}
    assert all("dynamodb:Scan" not in actions for actions in allowed.values())
    assert "dynamodb:DeleteItem" not in allowed["api"]


def test_only_the_contracts_addresses_are_answered_and_none_is_logged(
    template: dict[str, Any],
) -> None:
    routes = {route["RouteKey"] for route in of_type(template, "ApiGatewayV2::Route").values()}
    assert routes == {
        "POST /api/v1/auth/login",
        "POST /api/v1/questions",
        "GET /api/v1/questions/{session_id}",
        "GET /api/v1/health",
        "$connect",
        "$disconnect",
        "$default",
    }
    stages = {stage["StageName"]: stage for stage in of_type(template, STAGE).values()}
    assert set(stages) == {"$default", "prod"}
    for stage in stages.values():
        assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 100
    logged = json.loads(stages["$default"]["AccessLogSettings"]["Format"])
    assert not {value for value in logged.values() if "path" in value.lower()}
    # Without a role for all logs of the account's gateways, which is not ours to give, the
    # gateway refuses a stage of WebSockets that has a log.
    assert "AccessLogSettings" not in stages["prod"]
    assert not of_type(template, "ApiGateway::Account")


def test_pages_of_other_origins_may_send_what_the_api_takes(template: dict[str, Any]) -> None:
    (api,) = (
        one
        for one in of_type(template, "ApiGatewayV2::Api").values()
        if one["ProtocolType"] == "HTTP"
    )
    allowed = api["CorsConfiguration"]
    assert set(allowed["AllowHeaders"]) == {"authorization", "content-type", "idempotency-key"}
    assert "idempotency-replayed" in allowed["ExposeHeaders"]
    assert "AllowCredentials" not in allowed


def test_topics_are_sealed_and_in_order(template: dict[str, Any]) -> None:
    topics = [t for t in of_type(template, "SNS::Topic").values() if t.get("FifoTopic")]
    assert len(topics) == 2
    assert all("KmsMasterKeyId" in topic for topic in topics)
    (key,) = of_type(template, "KMS::Key").values()
    assert key["EnableKeyRotation"] is True


def test_somebody_is_told(template: dict[str, Any]) -> None:
    alarms = of_type(template, "CloudWatch::Alarm")
    assert all(alarm["AlarmActions"] for alarm in alarms.values())
    names = {metric for alarm in alarms.values() if (metric := alarm.get("MetricName")) is not None}
    assert {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
        "Errors",
        "ApiMessagesNotSent",
    } <= names
    protocols = {one["Protocol"] for one in of_type(template, "SNS::Subscription").values()}
    assert "email" in protocols
    ((topic,),) = {tuple(alarm["AlarmActions"][0].values()) for alarm in alarms.values()}
    (allowed,) = (
        one
        for policy in of_type(template, "SNS::TopicPolicy").values()
        if policy["Topics"] == [{"Ref": topic}]
        for one in policy["PolicyDocument"]["Statement"]
        if one["Effect"] == "Allow"
    )
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"


def test_logs_are_kept_for_a_month(template: dict[str, Any]) -> None:
    groups = of_type(template, "Logs::LogGroup")
    assert len(groups) == 6
    assert {group["RetentionInDays"] for group in groups.values()} == {30}
    for function in functions(template).values():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_the_sweep_runs_every_minute(template: dict[str, Any]) -> None:
    (rule,) = of_type(template, "Events::Rule").values()
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = rule["Targets"]
    sweep = template["Resources"][target["Arn"]["Fn::GetAtt"][0]]["Properties"]
    assert sweep["Handler"] == "praca.entrypoints.aws.sweep.handler"


def test_the_bucket_of_articles_is_closed(template: dict[str, Any]) -> None:
    (bucket,) = of_type(template, "S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_without_the_functions_folder_it_says_what_to_do(tmp_path: Path) -> None:
    from aws_cdk import App
    from deploy.aws.app import build

    with pytest.raises(FileNotFoundError, match="build"):
        build(App(outdir=str(tmp_path), analytics_reporting=False), tmp_path / "none")


def test_cloudformation_would_take_it(template: dict[str, Any], tmp_path: Path) -> None:
    assert faults(template, tmp_path) == ""
