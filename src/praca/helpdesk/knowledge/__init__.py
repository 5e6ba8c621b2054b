"""The knowledge base: articles about the city's services.

``CityKnowledge`` is loaded when it is asked for: what runs without a database (the handlers on
AWS) has no use for SQLAlchemy, whose loading is most of a cold start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from praca.helpdesk.knowledge.files import FileKnowledge
from praca.helpdesk.knowledge.sample import sample_articles

if TYPE_CHECKING:
    from praca.helpdesk.knowledge.city import CityKnowledge

__all__ = ["CityKnowledge", "FileKnowledge", "sample_articles"]


def __getattr__(name: str) -> Any:
    if name == "CityKnowledge":
        return import_module("praca.helpdesk.knowledge.city").CityKnowledge
    raise AttributeError(name)
