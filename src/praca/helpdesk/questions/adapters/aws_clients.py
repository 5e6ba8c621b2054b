"""Calls to AWS: one client of each service for the life of the process, asked in threads."""

import asyncio
import importlib
import threading
from typing import Any, ClassVar, Final

import structlog

from praca.kit.errors import DomainError, ErrorKind
from praca.platform.settings import AwsSettings, SettingsError

__all__ = ["AwsClients", "AwsUnavailableError", "ConditionFailedError", "ConnectionGoneError"]

_log = structlog.get_logger("praca.aws")
_CONNECT_S: Final = 2
_READ_S: Final = 5
_TRIES: Final = 3
_CONNECTIONS: Final = 32
_CONDITION: Final = "ConditionalCheckFailedException"
_GONE: Final = "GoneException"


class AwsUnavailableError(DomainError):
    """Only where questions are on AWS: a service of it does not answer. Try again in a moment."""

    code: ClassVar[str] = "aws_unavailable"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "A service is unavailable"

    def __init__(self) -> None:
        super().__init__(
            "O serviço está temporariamente indisponível. Tente de novo em instantes.",
            headers={"Retry-After": "5"},
        )


class ConditionFailedError(Exception):
    """A conditional write found another item than it wants; ``item`` is that one, if any."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__("the condition of a write does not hold")
        self.item = item


class ConnectionGoneError(Exception):
    """Nobody is at the other end of a WebSocket connection any more."""


class AwsClients:
    """Clients of AWS with bounded waits and few retries, each made at its first use.

    Args:
        settings: where AWS is, if not at its own addresses.

    Raises:
        SettingsError: boto3 is not installed.
    """

    def __init__(self, settings: AwsSettings) -> None:
        try:
            self._boto = importlib.import_module("boto3")
            self._errors = importlib.import_module("botocore.exceptions")
            config = importlib.import_module("botocore.config").Config
        except ImportError as error:
            raise SettingsError("PRACA_AWS_…: needs boto3 (pip install 'praca[aws]')") from error
        self._endpoint = settings.aws_endpoint_url
        self._addresses = {"apigatewaymanagementapi": settings.aws_connections_url}
        self._config = config(
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
            max_pool_connections=_CONNECTIONS,
            tcp_keepalive=True,
        )
        self._clients: dict[str, Any] = {}
        self._opening = threading.Lock()

    async def ask(self, service: str, operation: str, **arguments: Any) -> Any:
        """Call ``operation`` of ``service`` and return its answer.

        Raises:
            ConditionFailedError: the condition of a write does not hold.
            ConnectionGoneError: the WebSocket connection is closed.
            AwsUnavailableError: anything else that AWS, or the way to it, has against the call.
        """
        return await asyncio.to_thread(self._asked, service, operation, arguments)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _asked(self, service: str, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            return getattr(self._client(service), operation)(**arguments)
        except self._errors.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == _CONDITION:
                raise ConditionFailedError(error.response.get("Item") or {}) from None
            if code == _GONE:
                raise ConnectionGoneError from None
            # Its message may quote what was sent.
            _log.error("aws.refused", service=service, operation=operation, error=code)
            raise AwsUnavailableError from None
        except self._errors.BotoCoreError as error:
            name = type(error).__name__
            _log.error("aws.unreachable", service=service, operation=operation, error=name)
            raise AwsUnavailableError from None

    def _client(self, service: str) -> Any:
        with self._opening:  # it takes longer than everything else at a start
            if service not in self._clients:
                self._clients[service] = self._boto.client(
                    service,
                    endpoint_url=self._addresses.get(service) or self._endpoint,
                    config=self._config,
                )
        return self._clients[service]
