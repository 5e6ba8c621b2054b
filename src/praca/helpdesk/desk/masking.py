"""Hides what tells who somebody is in the texts that people type."""

import re
from typing import Final

from praca.kit.text import bounded
from praca.platform.logging import without_cpf

__all__ = ["masked"]

# An area code in brackets, and the country's before it.
_AREA: Final = r"(?:(?:\+?55[ .-]?)?\(0?\d{2}\)[ .-]?)?(?<!\d)"
# Nine digits or more, whatever stands between them: a CPF, a card, a telephone with its area code.
# A service's number is shorter, or begins with 0800 and the like, which anybody may call.
_LONG: Final = re.compile(_AREA + r"(?!0[3589]00)\d(?:[ .-]?\d){8,}(?!\d)")
# A telephone without its area code, or with that in brackets; two years are none.
_TELEPHONE: Final = re.compile(
    _AREA + r"(?!(?:19|20)\d{2}[ .-]?(?:19|20)\d{2}(?!\d))9?[ .]?\d{4}[ .-]?\d{4}(?!\d)"
)
_STAR: Final = "*"


def masked(text: str, most: int) -> str:
    """Return the first ``most`` characters of ``text`` with a star for each number of a person.

    Hidden are e-mails, CPFs, numbers of cards and telephones, and whatever is as long as they are.
    A name cannot be told from other words: it stays.
    """
    kept = bounded(text.replace("\0", ""), most)
    return _TELEPHONE.sub(_STAR, _LONG.sub(_STAR, without_cpf(kept)))
