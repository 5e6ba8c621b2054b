"""Query strings as models."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

__all__ = ["query_of", "query_parameters"]

QueryT = TypeVar("QueryT", bound=BaseModel)


def query_of(model: type[QueryT]) -> Callable[[Request], Awaitable[QueryT]]:
    """Return a dependency that reads the query string as ``model``, whose fields all have defaults.

    The string is validated in one go. FastAPI takes its parameters one by one, which costs a list
    more than asking the database. :func:`query_parameters` documents them.
    """

    async def read(request: Request) -> QueryT:
        try:
            return model.model_validate(dict(request.query_params))
        except ValidationError as error:
            found = error.errors(include_url=False)
            raise RequestValidationError(
                [{**item, "loc": ("query", *item["loc"])} for item in found]
            ) from None

    return read


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of ``model`` as parameters, for an operation's ``openapi_extra``."""
    document = model.model_json_schema()
    parameters = []
    for name, member in document["properties"].items():
        schema = dict(member)
        if "$ref" in schema:
            schema = document["$defs"][schema.pop("$ref").rpartition("/")[2]] | schema
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.pop("description"),
                "schema": schema,
            }
        )
    return {"parameters": parameters}
