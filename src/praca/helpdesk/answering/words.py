"""The words of a question and of an article, as both are compared."""

from typing import Final

from praca.learning.text import Tokenizer

__all__ = ["MAX_QUESTION_CHARS", "terms_of"]

MAX_QUESTION_CHARS: Final = 2_000
"""Of a longer question the rest is not read."""

terms_of: Final = Tokenizer()
"""Folded, stemmed words without stop words; of questions, articles and passages alike."""
