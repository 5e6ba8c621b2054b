"""Asynchronous questions on AWS, whole."""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.aws.alarms import Alarms
from deploy.aws.data import Data
from deploy.aws.functions import Functions, manage_connections_arn
from deploy.aws.options import Options

__all__ = ["QuestionsStack"]

_STAGE = "prod"
_LOG_FORMAT = (
    '{"request":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
    '"ms":"$context.responseLatency","ip":"$context.identity.sourceIp"}'
)
"""No path: it may hold the id of a session, which is a secret."""
_ROUTES = (
    ("/api/v1/auth/login", gateway.HttpMethod.POST),
    ("/api/v1/questions", gateway.HttpMethod.POST),
    ("/api/v1/questions/{session_id}", gateway.HttpMethod.GET),
    ("/api/v1/health", gateway.HttpMethod.GET),
)


class QuestionsStack(Stack):
    """HTTP API and WebSockets, functions, tables, topics and queues, alarms.

    Args:
        scope: the application.
        construct_id: the stack's name.
        options: of whoever deploys.
        folder: the functions' code, as ``build.py`` makes it.
    """

    def __init__(self, scope: Construct, construct_id: str, options: Options, folder: Path) -> None:
        super().__init__(scope, construct_id, description="Asynchronous questions of Praça")
        self._options = options
        data = Data(self, tries=options.tries)
        sockets = gateway.WebSocketApi(
            self, "Sockets", route_selection_expression="$request.body.action"
        )
        stage = gateway.WebSocketStage(
            self,
            "SocketsStage",
            web_socket_api=sockets,
            stage_name=_STAGE,
            auto_deploy=True,
            throttle=self._throttle(),
        )
        functions = Functions(
            self,
            data,
            options,
            folder,
            connections_url=stage.callback_url,
            connections_arn=manage_connections_arn(self, sockets.api_id, _STAGE),
        )
        self._add_socket_routes(sockets, functions.connect)
        api = self._http_api(functions.api)
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(functions.sweep, retry_attempts=0)],
        )
        Alarms(self, data, functions, options.alarm_email)
        self._tell(data, {"ApiUrl": api.api_endpoint, "SocketsUrl": stage.url})

    def _throttle(self) -> gateway.ThrottleSettings:
        rate = self._options.requests_per_second
        return gateway.ThrottleSettings(rate_limit=rate, burst_limit=2 * rate)

    def _add_socket_routes(self, sockets: gateway.WebSocketApi, function: lambda_.Function) -> None:
        # All but the two of the gateway: whatever a client says first names its session.
        for name in ("$connect", "$disconnect", "$default"):
            sockets.add_route(
                name,
                integration=integrations.WebSocketLambdaIntegration(
                    f"Sockets{name[1:].capitalize()}", function
                ),
            )

    def _http_api(self, function: lambda_.Function) -> gateway.HttpApi:
        api = gateway.HttpApi(
            self,
            "Api",
            create_default_stage=False,
            cors_preflight=gateway.CorsPreflightOptions(
                allow_origins=[self._options.cors_origin],
                allow_methods=[gateway.CorsHttpMethod.GET, gateway.CorsHttpMethod.POST],
                allow_headers=["authorization", "content-type", "idempotency-key"],
                expose_headers=["idempotency-replayed", "retry-after"],
            ),
        )
        integration = integrations.HttpLambdaIntegration("ApiIntegration", function)
        for path, method in _ROUTES:
            api.add_routes(path=path, methods=[method], integration=integration)
        stage = gateway.HttpStage(
            self, "ApiStage", http_api=api, auto_deploy=True, throttle=self._throttle()
        )
        self._log_requests(stage)
        return api

    def _log_requests(self, stage: Construct) -> None:
        """Log requests by HTTP.

        The gateway logs those by WebSocket only in accounts where somebody has given it a role for
        all its logs, and refuses the stack in others. The function logs what it refuses.
        """
        group = logs.LogGroup(self, "ApiLog", retention=logs.RetentionDays.ONE_MONTH)
        cfn = stage.node.default_child
        assert isinstance(cfn, gateway.CfnStage)  # noqa: S101  # what the stage is made of
        cfn.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=_LOG_FORMAT
        )

    def _tell(self, data: Data, addresses: dict[str, str]) -> None:
        """Write down what whoever runs ``praca questions redrive --aws`` sets."""
        values = {
            **addresses,
            "KnowledgeBucket": data.knowledge.bucket_name,
            "ProcessQueueUrl": data.process.queue.queue_url,
            "ProcessDlqUrl": data.process.dead.queue_url,
            "NotifyQueueUrl": data.notify.queue.queue_url,
            "NotifyDlqUrl": data.notify.dead.queue_url,
        }
        for name, value in values.items():
            CfnOutput(self, name, value=value)
