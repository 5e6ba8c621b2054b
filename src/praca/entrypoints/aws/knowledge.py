"""The articles that functions on AWS answer from."""

import asyncio

from praca.helpdesk.knowledge import FileKnowledge
from praca.helpdesk.knowledge.sample import write_sample
from praca.helpdesk.questions.adapters.aws_clients import AwsClients
from praca.platform.settings import AwsSettings

__all__ = ["open_knowledge"]


def open_knowledge(settings: AwsSettings, clients: AwsClients) -> FileKnowledge:
    """Return the articles of a JSON Lines file in S3, or those that come with Praça."""
    if settings.aws_knowledge_bucket is None:
        return FileKnowledge(_read_sample, _sample_stamp)
    where = {"Bucket": settings.aws_knowledge_bucket, "Key": settings.aws_knowledge_key}

    async def read() -> bytes:
        answer = await clients.ask("s3", "get_object", **where)
        return bytes(await asyncio.to_thread(answer["Body"].read))

    async def stamp() -> str:
        return str((await clients.ask("s3", "head_object", **where))["ETag"])

    return FileKnowledge(read, stamp)


async def _read_sample() -> bytes:
    return b"".join(write_sample())


async def _sample_stamp() -> str:
    return "sample"  # it cannot change while the process runs
