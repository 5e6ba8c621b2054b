"""Types of fields that the desk's parts share."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field

__all__ = ["BIGGEST_ID", "TOTAL_HEADER", "Days", "Limit", "Offset", "Written"]

BIGGEST_ID: Final = 2**63 - 1
_LONGEST: Final = 4_000

# Something other than blanks, and nothing that the database cannot hold.
Written = Annotated[str, Field(max_length=_LONGEST, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
"""What somebody wrote to somebody else."""

Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="Entries to skip.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Entries to show.")]
Days = Annotated[int, Query(ge=1, le=3650, description="Of how many days until now.")]

TOTAL_HEADER: Final = {
    "X-Total-Count": {
        "description": "Number of all entries that match.",
        "schema": {"type": "integer"},
    }
}
"""Header of a list."""
