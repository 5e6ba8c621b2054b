"""Praça on ECS, whole; and the repository of its image, which must be there before."""

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from deploy.ecs.alarms import Alarms
from deploy.ecs.blue_green import BlueGreen
from deploy.ecs.data import Data
from deploy.ecs.network import Balancer, Network
from deploy.ecs.options import Options
from deploy.ecs.services import Services
from deploy.ecs.tasks import REPOSITORY, Tasks

__all__ = ["CityStack", "RepositoryStack"]

_KEPT_IMAGES = 30


class RepositoryStack(Stack):
    """Where images are pushed to; a tag, once pushed, means the same for ever."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, description="Images of Praça")
        ecr.Repository(
            self,
            "Repository",
            repository_name=REPOSITORY,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            encryption=ecr.RepositoryEncryption.KMS,
            lifecycle_rules=[ecr.LifecycleRule(max_image_count=_KEPT_IMAGES)],
            removal_policy=RemovalPolicy.RETAIN,
        )


class CityStack(Stack):
    """Network, balancer, database, files, keys, tasks, services, releases and alarms.

    Args:
        scope: the application.
        construct_id: the stack's name.
        options: of whoever deploys.
    """

    def __init__(self, scope: Construct, construct_id: str, options: Options) -> None:
        super().__init__(scope, construct_id, description="Praça", termination_protection=True)
        network = Network(self, options)
        data = Data(self, network, options)
        balancer = Balancer(self, network, options)
        tasks = Tasks(self, network, data, options)
        services = Services(self, network, balancer, tasks, options)
        alarms = Alarms(self, balancer, services, data, options)
        BlueGreen(self, network, balancer, services, alarms, data, options)
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        self._tell(
            {
                "Cluster": services.cluster.cluster_name,
                "TaskSubnets": ",".join(subnets.subnet_ids),
                "TaskSecurityGroup": network.tasks.security_group_id,
                "FilesBucket": data.files.bucket_name,
                "DocumentsKey": data.documents_key.key_arn,
                "DatabaseHost": data.database.instance_endpoint.hostname,
                "DatabaseSecret": data.database_secret.secret_arn,
                "SecretKey": data.secret_key.secret_arn,
                "MetricsToken": data.metrics_token.secret_arn,
                "TaskRole": tasks.role.role_arn,
                "ExecutionRole": tasks.execution_role.role_arn,
                "ApiLog": tasks.logs["api"].log_group_name,
                "WorkerLog": tasks.logs["worker"].log_group_name,
                "Domain": options.domain,
            }
        )

    def _tell(self, values: dict[str, str]) -> None:
        """Write down what a release needs to know."""
        for name, value in values.items():
            CfnOutput(self, name, value=value)
