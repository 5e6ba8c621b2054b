"""The table of errors: the docstring of each class says when it comes."""

import importlib
import pkgutil
from collections.abc import Iterator

import praca
from praca.kit.errors import DomainError
from praca.platform.web import EDGE_CODES, STATUS_OF_KIND
from tools.reference.text import paragraphs, table

__all__ = ["ENDS_A_TASK", "errors", "every_error"]

ENDS_A_TASK = frozenset(
    {
        "broken_file",
        "cluster_unavailable",
        "model_artifact_invalid",
        "not_enough_books",
        "not_enough_training_data",
        "scrape_failed",
    }
)
"""Codes that no answer has: they end in a task's ``error``, or in the log."""

_EDGE = {
    "http_403": "A WebSocket was refused before it was opened, and nothing says why.",
    "http_404": "The address is none of the API's.",
    "http_405": "The address has no such method; `Allow` names those it has.",
    "http_503": "A WebSocket was to be opened while the server stops.",
    "internal_error": "Something unexpected. It is in the log, under the answer's `X-Request-Id`.",
}


def every_error() -> list[type[DomainError]]:
    """Return every error of the house, by its code."""
    for module in pkgutil.walk_packages(praca.__path__, "praca."):
        if not module.name.endswith("__main__") and ".versions." not in module.name:
            importlib.import_module(module.name)
    return sorted(set(_subclasses(DomainError)), key=lambda error: error.code)


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("praca."):
            yield child
        yield from _subclasses(child)


def errors() -> str:
    """Return the table of all errors, those without a class of their own included."""
    rows = {error.code: (_status(error), " ".join(paragraphs(error))) for error in every_error()}
    rows |= {code: (str(int(status)), _EDGE[code]) for code, status in EDGE_CODES.items()}
    return table(
        ("Code", "Status", "When"),
        ((f"`{code}`", status, when) for code, (status, when) in sorted(rows.items())),
    )


def _status(error: type[DomainError]) -> str:
    return "–" if error.code in ENDS_A_TASK else str(int(STATUS_OF_KIND[error.kind]))
