"""The infrastructure of Praça on ECS, worked out once and looked at."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.integration.deploy.templates import faults
from tests.integration.deploy.test_questions_stack import as_list, of_type, statements

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="the CDK runs on Node.js, and there is none"
)
_FOLDER = Path(__file__).parents[3] / "deploy" / "ecs"
_ADDED = {"PRACA_SMTP_HOST": "smtp.example.org"}
_ADDED_SECRETS = {"PRACA_SMTP_PASSWORD": "praca/smtp"}
_SECRET = {
    *("PGPASSWORD", "PRACA_SECRET_KEY", "PRACA_METRICS_TOKEN", "PRACA_ENCRYPTION_KEYS"),
    *("PRACA_SMTP_PASSWORD", "PRACA_LLM_API_KEY", "PRACA_PIX_WEBHOOK_SECRET"),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from aws_cdk import App
    from aws_cdk.assertions import Template
    from deploy.ecs.app import build
    from deploy.ecs.taskdef import EXAMPLE

    context = {
        **EXAMPLE,
        "alarm_email": "plantao@example.org",
        "collector_image": "otel/opentelemetry-collector:0.139.0",
        "settings": json.dumps(_ADDED),
        "secrets": json.dumps(_ADDED_SECRETS),
    }
    app = App(
        outdir=str(tmp_path_factory.mktemp("cdk")), context=context, analytics_reporting=False
    )
    return dict(Template.from_stack(build(app)).to_json())


def one(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = of_type(template, kind).values()
    return found


def containers(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Our container of each task definition, by its name."""
    return {
        container["Name"]: container
        for definition in of_type(template, "ECS::TaskDefinition").values()
        for container in definition["ContainerDefinitions"]
        if container["Name"] != "collector"
    }


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {pair["Name"]: pair["Value"] for pair in container["Environment"]}


def test_the_file_of_the_task_definition_is_that_of_the_stack(template: dict[str, Any]) -> None:
    from deploy.ecs.taskdef import FILE, IMAGE, fill, of_template, written

    # `python -m deploy.ecs.taskdef --write` makes it anew.
    without = {*_ADDED, *_ADDED_SECRETS, "PRACA_OTLP_ENDPOINT"}
    text = FILE.read_text()
    assert written(of_template(template, without)) == text
    names = {*template["Outputs"], "Region"}
    filled = fill(text, dict.fromkeys(names, "x"), "praca:2")
    assert filled["containerDefinitions"][0]["image"] == "praca:2"
    assert "<" not in json.dumps(filled)
    assert IMAGE in text
    with pytest.raises(ValueError, match="DatabaseHost"):
        fill(text, dict.fromkeys(names - {"DatabaseHost"}, "x"), "praca:2")


def test_the_appspec_names_the_container_and_the_check(template: dict[str, Any]) -> None:
    from deploy.ecs.release import appspec

    spec = yaml.safe_load(appspec("arn:one:7"))
    (resource,) = spec["Resources"]
    target = resource["TargetService"]
    assert target["Type"] == "AWS::ECS::Service"
    assert target["Properties"]["TaskDefinition"] == "arn:one:7"
    (port,) = containers(template)["api"]["PortMappings"]
    assert target["Properties"]["LoadBalancerInfo"] == {
        "ContainerName": "api",
        "ContainerPort": port["ContainerPort"],
    }
    ((hook, function),) = (pair for one in spec["Hooks"] for pair in one.items())
    assert hook == "AfterAllowTestTraffic"
    check = one(template, "Lambda::Function")
    assert check["FunctionName"] == function
    assert (_FOLDER / "hooks" / f"{check['Handler'].partition('.')[0]}.py").is_file()


def test_what_containers_are_told_are_settings_and_no_secrets(template: dict[str, Any]) -> None:
    from deploy.ecs.options import known_settings

    for container in containers(template).values():
        told = variables(container)
        secrets = {pair["Name"] for pair in container["Secrets"]}
        ours = {name for name in {*told, *secrets} if name.startswith("PRACA_")}
        # The drain comes with the rolling restart.
        assert ours <= known_settings()
        assert not told.keys() & _SECRET
        assert secrets == {"PGPASSWORD", "PRACA_SECRET_KEY", "PRACA_METRICS_TOKEN", *_ADDED_SECRETS}
        assert told["PRACA_ENV"] == "production"
        assert told["PGSSLMODE"] == "verify-full"
        # Name, host and database; the driver takes the password from the environment.
        parts = told["PRACA_DATABASE_URL"]["Fn::Join"][1]
        assert [part for part in parts if isinstance(part, str)] == [
            "postgresql://praca@",
            ":5432/praca",
        ]
        assert told.items() >= _ADDED.items()
    assert "resolve:secretsmanager" not in json.dumps(containers(template))


