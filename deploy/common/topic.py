"""Where alarms go."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

__all__ = ["alarm_topic"]


def alarm_topic(scope: Construct, email: str | None, key: kms.IKey | None = None) -> sns.Topic:
    """Make the topic of alarms, named ``Topic`` in ``scope``.

    Args:
        scope: whose alarms they are.
        email: who is told; nobody by default, and the console shows it.
        key: what it says is encrypted with; alarms may use it.
    """
    topic = sns.Topic(scope, "Topic", enforce_ssl=True, master_key=key)
    cloudwatch = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    # A topic with a policy of its own has no other: alarms could not say a word.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudwatch],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        )
    )
    if key is not None:
        key.grant_encrypt_decrypt(cloudwatch)
    if email:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic
