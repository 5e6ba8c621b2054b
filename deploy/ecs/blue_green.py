"""How a release comes to answer: beside the one before, checked, a tenth first, or not at all."""

from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deploy.ecs.alarms import Alarms
from deploy.ecs.data import Data
from deploy.ecs.network import API_PORT, Balancer, Network
from deploy.ecs.options import Options
from deploy.ecs.services import Services

__all__ = ["APPLICATION", "CHECK", "GROUP", "BlueGreen"]

APPLICATION = "praca"
GROUP = "praca-api"
CHECK = "praca-release-check"
_PATIENCE_S = 240
_CANARY_PERCENT = 10
_KEPT_MINUTES = 15
"""So long the release before goes on, for connections it still has and for the way back."""


class BlueGreen(Construct):
    """CodeDeploy's application, its group and the check of ``appspec.yml``.

    Args:
        scope: of the stack.
        network: in which the check runs.
        balancer: whose targets are swapped.
        services: whose API is replaced.
        alarms: by which a release is taken back.
        data: whose log groups are like those of the check.
        options: of whoever deploys.
    """

    def __init__(
        self,
        scope: Construct,
        network: Network,
        balancer: Balancer,
        services: Services,
        alarms: Alarms,
        data: Data,
        options: Options,
    ) -> None:
        super().__init__(scope, "Release")
        application = codedeploy.EcsApplication(self, "Application", application_name=APPLICATION)
        self.group = codedeploy.EcsDeploymentGroup(
            self,
            "Group",
            deployment_group_name=GROUP,
            application=application,
            service=services.api,
            blue_green_deployment_config=codedeploy.EcsBlueGreenDeploymentConfig(
                blue_target_group=balancer.blue,
                green_target_group=balancer.green,
                listener=balancer.listener,
                test_listener=balancer.test_listener,
                termination_wait_time=Duration.minutes(_KEPT_MINUTES),
            ),
            deployment_config=codedeploy.EcsDeploymentConfig(
                self,
                "Canary",
                traffic_routing=codedeploy.TrafficRouting.time_based_canary(
                    interval=Duration.minutes(options.canary_minutes), percentage=_CANARY_PERCENT
                ),
            ),
            alarms=list(alarms.release),
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
        )
        self.check = self._check(network, services, data)

    def _check(self, network: Network, services: Services, data: Data) -> lambda_.Function:
        role = iam.Role(self, "CheckRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        function = lambda_.Function(
            self,
            "Check",
            function_name=CHECK,
            code=lambda_.Code.from_asset(str(Path(__file__).parent / "hooks")),
            handler="ready.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=256,
            timeout=Duration.seconds(_PATIENCE_S + 30),
            role=role,
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[network.checks],
            log_group=data.log_group(self, "CheckLog"),
            environment={
                "CLUSTER": services.cluster.cluster_name,
                "SERVICE": services.api.service_name,
                "PORT": str(API_PORT),
                "PATIENCE_S": str(_PATIENCE_S),
            },
        )
        stack = Stack.of(self)
        cluster = services.cluster
        here = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
        tasks = stack.format_arn(
            service="ecs", resource="task", resource_name=f"{cluster.cluster_name}/*"
        )
        for actions, resource, conditions in (
            (["ecs:DescribeServices"], services.api.service_arn, None),
            (["ecs:ListTasks"], "*", here),  # IAM knows it by the cluster only
            (["ecs:DescribeTasks"], tasks, None),
            (
                ["codedeploy:PutLifecycleEventHookExecutionStatus"],
                self.group.deployment_group_arn,
                None,
            ),
        ):
            function.add_to_role_policy(
                iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
            )
        return function
