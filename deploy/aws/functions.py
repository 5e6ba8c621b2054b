"""The functions, and what each of them may do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deploy.aws.data import PROCESS_TIMEOUT_S, Channel, Data
from deploy.aws.options import Options

__all__ = ["Functions"]

_BATCH = 10


class Functions(Construct):
    """The handlers of ``praca.entrypoints.aws``.

    Args:
        scope: of the stack.
        data: what they work on.
        options: of whoever deploys.
        folder: with the package and what it needs.
        connections_url: by which WebSockets are told.
        connections_arn: of the same, for those who may.
    """

    def __init__(
        self,
        scope: Construct,
        data: Data,
        options: Options,
        folder: Path,
        *,
        connections_url: str,
        connections_arn: str,
    ) -> None:
        super().__init__(scope, "Functions")
        self._data = data
        self._options = options
        self._code = lambda_.Code.from_asset(str(folder))
        self._environment = {
            "PRACA_ENV": "production",
            "PRACA_DATA_DIR": "/tmp/praca",  # noqa: S108  # a function has no other folder
            "PRACA_AWS_QUESTIONS_TABLE": data.questions.table_name,
            "PRACA_AWS_CONNECTIONS_TABLE": data.connections.table_name,
            "PRACA_AWS_PROCESS_TOPIC_ARN": data.process.topic.topic_arn,
            "PRACA_AWS_NOTIFY_TOPIC_ARN": data.notify.topic.topic_arn,
            "PRACA_AWS_CONNECTIONS_URL": connections_url,
            "PRACA_QUESTION_TRIES": str(options.tries),
        }
        self.api = self._function("api", timeout_s=10)
        self.process = self._processing()
        self.notify = self._function(
            "notify", queue=data.notify, environment=_queue_of("NOTIFY", data.notify)
        )
        self.connect = self._function("connect", timeout_s=10)
        self.sweep = self._function("sweep", timeout_s=PROCESS_TIMEOUT_S)
        self._permit(connections_arn)

    @property
    def all(self) -> dict[str, lambda_.Function]:
        """Every function by the name of its handler's module."""
        names = ("api", "process", "notify", "connect", "sweep")
        return {name: getattr(self, name) for name in names}

    def _processing(self) -> lambda_.Function:
        options, data = self._options, self._data
        environment = {
            "PRACA_AWS_KNOWLEDGE_BUCKET": data.knowledge.bucket_name,
            "PRACA_HELPDESK_FRESH_S": "60",  # each look at S3 costs
            **_queue_of("PROCESS", data.process),
        }
        if options.llm_base_url:
            environment["PRACA_LLM_BASE_URL"] = options.llm_base_url
        if options.llm_model:
            environment["PRACA_LLM_MODEL"] = options.llm_model
        if options.llm_secret_name:
            environment["PRACA_AWS_LLM_KEY_SECRET"] = options.llm_secret_name
        function = self._function(
            "process",
            queue=data.process,
            environment=environment,
            memory_mb=1024,
            concurrency=options.concurrency,
        )
        data.knowledge.grant_read(function)
        if options.llm_secret_name:
            secret = secretsmanager.Secret.from_secret_name_v2(
                self, "LlmKey", options.llm_secret_name
            )
            secret.grant_read(function)
        return function

    def _function(
        self,
        name: str,
        *,
        timeout_s: int = PROCESS_TIMEOUT_S,
        memory_mb: int = 512,
        queue: Channel | None = None,
        environment: Mapping[str, str] | None = None,
        concurrency: int | None = None,
    ) -> lambda_.Function:
        title = name.capitalize()
        function = lambda_.Function(
            self,
            title,
            code=self._code,
            handler=f"praca.entrypoints.aws.{name}.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_s),
            environment={**self._environment, **(environment or {})},
            reserved_concurrent_executions=concurrency,
            log_group=logs.LogGroup(
                self,
                f"{title}Log",
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
        )
        if queue is not None:
            function.add_event_source(
                sources.SqsEventSource(
                    queue.queue, batch_size=_BATCH, report_batch_item_failures=True
                )
            )
        return function

    def _permit(self, connections_arn: str) -> None:
        """Let each function do what its code does, and nothing else."""
        table, connections = self._data.questions.table_arn, self._data.connections.table_arn
        by_session = [f"{table}/index/by_session"]
        by_waiting = [f"{table}/index/by_waiting"]
        _allow(self.api, "dynamodb", ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"], [table])
        _allow(self.api, "dynamodb", ["Query"], by_session)
        _allow(self.process, "dynamodb", ["BatchGetItem", "UpdateItem"], [table])
        _allow(self.notify, "dynamodb", ["BatchGetItem", "UpdateItem"], [table])
        _allow(self.notify, "dynamodb", ["Query", "GetItem", "DeleteItem"], [connections])
        _allow(self.connect, "dynamodb", ["GetItem"], [table])
        changes = ["Query", "GetItem", "PutItem", "DeleteItem"]
        _allow(self.connect, "dynamodb", changes, [connections])
        _allow(self.sweep, "dynamodb", ["BatchGetItem", "UpdateItem"], [table])
        _allow(self.sweep, "dynamodb", ["Query"], by_waiting)
        for function in (self.notify, self.connect):
            _allow(function, "execute-api", ["ManageConnections"], [connections_arn])
        self._let_publish(self.api, self._data.process)
        self._let_publish(self.process, self._data.notify)
        for channel in (self._data.process, self._data.notify):
            self._let_publish(self.sweep, channel)

    def _let_publish(self, function: lambda_.Function, channel: Channel) -> None:
        _allow(function, "sns", ["Publish"], [channel.topic.topic_arn])
        _allow(function, "kms", ["GenerateDataKey", "Decrypt"], [self._data.key.key_arn])


def _allow(
    function: lambda_.Function, service: str, actions: Sequence[str], resources: Sequence[str]
) -> None:
    statement = iam.PolicyStatement(
        actions=[f"{service}:{action}" for action in actions], resources=list(resources)
    )
    function.add_to_role_policy(statement)


def _queue_of(name: str, channel: Channel) -> dict[str, Any]:
    """Return where a function says when its failed messages are to come again."""
    return {f"PRACA_AWS_{name}_QUEUE_URL": channel.queue.queue_url}


def manage_connections_arn(scope: Construct, api_id: str, stage: str) -> str:
    """Return what whoever sends to WebSocket connections must be allowed."""
    return Stack.of(scope).format_arn(
        service="execute-api", resource=api_id, resource_name=f"{stage}/POST/@connections/*"
    )
