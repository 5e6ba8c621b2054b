"""What is kept of an answer beside its text."""

from dataclasses import asdict
from typing import Any

from praca.helpdesk.records import Answer

__all__ = ["details_of"]


def details_of(answer: Answer) -> dict[str, Any]:
    """Return every member of the answer but its text, as JSON has them."""
    members = asdict(answer)
    del members["text"]
    members["engine"] = answer.engine.value
    members["citations"] = [asdict(citation) for citation in answer.citations]
    members["suggestions"] = [asdict(suggestion) for suggestion in answer.suggestions]
    return members
