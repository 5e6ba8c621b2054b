"""What opens a session of questions; the same as the platform's, without its accounts."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["Health", "QuestionSessionCreate", "QuestionSessionRead"]


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("O caractere nulo não é permitido.")
    return value


class QuestionSessionCreate(BaseModel):
    """Who wants to ask."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Maria"}]})

    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class QuestionSessionRead(BaseModel):
    """A question session; the token is its id."""

    token: str
    name: str


class Health(BaseModel):
    """The function answers."""

    status: str = "ok"
    message: str = "API de perguntas está funcionando corretamente."
