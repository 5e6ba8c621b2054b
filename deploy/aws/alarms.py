"""When somebody has to look."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.aws.data import Data
from deploy.aws.functions import Functions
from deploy.common.topic import alarm_topic

__all__ = ["Alarms"]

_OLDEST_S = 300
_MINUTES = Duration.minutes(5)


class Alarms(Construct):
    """Messages laid aside, failed calls, answers that are late, messages that were not sent.

    Args:
        scope: of the stack.
        data: whose queues are watched.
        functions: whose errors are counted.
        email: who is told; nobody by default, and the console shows it.
    """

    def __init__(
        self, scope: Construct, data: Data, functions: Functions, email: str | None
    ) -> None:
        super().__init__(scope, "Alarms")
        self._topic = alarm_topic(self, email)
        for name, channel in (("Process", data.process), ("Notify", data.notify)):
            dead = channel.dead.metric_approximate_number_of_messages_visible(
                period=_MINUTES, statistic="Maximum"
            )
            self._alarm(f"{name}Dead", dead, 1)
            age = channel.queue.metric_approximate_age_of_oldest_message(period=_MINUTES)
            self._alarm(f"{name}Late", age, _OLDEST_S)
        for name, function in functions.all.items():
            self._alarm(f"{name.capitalize()}Errors", function.metric_errors(period=_MINUTES), 1)
        for name in ("api", "process", "sweep"):
            self._unsent(name.capitalize(), functions.all[name].log_group)

    def _unsent(self, name: str, group: logs.ILogGroup) -> None:
        """Count what the publisher logs: the sweep heals it, but not for ever."""
        metric = logs.MetricFilter(
            self,
            f"{name}Unsent",
            log_group=group,
            filter_pattern=logs.FilterPattern.string_value(
                "$.event", "=", "question.publish_failed"
            ),
            metric_namespace="Praca/Questions",
            metric_name=f"{name}MessagesNotSent",
        ).metric(period=_MINUTES, statistic="Sum")
        self._alarm(f"{name}NotSent", metric, 1)

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: float) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
