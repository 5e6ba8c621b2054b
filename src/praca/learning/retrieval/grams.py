"""Character n-grams: what words share that are spelt or derived differently."""

from collections.abc import Iterable
from functools import lru_cache

__all__ = ["character_grams"]


def character_grams(words: Iterable[str], *, shortest: int = 3, longest: int = 5) -> list[str]:
    """Return all runs of ``shortest`` to ``longest`` characters of each word between blanks.

    A blank on either side marks where a word begins and ends, and no run crosses it, as in
    scikit-learn's ``analyzer="char_wb"``. Source: McNamee, Mayfield, "Character n-gram
    tokenization for European language text retrieval", Information Retrieval 7 (2004).
    """
    return [gram for word in words for gram in _of_word(word, shortest, longest)]


@lru_cache(maxsize=50_000)
def _of_word(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[at : at + size]
        for size in range(shortest, longest + 1)
        for at in range(len(padded) - size + 1)
    )
