"""Prices as shops write them, in whole hundredths: no float ever holds one."""

import re
from typing import Final

__all__ = ["read_price"]

_CURRENCIES: Final = {
    "£": "GBP",
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "R$": "BRL",
    # The UTF-8 bytes of a pound or euro sign, taken for Latin-1 or Windows-1252 on the way.
    "Â£": "GBP",
    "â‚¬": "EUR",
}
_SYMBOL: Final = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_PRICE: Final = re.compile(
    rf"(?P<before>{_SYMBOL})?\s?(?P<number>[0-9][0-9.,\s]*)(?:(?<!\s)\s?(?P<after>{_SYMBOL}))?"
)
_PLAIN: Final = re.compile(r"([0-9]+)(?:[.,]([0-9]{2}))?")
_GROUPED: Final = re.compile(r"([0-9]{1,3}(?:([.,\s])[0-9]{3})(?:\2[0-9]{3})*)(?!\2)[.,]([0-9]{2})")
_MOST_DIGITS: Final = 12


def read_price(text: str) -> tuple[int, str]:
    """Return the hundredths and the ISO 4217 code of a price like ``£51.77`` or ``R$ 1.234,56``.

    Which sign parts the hundredths follows from the number itself. ``1.234`` is refused: it is a
    thousand to some shops and little more than one to others.

    Raises:
        ValueError: it is no price, or an ambiguous one; why, in Portuguese.
    """
    found = _PRICE.fullmatch(text)
    if found is None or (found["before"] is None) == (found["after"] is None):
        raise ValueError(f"não é um preço em uma só moeda: {text[:40]!r}")
    return _hundredths(found["number"]), _CURRENCIES[found["before"] or found["after"]]


def _hundredths(number: str) -> int:
    if len(number) > 2 * _MOST_DIGITS:
        raise ValueError("o preço é longo demais")
    if plain := _PLAIN.fullmatch(number):
        whole, cents = plain[1], plain[2]
    elif grouped := _GROUPED.fullmatch(number):
        whole, cents = re.sub(r"[^0-9]", "", grouped[1]), grouped[3]
    else:
        raise ValueError(f"não se sabe onde ficam os centavos de {number!r}")
    if len(whole) > _MOST_DIGITS:
        raise ValueError("o preço é longo demais")
    return int(whole) * 100 + int(cents or 0)
