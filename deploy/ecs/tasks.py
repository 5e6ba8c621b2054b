"""What runs: containers, their settings, and what they may do."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deploy.ecs.data import DATABASE, Data
from deploy.ecs.network import API_PORT, Network
from deploy.ecs.options import Options

__all__ = ["DATA_FOLDER", "DRAIN_S", "GRACE_S", "REPOSITORY", "USER", "Tasks"]

REPOSITORY = "praca"
USER = "10001:10001"
DATA_FOLDER = "/var/lib/praca"
DRAIN_S = 20
"""The balancer looks every 5 s and believes two looks; and it learns of a stop with us."""
GRACE_S = 30
_API_STOP_S = 90
_WORKER_STOP_S = 120  # the most that Fargate gives
_RDS_CERTIFICATES = "/etc/ssl/rds.pem"
_FOLDERS = {"data": DATA_FOLDER, "tmp": "/tmp"}  # noqa: S108  # inside the container
_COLLECTOR = "http://127.0.0.1:4318"


class Tasks(Construct):
    """The two task definitions; migrations run as the first of them with another command.

    Args:
        scope: of the stack.
        network: whose balancer is believed about addresses.
        data: what they work on.
        options: of whoever deploys.
    """

    def __init__(self, scope: Construct, network: Network, data: Data, options: Options) -> None:
        super().__init__(scope, "Tasks")
        self._data = data
        self._options = options
        self._network = network
        repository = ecr.Repository.from_repository_name(self, "Repository", REPOSITORY)
        self._image = ecs.ContainerImage.from_ecr_repository(repository, options.image_tag)
        self.execution_role = self._role("ExecutionRole")
        self.role = self._role("Role")
        self._permit()
        self.logs: dict[str, logs.LogGroup] = {}
        self.api = self._definition(
            "api", cpu=1024, memory_mib=2048, stop_s=_API_STOP_S, check=["CMD", "praca", "health"]
        )
        self.worker = self._definition(
            "worker",
            cpu=1024,
            memory_mib=4096,
            stop_s=_WORKER_STOP_S,
            check=["CMD", "praca", "health", "--worker"],
        )

    def _role(self, name: str) -> iam.Role:
        return iam.Role(
            self,
            name,
            assumed_by=iam.ServicePrincipal(
                "ecs-tasks.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )

    def _permit(self) -> None:
        """Let the tasks do what the code does: files by name, and keys of documents."""
        files, key = self._data.files, self._data.key
        self._allow(
            "s3",
            ["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"],
            [files.arn_for_objects("*")],
        )
        self._allow("s3", ["ListBucket"], [files.bucket_arn])
        via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{Stack.of(self).region}.amazonaws.com"}}
        self._allow("kms", ["Decrypt", "GenerateDataKey"], [key.key_arn], via_s3)
        # Nothing is encrypted but with the name of the person it belongs to.
        named = {"Null": {"kms:EncryptionContext:praca-data-key-of": "false"}}
        self._allow("kms", ["Encrypt", "Decrypt"], [self._data.documents_key.key_arn], named)
        if self._options.collector_image:
            sending = ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules"]
            self._allow("xray", sending, ["*"])  # X-Ray knows no names of what is sent

    def _allow(
        self,
        service: str,
        actions: Sequence[str],
        resources: Sequence[str],
        conditions: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[f"{service}:{action}" for action in actions],
                resources=list(resources),
                conditions=conditions,
            )
        )

    def _definition(
        self, name: str, *, cpu: int, memory_mib: int, stop_s: int, check: list[str]
    ) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            name.capitalize(),
            family=f"praca-{name}",
            cpu=cpu,
            memory_limit_mib=memory_mib,
            execution_role=self.execution_role,
            task_role=self.role,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            volumes=[ecs.Volume(name=volume) for volume in _FOLDERS],
        )
        logged = self.logs[name] = self._data.log_group(self, f"{name.capitalize()}Log")
        container = definition.add_container(
            name,
            image=self._image,
            command=[name],
            user=USER,
            readonly_root_filesystem=True,
            environment=self._environment(),
            secrets=self._secrets(),
            stop_timeout=Duration.seconds(stop_s),
            linux_parameters=ecs.LinuxParameters(
                self, f"{name.capitalize()}Process", init_process_enabled=True
            ),
            health_check=ecs.HealthCheck(
                command=check,
                interval=Duration.seconds(15),
                timeout=Duration.seconds(6),
                start_period=Duration.seconds(90),
                retries=3,
            ),
            logging=ecs.LogDriver.aws_logs(stream_prefix=name, log_group=logged),
            port_mappings=(
                [ecs.PortMapping(container_port=API_PORT, name="http")] if name == "api" else None
            ),
        )
        for volume, folder in _FOLDERS.items():
            container.add_mount_points(
                ecs.MountPoint(container_path=folder, read_only=False, source_volume=volume)
            )
        self._add_collector(definition, name)
        return definition

    def _environment(self) -> dict[str, str]:
        """Return every setting that is no secret; the same for all, as they are one program."""
        region = Stack.of(self).region
        data, options = self._data, self._options
        database = data.database.instance_endpoint.hostname
        environment = {
            "PRACA_ENV": "production",
            "PRACA_HOST": "0.0.0.0",  # noqa: S104  # of a container that only the balancer reaches
            "PRACA_PORT": str(API_PORT),
            "PRACA_DATA_DIR": DATA_FOLDER,
            "PRACA_PUBLIC_URL": f"https://{options.domain}",
            "PRACA_FORWARDED_ALLOW_IPS": self._network.range,
            "PRACA_DRAIN_S": str(DRAIN_S),
            "PRACA_SHUTDOWN_GRACE_S": str(GRACE_S),
            # The password is no part of the address: the driver takes it from PGPASSWORD.
            "PRACA_DATABASE_URL": f"postgresql://{DATABASE}@{database}:5432/{DATABASE}",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": _RDS_CERTIFICATES,
            "PRACA_OBJECTS_URL": f"s3://{data.files.bucket_name}",
            "PRACA_OBJECTS_REGION": region,
            "PRACA_KMS_KEY_ID": data.documents_key.key_arn,
            "PRACA_KMS_REGION": region,
        }
        if options.collector_image:
            environment["PRACA_OTLP_ENDPOINT"] = _COLLECTOR
        return {**environment, **options.settings}

    def _secrets(self) -> dict[str, ecs.Secret]:
        data = self._data
        return {
            "PGPASSWORD": ecs.Secret.from_secrets_manager(data.database_secret, "password"),
            "PRACA_SECRET_KEY": ecs.Secret.from_secrets_manager(data.secret_key),
            "PRACA_METRICS_TOKEN": ecs.Secret.from_secrets_manager(data.metrics_token),
            **{name: self._given(name) for name in self._options.secrets},
        }

    def _given(self, name: str) -> ecs.Secret:
        """Return a secret that whoever deploys has made."""
        found = self.node.try_find_child(name)
        if found is None:
            secret = self._options.secrets[name]
            found = secretsmanager.Secret.from_secret_name_v2(self, name, secret)
        return ecs.Secret.from_secrets_manager(cast("secretsmanager.ISecret", found))

    def _add_collector(self, definition: ecs.FargateTaskDefinition, name: str) -> None:
        """Run a collector beside the container, if one was named; its loss stops nothing."""
        if not self._options.collector_image:
            return
        definition.add_container(
            "collector",
            image=ecs.ContainerImage.from_registry(self._options.collector_image),
            essential=False,
            readonly_root_filesystem=True,
            logging=ecs.LogDriver.aws_logs(
                stream_prefix="collector",
                log_group=self._data.log_group(self, f"{name.capitalize()}CollectorLog"),
            ),
        )
