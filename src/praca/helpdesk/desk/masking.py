"""Hides what tells who somebody is in the texts that people type."""

import re
from typing import Final

from praca.kit.text import bounded
from praca.platform.logging import without_cpf

__all__ = ["masked"]

# What stands within numbers: blanks, dots, and any of the dashes.
_GAP: Final = r"[\s.\u2010-\u2015-]"
# An area code in brackets, and the country's before it.
_AREA: Final = rf"(?:(?:\+?55{_GAP}?)?\(0?\d{{2}}\){_GAP}?)?(?<!\d)"
# Nine digits or more, whatever stands between them: a CPF, a card, a telephone with its area code.
# A service's number is shorter, or begins with 0800 and the like, which anybody may call.
_LONG: Final = re.compile(rf"{_AREA}(?!0[3589]00)\d(?:{_GAP}?\d){{8,}}(?!\d)")
# A telephone without its area code, or with that in brackets; two years are none.
_YEAR: Final = r"(?:19|20)\d{2}"
_TELEPHONE: Final = re.compile(
    rf"{_AREA}(?!{_YEAR}{_GAP}?{_YEAR}(?!\d))(?:9{_GAP}?)?\d{{4}}{_GAP}?\d{{4}}(?!\d)"
)
# The shapes of a CPF and of a card, with up to three of any marks between their groups.
_MARKS: Final = r"[\W_]{1,3}"
_SHAPED: Final = re.compile(
    rf"(?<!\d)(?:\d{{3}}{_MARKS}\d{{3}}{_MARKS}\d{{3}}{_MARKS}\d{{2}}"
    rf"|\d{{4}}(?:{_MARKS}\d{{4}}){{3}})(?!\d)"
)
# Characters without width, which copied text may have anywhere.
_UNSEEN: Final = dict.fromkeys([0, 0xAD, 0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF])
_STAR: Final = "*"


def masked(text: str, most: int) -> str:
    """Return the first ``most`` characters of ``text`` with a star for each number of a person.

    Hidden are e-mails, CPFs, numbers of cards and telephones, and whatever is as long as they are.
    A name cannot be told from other words: it stays.
    """
    kept = without_cpf(bounded(text.translate(_UNSEEN), most))
    for pattern in (_SHAPED, _LONG, _TELEPHONE):
        kept = pattern.sub(_STAR, kept)
    return kept