def test_containers_are_the_image_as_it_is_meant(template: dict[str, Any]) -> None:
    definitions = of_type(template, "ECS::TaskDefinition").values()
    assert {one["Family"] for one in definitions} == {"praca-api", "praca-worker"}
    for name, container in containers(template).items():
        assert container["Command"] == [name]
        assert container["User"] == "10001:10001"
        assert container["ReadonlyRootFilesystem"] is True
        assert "Privileged" not in container
        mounted = {mount["ContainerPath"]: mount["ReadOnly"] for mount in container["MountPoints"]}
        assert mounted == {"/var/lib/praca": False, "/tmp": False}  # noqa: S108  # inside the container
        assert container["LogConfiguration"]["LogDriver"] == "awslogs"
        told = variables(container)
        draining = float(told["PRACA_DRAIN_S"]) + float(told["PRACA_SHUTDOWN_GRACE_S"])
        assert draining + 10 < container["StopTimeout"] <= 120


def test_a_drain_outlasts_the_balancers_looks(template: dict[str, Any]) -> None:
    groups = of_type(template, "ElasticLoadBalancingV2::TargetGroup").values()
    assert len(groups) == 2
    drain_s = float(variables(containers(template)["api"])["PRACA_DRAIN_S"])
    for group in groups:
        assert group["HealthCheckPath"] == "/api/v1/ready"
        looks_s = group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"]
        assert looks_s + group["HealthCheckTimeoutSeconds"] < drain_s


