"""The question pipeline on AWS: where its tables, topics and queues are."""

from pydantic import Field

from praca.platform.settings.group import SettingsGroup

__all__ = ["AwsSettings"]


class AwsSettings(SettingsGroup):
    """Names that the infrastructure of ``deploy/aws`` gives its functions.

    [How to answer questions on AWS](../howto/aws.md).
    """

    aws_endpoint_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Where AWS is asked instead of its own addresses, for tests.",
    )
    aws_questions_table: str = Field(
        "praca-questions", description="DynamoDB table of questions and sessions."
    )
    aws_connections_table: str = Field(
        "praca-connections", description="DynamoDB table of WebSocket connections."
    )
    aws_process_topic_arn: str | None = Field(
        None, description="SNS topic of questions that wait for an answer."
    )
    aws_notify_topic_arn: str | None = Field(
        None, description="SNS topic of answers that wait for their notice."
    )
    aws_process_queue_url: str | None = Field(
        None,
        description="SQS queue of questions that wait for an answer, for "
        "`praca questions redrive --aws`.",
    )
    aws_notify_queue_url: str | None = Field(
        None, description="SQS queue of answers that wait for their notice, for the same."
    )
    aws_process_dlq_url: str | None = Field(
        None, description="SQS queue of questions that could not be answered, for the same."
    )
    aws_notify_dlq_url: str | None = Field(
        None, description="SQS queue of notices that could not be given, for the same."
    )
    aws_sweep_after_s: float = Field(
        300,
        ge=0,
        le=86_400,
        description="Seconds after which a question that still waits for its answer or its notice "
        "gets its message sent again. AWS drops what is sent again within 300.",
    )
    aws_sweep_most: int = Field(
        500, ge=1, le=10_000, description="Most messages that one sweep sends again."
    )
    aws_llm_key_secret: str | None = Field(
        None,
        description="Secret of the Secrets Manager that holds `PRACA_LLM_API_KEY` on AWS; it is "
        "read at a cold start.",
    )
    aws_connections_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address by which messages reach WebSocket connections of the API gateway.",
    )
    aws_knowledge_bucket: str | None = Field(
        None, description="S3 bucket of the articles that answers are made of; none: the sample's."
    )
    aws_knowledge_key: str = Field(
        "knowledge/articles.jsonl", description="Key of these articles in that bucket."
    )
