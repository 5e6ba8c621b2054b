"""Copies of pages that could not be read, for whoever mends the parser; few, and not for long."""

import asyncio
from collections.abc import Iterable
from typing import Final

import orjson

from praca.library.scraper.pages import Outcome
from praca.platform.database import Database
from praca.platform.objects import ObjectStore

__all__ = ["FOLDER", "copy_key", "keep_copies", "sweep_copies"]

FOLDER: Final = "quarantine"
_MOST_COPIES: Final = 200

_QUARANTINED: Final = """
SELECT coalesce(json_agg(id), '[]')::text FROM (
    SELECT id FROM library.pages WHERE field IS NOT NULL
    ORDER BY settled_at DESC NULLS LAST LIMIT %(most)s) newest
"""


def copy_key(page_id: int) -> str:
    """Return where the copy of a page lies in the store of files."""
    return f"{FOLDER}/{page_id}.html"


async def keep_copies(objects: ObjectStore, outcomes: Iterable[Outcome]) -> None:
    """Store the bodies of the pages that could not be read, each over its last copy."""
    for outcome in outcomes:
        if outcome.state == "quarantined" and outcome.body is not None:
            await asyncio.to_thread(objects.write, copy_key(outcome.page.id), outcome.body)


async def sweep_copies(database: Database, objects: ObjectStore) -> None:
    """Remove the copies of pages that can be read by now, or are known no more, and the oldest."""
    text = await database.fetch_json(_QUARANTINED, {"most": _MOST_COPIES})
    kept = {copy_key(page_id) for page_id in orjson.loads(text or b"[]")}
    await asyncio.to_thread(_remove_others, objects, kept)


def _remove_others(objects: ObjectStore, kept: set[str]) -> None:
    for key in list(objects.keys(FOLDER)):
        if key not in kept:
            objects.delete(key)
