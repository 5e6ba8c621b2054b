"""A language model behind any endpoint that speaks OpenAI's protocol."""

import asyncio
import logging
from collections.abc import AsyncIterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from praca.platform.settings import LlmSettings, SettingsError
from praca.platform.telemetry import Kind, Span, start_span

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

__all__ = ["LanguageModel", "ModelError", "OpenAiModel", "open_model"]

_CONNECT_S: Final = 3.0
_ENDINGS: Final = frozenset({"length", "content_filter", "tool_calls", "function_call"})
_KNOWN: Final = _ENDINGS | {"stop"}
_NO_KEY: Final = "none"
"""The client asks for a key even where the endpoint does not."""


class ModelError(Exception):
    """A model gave no answer; the message is a word, and holds nothing of what was said."""


class LanguageModel(Protocol):
    """Writes text."""

    @property
    def name(self) -> str:
        """What it is: another name, another text."""

    def write(self, instructions: str, given: str) -> AsyncIterator[str]:
        """Yield the text to ``given`` as it is written.

        Raises:
            ModelError: whatever kept it from being written to the end.
        """

    async def prepare(self) -> None:
        """Do what is done once, and may take long: before an answer's time begins."""

    async def close(self) -> None:
        """Close connections."""


def open_model(settings: LlmSettings) -> LanguageModel | None:
    """Return the model of the settings; none if there is none.

    Raises:
        SettingsError: it needs ``praca[llm]``, which is not installed.
    """
    if settings.llm_base_url is None:
        return None
    if find_spec("openai") is None:
        raise SettingsError("PRACA_LLM_BASE_URL: needs `praca[llm]`, which is not installed")
    return OpenAiModel(settings)


class OpenAiModel:
    """Asks an endpoint with the client of ``praca[llm]``, which takes seconds to load.

    Of that client's ways, as its source tells them: ``timeout`` is that of each read, not of the
    whole answer, which the caller therefore bounds; ``max_retries`` covers the connection and the
    status (408, 409, 429, 5xx), waits half a second and more or what ``Retry-After`` says, and
    nothing of a stream that has begun; what a stream holds is not validated.
    """

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_newer = False
        self._has_temperature = True
        self._counts_tokens = True

    @property
    def name(self) -> str:
        """Endpoint and model."""
        return f"{self._settings.llm_base_url} {self._settings.llm_model}"

    async def write(self, instructions: str, given: str) -> AsyncIterator[str]:
        """Yield the text to ``given`` as it is written.

        Raises:
            ModelError: whatever kept it from being written to the end.
        """
        # Never the current span: what is yielded to runs in the same context.
        call = start_span(
            f"chat {self._settings.llm_model}",
            Kind.CLIENT,
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": self._settings.llm_model,
                "gen_ai.request.max_tokens": self._settings.llm_max_tokens,
                "gen_ai.request.stream": True,
            },
        )
        try:
            async for text in self._write(instructions, given, call):
                yield text
        except ModelError as error:
            call.fail(str(error))
            raise
        except Exception as error:  # noqa: BLE001  # the client's, the transport's, what garbage does
            call.fail(type(error).__name__)
            raise ModelError(type(error).__name__) from None
        finally:
            call.end()

    async def _write(self, instructions: str, given: str, call: Span) -> AsyncIterator[str]:
        messages: Any = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": given},
        ]
        stream = await self._begun(messages, to_count=call.is_recording)
        ended = None
        async with stream:
            async for chunk in stream:
                if (usage := getattr(chunk, "usage", None)) is not None:
                    call.note(_tokens(usage))
                for choice in (chunk.choices or [])[:1]:
                    text: Any = choice.delta.content or ""
                    if not isinstance(text, str):  # nothing is validated
                        raise ModelError("garbage")
                    yield text
                    ended = choice.finish_reason or ended
        known = ended if ended in _KNOWN else "unknown"
        call.note({"gen_ai.response.finish_reasons": [str(known)]})
        if ended != "stop":
            # Cut off, by its own limit, a filter or the line: its last number may be half of one.
            # Only known words: what an endpoint makes up is not to stand in the log.
            raise ModelError(f"ended_{ended if ended in _ENDINGS else 'early'}")

    async def _begun(self, messages: Any, *, to_count: bool) -> "AsyncStream[ChatCompletionChunk]":
        """Ask; what the model does not know of the options is left out, from now on.

        How many tokens it took is asked for ``to_count`` only, that is for a trace.
        """
        import openai  # noqa: PLC0415

        while True:
            limit = "max_completion_tokens" if self._is_newer else "max_tokens"
            options: Any = {limit: self._settings.llm_max_tokens}
            if self._has_temperature:
                options["temperature"] = 0
            if to_count and self._counts_tokens:
                options["stream_options"] = {"include_usage": True}
            try:
                begun: Any = await self._connected().chat.completions.create(
                    model=self._settings.llm_model, messages=messages, stream=True, **options
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if error.param in options and self._learns(str(error.param)):
                    continue
                # It may be that which it does not know, whatever it says.
                if "stream_options" not in options:
                    raise
                self._counts_tokens = False
            else:
                return cast("AsyncStream[ChatCompletionChunk]", begun)

    def _learns(self, refused: str) -> bool:
        """Take in that an option is refused; false if it is not one that can be done without.

        Models that think before they speak know neither ``max_tokens`` nor a temperature.
        """
        if refused == "max_tokens":
            self._is_newer = True
        elif refused == "temperature":
            self._has_temperature = False
        elif refused == "stream_options":
            self._counts_tokens = False
        else:
            return False
        return True

    def _connected(self) -> "AsyncOpenAI":
        """Return the client of the running loop; connections do not outlive theirs."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = self._open(), loop
        return self._client

    def _open(self) -> "AsyncOpenAI":
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        # At lower levels it logs what is asked.
        logging.getLogger("openai").setLevel(logging.WARNING)
        key = self._settings.llm_api_key
        timeout_s = self._settings.llm_timeout_s
        timeout = httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        return openai.AsyncOpenAI(
            base_url=self._settings.llm_base_url,
            api_key=key.get_secret_value() if key else _NO_KEY,
            timeout=timeout,
            max_retries=self._settings.llm_tries - 1,
            # A redirect would carry the question to where nobody meant it to go.
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
        )

    async def prepare(self) -> None:
        """Load the client, in a thread: all else of the process goes on meanwhile."""
        if self._client is None:
            await asyncio.to_thread(import_module, "openai.resources.chat")

    async def close(self) -> None:
        """Close connections."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.close()


def _tokens(usage: Any) -> dict[str, int]:
    """Return how many tokens were read and written, as far as the endpoint tells numbers."""
    told = {
        "gen_ai.usage.input_tokens": getattr(usage, "prompt_tokens", None),
        "gen_ai.usage.output_tokens": getattr(usage, "completion_tokens", None),
    }
    return {name: value for name, value in told.items() if isinstance(value, int)}