def test_the_database_is_nobody_elses(template: dict[str, Any]) -> None:
    database = one(template, "RDS::DBInstance")
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    assert "KmsKeyId" in database
    assert database["MultiAZ"] is True
    assert database["DeletionProtection"] is True
    assert database["BackupRetentionPeriod"] >= 14
    assert database["DeleteAutomatedBackups"] is False
    parameters = one(template, "RDS::DBParameterGroup")["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["log_parameter_max_length"] == "0"
    subnets = one(template, "RDS::DBSubnetGroup")["SubnetIds"]
    routed = {
        route["Properties"]["SubnetId"]["Ref"]: route["Properties"]["RouteTableId"]["Ref"]
        for route in template["Resources"].values()
        if route["Type"] == "AWS::EC2::SubnetRouteTableAssociation"
    }
    tables_with_a_way_out = {
        route["RouteTableId"]["Ref"] for route in of_type(template, "EC2::Route").values()
    }
    assert len(subnets) == 2
    assert not {routed[subnet["Ref"]] for subnet in subnets} & tables_with_a_way_out


def test_nobody_is_let_in_but_through_the_balancer(template: dict[str, Any]) -> None:
    groups = of_type(template, "EC2::SecurityGroup")
    open_to_all = {
        (name, rule["FromPort"])
        for name, group in groups.items()
        for rule in group.get("SecurityGroupIngress", ())
    }
    (balancer,) = (name for name in groups if name.startswith("NetworkBalancer"))
    assert open_to_all == {(balancer, 80), (balancer, 443)}
    for rule in of_type(template, "EC2::SecurityGroupIngress").values():
        assert "CidrIp" not in rule
        assert rule["FromPort"] == rule["ToPort"]
        assert rule["FromPort"] in {5432, 8000}
    for rule in of_type(template, "ECS::Service").values():
        network = rule["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "DISABLED"
        assert rule["EnableExecuteCommand"] is False


def test_listeners_speak_tls_and_send_on_who_does_not(template: dict[str, Any]) -> None:
    listeners = of_type(template, "ElasticLoadBalancingV2::Listener").values()
    by_port = {listener["Port"]: listener for listener in listeners}
    assert set(by_port) == {80, 443, 8443}
    assert by_port[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    for port in (443, 8443):
        assert by_port[port]["Protocol"] == "HTTPS"
        assert "TLS13" in by_port[port]["SslPolicy"]
    balancer = one(template, "ElasticLoadBalancingV2::LoadBalancer")
    told = {pair["Key"]: pair["Value"] for pair in balancer["LoadBalancerAttributes"]}
    assert told["deletion_protection.enabled"] == "true"
    assert told["access_logs.s3.enabled"] == "true"
    assert told["routing.http.drop_invalid_header_fields.enabled"] == "true"
    # Twice as long as the silence of a stream that lives.
    assert int(told["idle_timeout.timeout_seconds"]) >= 2 * 40


def test_files_are_closed_sealed_and_kept(template: dict[str, Any]) -> None:
    buckets = of_type(template, "S3::Bucket")
    assert len(buckets) == 2
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["BucketEncryption"]
        assert bucket["LifecycleConfiguration"]["Rules"]
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
        denied = [
            said
            for policy in of_type(template, "S3::BucketPolicy").values()
            if policy["Bucket"] == {"Ref": name}
            for said in policy["PolicyDocument"]["Statement"]
            if said["Effect"] == "Deny"
        ]
        assert [said["Condition"] for said in denied] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]
    (files,) = (bucket for name, bucket in buckets.items() if name.startswith("DataFiles"))
    rule = files["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    # A document of somebody who was erased is gone after this, also from old versions.
    assert files["LifecycleConfiguration"]["Rules"][0]["NoncurrentVersionExpiration"] == {
        "NoncurrentDays": 90
    }


def test_keys_turn_and_what_is_lost_with_them_is_kept(template: dict[str, Any]) -> None:
    keys = of_type(template, "KMS::Key")
    assert len(keys) == 2
    kept = {*keys, *of_type(template, "RDS::DBInstance")}
    kept |= {name for name in of_type(template, "SecretsManager::Secret") if "Database" not in name}
    for name in kept:
        assert template["Resources"][name]["DeletionPolicy"] in {"Retain", "Snapshot"}
    assert all(key["EnableKeyRotation"] for key in keys.values())
    for secret in of_type(template, "SecretsManager::Secret").values():
        assert "KmsKeyId" in secret
        assert "SecretString" not in secret
    assert "KmsMasterKeyId" in one(template, "SNS::Topic")


def test_nobody_may_do_anything_to_everything(template: dict[str, Any]) -> None:
    nameless = {"ecr:GetAuthorizationToken", "ecs:ListTasks"}
    assert statements(template)
    for statement in statements(template):
        actions = set(as_list(statement["Action"]))
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions if action.endswith(":*")]
        assert not {action for action in actions if "*" in action}
        if "*" in as_list(statement["Resource"]):
            traces = {action for action in actions if action.startswith("xray:")}
            network = {action for action in actions if action.startswith("ec2:")}
            assert actions <= nameless | traces | network
            assert "ecs:ListTasks" not in actions or statement["Condition"]


def test_documents_are_opened_with_the_name_of_their_owner_only(template: dict[str, Any]) -> None:
    (documents,) = (name for name in of_type(template, "KMS::Key") if "Documents" in name)
    using = [
        statement
        for statement in statements(template)
        if {"Fn::GetAtt": [documents, "Arn"]} in as_list(statement["Resource"])
    ]
    (statement,) = using
    assert set(statement["Action"]) == {"kms:Encrypt", "kms:Decrypt"}
    assert statement["Condition"] == {"Null": {"kms:EncryptionContext:praca-data-key-of": "false"}}


def test_releases_are_taken_back_by_alarms(template: dict[str, Any]) -> None:
    group = one(template, "CodeDeploy::DeploymentGroup")
    assert set(group["AutoRollbackConfiguration"]["Events"]) == {
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    }
    watched = {one["Name"]["Ref"] for one in group["AlarmConfiguration"]["Alarms"]}
    alarms = of_type(template, "CloudWatch::Alarm")
    metrics = sorted(alarms[name]["MetricName"] for name in watched)
    assert metrics == [
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
        "TargetResponseTime",
        "UnHealthyHostCount",
        "UnHealthyHostCount",
    ]
    (slow,) = (one for one in alarms.values() if one.get("MetricName") == "TargetResponseTime")
    assert slow["ExtendedStatistic"] == "p99"
    # Those of the scaling ask for no person.
    people = {name for name in alarms if name.startswith("Alarms")}
    assert watched < people
    assert all(alarms[name]["AlarmActions"] for name in people)
    assert one(template, "SNS::Subscription")["Protocol"] == "email"
    services = {one["ServiceName"]: one for one in of_type(template, "ECS::Service").values()}
    # Without a revision: CloudFormation must not replace what CodeDeploy replaces.
    assert services["praca-api"]["TaskDefinition"] == "praca-api"
    assert services["praca-api"]["DeploymentController"] == {"Type": "CODE_DEPLOY"}
    assert services["praca-worker"]["DeploymentConfiguration"]["DeploymentCircuitBreaker"] == {
        "Enable": True,
        "Rollback": True,
    }


def test_there_are_more_tasks_when_there_is_more_to_do(template: dict[str, Any]) -> None:
    targets = of_type(template, "ApplicationAutoScaling::ScalableTarget").values()
    limits = sorted((one["MinCapacity"], one["MaxCapacity"]) for one in targets)
    assert limits == [(1, 4), (2, 10)]
    policies = of_type(template, "ApplicationAutoScaling::ScalingPolicy").values()
    kinds = sorted(policy["PolicyType"] for policy in policies)
    assert kinds == ["StepScaling", "TargetTrackingScaling", "TargetTrackingScaling"]


def test_logs_are_kept_for_a_month(template: dict[str, Any]) -> None:
    groups = of_type(template, "Logs::LogGroup")
    assert len(groups) == 5
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


def test_cloudformation_would_take_it(template: dict[str, Any], tmp_path: Path) -> None:
    assert faults(template, tmp_path) == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"domain": ""}, "give -c domain"),
        ({"settings": '{"PRACA_NO_SUCH": "1"}'}, "no such settings: PRACA_NO_SUCH"),
        ({"secrets": "[]"}, "JSON object"),
    ],
)
def test_options_that_do_not_fit_are_refused(given: dict[str, str], message: str) -> None:
    from deploy.ecs.options import Options
    from deploy.ecs.taskdef import EXAMPLE

    class Node:
        def try_get_context(self, name: str) -> str | None:
            return {**EXAMPLE, **given}.get(name)

    with pytest.raises(ValueError, match=re.escape(message)):
        Options.of(Node())  # type: ignore[arg-type]  # all that is asked of a node
