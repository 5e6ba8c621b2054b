"""The language model that may word the help desk's answers; without one they are quoted."""

from typing import Self

from pydantic import Field, SecretStr

from praca.platform.settings.group import SettingsGroup

__all__ = ["LlmSettings"]


class LlmSettings(SettingsGroup):
    """Any endpoint that speaks OpenAI's protocol."""

    llm_base_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Endpoint of a language model that speaks OpenAI's protocol, for example "
        "`http://127.0.0.1:11434/v1`; without it answers are quoted from the articles. Needs "
        "`praca[llm]`.",
    )
    llm_api_key: SecretStr | None = Field(None, description="Key of that endpoint, if it asks one.")
    llm_model: str = Field(
        "gpt-4o-mini", min_length=1, description="Name of the model at that endpoint."
    )
    llm_timeout_s: float = Field(
        10, gt=0, le=300, description="Seconds that the model may take for a whole answer."
    )
    llm_tries: int = Field(
        2, ge=1, le=10, description="How often the model is asked before the answer is quoted."
    )
    llm_max_tokens: int = Field(
        400, ge=16, le=8192, description="Longest answer of the model, in tokens."
    )
    llm_max_input_chars: int = Field(
        8000, ge=500, le=200_000, description="Most characters of passages given to the model."
    )
    llm_breaker_failures: int = Field(
        5, ge=1, description="Failures in a row after which the model is left alone for a while."
    )
    llm_breaker_s: float = Field(
        30, gt=0, le=3600, description="Seconds that it is left alone then."
    )

    def within(self, seconds: float) -> Self:
        """Return these settings, with no more time for the model than ``seconds``.

        Whoever cuts an answer off has none; a model that is cut off before that is quoted instead.
        """
        return self.model_copy(update={"llm_timeout_s": min(self.llm_timeout_s, seconds)})
