"""Choices of a deployment, by the CDK's context: ``-c name=value``."""

from typing import Any, ClassVar, Self

from constructs import Node

__all__ = ["ContextOptions"]


class ContextOptions:
    """Base of a dataclass whose fields are read from the context by their names."""

    NUMBERS: ClassVar[frozenset[str]] = frozenset()
    """Fields that are whole numbers; the command line gives texts."""

    @classmethod
    def of(cls, node: Node) -> Self:
        """Read the options from the context; what is absent there keeps its default."""
        fields: dict[str, Any] = getattr(cls, "__dataclass_fields__", {})
        given: dict[str, Any] = {
            name: value for name in fields if (value := node.try_get_context(name)) is not None
        }
        for name in cls.NUMBERS & given.keys():
            given[name] = int(given[name])
        return cls(**given)
