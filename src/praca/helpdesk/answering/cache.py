"""What was answered is remembered, so that the same question costs nothing the second time."""

import threading
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from cachetools import LRUCache

from praca.helpdesk.records import Passage

__all__ = ["Kept", "wording_key"]

T = TypeVar("T")

_SEPARATOR: Final = "\x1f"


class Kept(Generic[T]):
    """The ``most`` things asked for last; may be used from many threads."""

    def __init__(self, most: int) -> None:
        self._kept: LRUCache[str, T] = LRUCache(most)
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        """Return what is kept under ``key``."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: str, value: T) -> None:
        """Keep ``value``; what was not asked for longest goes for it."""
        with self._lock:
            self._kept[key] = value

    def __len__(self) -> int:
        return len(self._kept)


def wording_key(model: str, question: str, passages: Sequence[Passage]) -> str:
    """Return the key of what ``model`` says to ``question`` from ``passages``.

    It is made of the articles' keys and versions and of the very words given to the model: when
    an article changes its old answers are not found any more, even where a file that was
    imported again tells no new version; and another article's change costs nothing.
    """
    parts = [model, question]
    for passage in passages:
        article = passage.article
        parts += [article.key, str(article.version), article.title, passage.field, passage.text]
        parts += article.links[:1]
    # Lengths, so that no two lists of texts make one text.
    text = _SEPARATOR.join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
