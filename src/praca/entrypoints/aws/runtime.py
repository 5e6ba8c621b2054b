"""What the functions share: settings, an event loop, the service; made at the first call."""

import asyncio
import dataclasses
import os
from collections.abc import Coroutine
from functools import cache, cached_property
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from praca.entrypoints.aws.knowledge import open_knowledge
from praca.helpdesk.answering import Answering, open_responder
from praca.helpdesk.questions import QuestionLimits, QuestionService
from praca.helpdesk.questions.adapters.aws import AwsDesk
from praca.helpdesk.questions.adapters.aws_clients import AwsClients
from praca.platform.logging import configure_logging
from praca.platform.settings import Settings

__all__ = ["Functions", "functions"]

Result = TypeVar("Result")
_SPARE_S: Final = 5.0
_MODEL_S: Final = 40.0
"""What a model has at most: a call of 60 s that began an answer must be able to end it."""


class Functions:
    """One process of the functions: between two calls it sleeps, clients and articles stay.

    Args:
        settings: from the function's environment.
    """

    def __init__(self, settings: Settings) -> None:
        self.loop = asyncio.new_event_loop()
        # Mangum asks for the loop of the thread.
        asyncio.set_event_loop(self.loop)
        self.clients = AwsClients(settings.aws)
        settings = dataclasses.replace(settings, llm=settings.llm.within(_MODEL_S))
        self.settings = self.run(self._with_secrets(settings))
        self.desk = AwsDesk(self.settings, self.clients)

    @cached_property
    def service(self) -> QuestionService:
        """What asks, lists and tells."""
        return QuestionService(self.desk, self._limits(), tries=self._tries)

    @cached_property
    def responder(self) -> Answering:
        """What answers."""
        return open_responder(self.settings, open_knowledge(self.settings.aws, self.clients))

    @cached_property
    def processing(self) -> QuestionService:
        """What answers, too."""
        return QuestionService(
            self.desk,
            self._limits(),
            self.responder,
            tries=self._tries,
            answer_timeout_s=self.answer_s,
        )

    @property
    def answer_s(self) -> float:
        """How long one answer may take: what the model may, and the quotation after it."""
        llm = self.settings.llm
        return llm.llm_timeout_s + _SPARE_S if llm.llm_base_url else _SPARE_S

    @property
    def _tries(self) -> int:
        return self.settings.helpdesk.question_tries

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do ``work`` in the process's loop."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """End what runs; Lambda does not, tests do."""
        if "responder" in self.__dict__:
            self.run(self.responder.stop())
        self.run(self.loop.shutdown_default_executor())
        self.desk.close()
        asyncio.set_event_loop(None)
        self.loop.close()

    def _limits(self) -> QuestionLimits:
        helpdesk = self.settings.helpdesk
        return QuestionLimits(
            max_chars=helpdesk.question_max_chars,
            max_waiting=helpdesk.question_max_pending,
            max_per_hour=helpdesk.question_max_per_hour,
        )

    async def _with_secrets(self, settings: Settings) -> Settings:
        """Read the model's key where it is kept; the function's environment holds its name only."""
        name = settings.aws.aws_llm_key_secret
        if name is None:
            return settings
        answer = await self.clients.ask("secretsmanager", "get_secret_value", SecretId=name)
        key = SecretStr(answer["SecretString"])
        llm = settings.llm.model_copy(update={"llm_api_key": key})
        return dataclasses.replace(settings, llm=llm)


@cache
def functions() -> Functions:
    """Return this process's functions."""
    settings = Settings.load(needs_secrets=False)
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # elsewhere whoever calls has a log of his own
        configure_logging(settings.core.log_level)
    return Functions(settings)
