"""Character n-grams: what words share that are spelt or derived differently."""

from collections.abc import Iterable

__all__ = ["character_grams"]


def character_grams(words: Iterable[str], *, shortest: int = 3, longest: int = 5) -> list[str]:
    """Return all runs of ``shortest`` to ``longest`` characters of each word between blanks.

    A blank on either side marks where a word begins and ends, and no run crosses it, as in
    scikit-learn's ``analyzer="char_wb"``. Source: McNamee, Mayfield, "Character n-gram
    tokenization for European language text retrieval", Information Retrieval 7 (2004).
    """
    return [
        padded[at : at + size]
        for padded in (f" {word} " for word in words)
        for size in range(shortest, longest + 1)
        for at in range(len(padded) - size + 1)
    ]
