"""When somebody has to look, and when a release is taken back."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from constructs import Construct

from deploy.common.topic import alarm_topic
from deploy.ecs.data import Data
from deploy.ecs.network import Balancer
from deploy.ecs.options import Options
from deploy.ecs.services import Services

__all__ = ["Alarms"]

_MINUTE = Duration.minutes(1)
_FAILED_REQUESTS = 10
_SLOW_S = 2
_BUSY_PERCENT = 80
_LEAST_SPACE_BYTES = 5 * 1024**3


class Alarms(Construct):
    """Of requests, targets, tasks and the database.

    Args:
        scope: of the stack.
        balancer: whose answers are counted.
        services: whose tasks are counted.
        data: whose database is watched.
        options: of whoever deploys.
    """

    def __init__(
        self,
        scope: Construct,
        balancer: Balancer,
        services: Services,
        data: Data,
        options: Options,
    ) -> None:
        super().__init__(scope, "Alarms")
        self._topic = alarm_topic(self, options.alarm_email, data.key)
        self.release = self._of_releases(balancer)
        self._of_database(data)
        for name, service in (("Api", services.api), ("Worker", services.worker)):
            self._alarm(f"{name}Busy", service.metric_cpu_utilization(), 95, minutes=15)
            self._alarm(f"{name}Memory", service.metric_memory_utilization(), 90, minutes=5)

    def _of_releases(self, balancer: Balancer) -> Sequence[cloudwatch.Alarm]:
        """Make the alarms by which CodeDeploy takes a release back."""
        metrics, target = balancer.balancer.metrics, balancing.HttpCodeTarget
        found = [
            self._alarm(
                "Failed",
                metrics.http_code_target(target.TARGET_5XX_COUNT, period=_MINUTE, statistic="Sum"),
                _FAILED_REQUESTS,
                minutes=2,
            ),
            self._alarm(
                "NotServed",
                metrics.http_code_elb(
                    balancing.HttpCodeElb.ELB_5XX_COUNT, period=_MINUTE, statistic="Sum"
                ),
                _FAILED_REQUESTS,
                minutes=2,
            ),
            self._alarm(
                "Slow",
                metrics.target_response_time(period=_MINUTE, statistic="p99"),
                _SLOW_S,
                minutes=3,
            ),
        ]
        for name, group in (("Blue", balancer.blue), ("Green", balancer.green)):
            unhealthy = group.metrics.unhealthy_host_count(period=_MINUTE, statistic="Maximum")
            found.append(self._alarm(f"Unhealthy{name}", unhealthy, 1, minutes=3))
        return found

    def _of_database(self, data: Data) -> None:
        database = data.database
        self._alarm("DatabaseBusy", database.metric_cpu_utilization(), _BUSY_PERCENT, minutes=15)
        self._alarm(
            "DatabaseFull",
            database.metric_free_storage_space(),
            _LEAST_SPACE_BYTES,
            minutes=5,
            is_least=True,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.Metric,
        threshold: float,
        *,
        minutes: int,
        is_least: bool = False,
    ) -> cloudwatch.Alarm:
        """Make an alarm of what is so for ``minutes`` on end."""
        operators = cloudwatch.ComparisonOperator
        period = min(5, minutes) if minutes % 5 == 0 else 1
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric.with_(period=Duration.minutes(period)),
            threshold=threshold,
            evaluation_periods=minutes // period,
            comparison_operator=(
                operators.LESS_THAN_OR_EQUAL_TO_THRESHOLD
                if is_least
                else operators.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
            ),
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        return alarm
