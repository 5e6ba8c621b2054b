"""Tables, topics, queues and the bucket of articles."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from praca.helpdesk.questions.adapters.dynamodb_layout import (
    CONNECTIONS_KEY,
    QUESTION_INDEXES,
    QUESTIONS_KEY,
)

__all__ = ["PROCESS_TIMEOUT_S", "Channel", "Data"]

PROCESS_TIMEOUT_S = 60
_TEXT = dynamodb.AttributeType.STRING


@dataclass(frozen=True)
class Channel:
    """A topic, its queue, and where the queue lays aside what fails."""

    topic: sns.Topic
    queue: sqs.Queue
    dead: sqs.Queue


class Data(Construct):
    """All that keeps something.

    Args:
        scope: of the stack.
        tries: deliveries of a message before it is laid aside.
    """

    def __init__(self, scope: Construct, *, tries: int) -> None:
        super().__init__(scope, "Data")
        self.questions = self._table("Questions", QUESTIONS_KEY)
        for name, keys in QUESTION_INDEXES.items():
            self.questions.add_global_secondary_index(
                index_name=name,
                partition_key=dynamodb.Attribute(name=keys[0], type=_TEXT),
                sort_key=dynamodb.Attribute(name=keys[1], type=_TEXT),
                projection_type=(
                    dynamodb.ProjectionType.ALL
                    if name == "by_session"
                    else dynamodb.ProjectionType.KEYS_ONLY
                ),
            )
        self.connections = self._table("Connections", CONNECTIONS_KEY)
        # Messages name sessions, whose ids are secrets.
        self.key = kms.Key(self, "Key", enable_key_rotation=True)
        self.process = self._channel("Process", tries)
        self.notify = self._channel("Notify", tries)
        self.knowledge = s3.Bucket(
            self,
            "Knowledge",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _table(self, name: str, key: tuple[str, ...]) -> dynamodb.Table:
        attributes = [dynamodb.Attribute(name=part, type=_TEXT) for part in key]
        return dynamodb.Table(
            self,
            name,
            partition_key=attributes[0],
            sort_key=attributes[1] if len(attributes) > 1 else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="ttl",
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _channel(self, name: str, tries: int) -> Channel:
        topic = sns.Topic(self, f"{name}Topic", fifo=True, master_key=self.key, enforce_ssl=True)
        dead = sqs.Queue(
            self,
            f"{name}Dead",
            fifo=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        queue = sqs.Queue(
            self,
            f"{name}Queue",
            fifo=True,
            # As many sessions at a time as there are, each in its order.
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Lambda's advice: six times what a call may take. What fails is tried sooner, since
            # the function itself says when.
            visibility_timeout=Duration.seconds(6 * PROCESS_TIMEOUT_S),
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=tries),
        )
        topic.add_subscription(
            subscriptions.SqsSubscription(queue, raw_message_delivery=True, dead_letter_queue=dead)
        )
        return Channel(topic, queue, dead)
