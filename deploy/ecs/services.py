"""Services of the tasks, and how many of them there are."""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from constructs import Construct

from deploy.ecs.network import API_PORT, Balancer, Network
from deploy.ecs.options import Options
from deploy.ecs.tasks import Tasks

__all__ = ["Services"]

_CPU_PERCENT = 60
_MINUTE = Duration.minutes(1)


class Services(Construct):
    """The API, which CodeDeploy replaces, and the worker, which ECS replaces.

    Args:
        scope: of the stack.
        network: in which they run.
        balancer: in front of the API.
        tasks: what they run.
        options: of whoever deploys.
    """

    def __init__(
        self,
        scope: Construct,
        network: Network,
        balancer: Balancer,
        tasks: Tasks,
        options: Options,
    ) -> None:
        super().__init__(scope, "Services")
        self._network = network
        self._options = options
        self.cluster = ecs.Cluster(
            self, "Cluster", vpc=network.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        self.api = self._service(
            "api",
            tasks.api,
            count=options.api_tasks,
            deployment_controller=ecs.DeploymentController(
                type=ecs.DeploymentControllerType.CODE_DEPLOY
            ),
        )
        balancer.blue.add_target(
            cast(
                "balancing.IApplicationLoadBalancerTarget",
                self.api.load_balancer_target(container_name="api", container_port=API_PORT),
            )
        )
        self.api.node.add_dependency(balancer.listener, balancer.test_listener)
        # Two at a time answer the same questions once: tasks are leased, so a worker of the new
        # release may begin before one of the old has ended.
        self.worker = self._service(
            "worker",
            tasks.worker,
            count=options.worker_tasks,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        )
        if not options.first:
            self._scale_api(balancer)
            self._scale(self.worker, "Worker", options.worker_tasks, options.worker_tasks_most)

    def _service(
        self,
        name: str,
        definition: ecs.FargateTaskDefinition,
        *,
        count: int,
        deployment_controller: ecs.DeploymentController | None = None,
        circuit_breaker: ecs.DeploymentCircuitBreaker | None = None,
    ) -> ecs.FargateService:
        return ecs.FargateService(
            self,
            name.capitalize(),
            service_name=f"praca-{name}",
            cluster=self.cluster,
            task_definition=definition,
            desired_count=0 if self._options.first else count,
            min_healthy_percent=100,
            max_healthy_percent=200,
            security_groups=[self._network.tasks],
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            assign_public_ip=False,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            enable_execute_command=False,
            deployment_controller=deployment_controller,
            circuit_breaker=circuit_breaker,
            health_check_grace_period=Duration.seconds(90) if name == "api" else None,
        )

    def _scale(
        self, service: ecs.FargateService, name: str, least: int, most: int
    ) -> ecs.ScalableTaskCount:
        count = service.auto_scale_task_count(min_capacity=least, max_capacity=most)
        count.scale_on_cpu_utilization(
            f"{name}Cpu",
            target_utilization_percent=_CPU_PERCENT,
            scale_out_cooldown=_MINUTE,
            scale_in_cooldown=Duration.minutes(10),
        )
        return count

    def _scale_api(self, balancer: Balancer) -> None:
        """Follow the processor, and add tasks where requests wait for something else.

        The balancer's own figure of requests by target cannot be followed: it belongs to one of
        the two groups of targets, and a deployment swaps them.
        """
        options = self._options
        count = self._scale(self.api, "Api", options.api_tasks, options.api_tasks_most)
        by_task = cloudwatch.MathExpression(
            expression="requests / MAX([tasks, 1])",
            using_metrics={
                "requests": balancer.balancer.metrics.request_count(
                    statistic="Sum", period=_MINUTE
                ),
                "tasks": cloudwatch.Metric(
                    namespace="ECS/ContainerInsights",
                    metric_name="RunningTaskCount",
                    dimensions_map={
                        "ClusterName": self.cluster.cluster_name,
                        "ServiceName": self.api.service_name,
                    },
                    period=_MINUTE,
                    statistic="Average",
                ),
            },
            period=_MINUTE,
        )
        limit = options.requests_per_task
        count.scale_on_metric(
            "ApiRequests",
            metric=by_task,
            scaling_steps=[
                scaling.ScalingInterval(lower=limit, upper=2 * limit, change=1),
                scaling.ScalingInterval(lower=2 * limit, change=3),
            ],
            adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=_MINUTE,
        )
