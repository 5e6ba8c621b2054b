"""What is kept of an answer beside its text."""

from typing import Any

from praca.helpdesk.records import Answer, Citation, Suggestion

__all__ = ["details_of"]


def details_of(answer: Answer) -> dict[str, Any]:
    """Return every member of the answer but its text, as JSON has them."""
    members = _members(answer)
    del members["text"]
    members["engine"] = answer.engine.value
    members["citations"] = [_members(citation) for citation in answer.citations]
    members["suggestions"] = [_members(suggestion) for suggestion in answer.suggestions]
    return members


def _members(record: Answer | Citation | Suggestion) -> dict[str, Any]:
    # Not asdict: it copies every text, which took longer than anything else in settling.
    return {name: getattr(record, name) for name in record.__slots__}
