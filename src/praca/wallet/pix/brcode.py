"""BR Codes: the text that a payer's bank reads from a Pix QR code, or that he pastes.

Source: Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix", which profiles
EMVCo's "QR Code Specification for Payment Systems: Merchant-Presented Mode". A code is a row of
fields, each two digits that name it, two that count its characters, and its value; the last is
a checksum over all before.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from praca.wallet.pix.errors import InvalidBRCodeError

__all__ = ["ANY_TXID", "BRCode", "checksum", "encode", "parse"]

ANY_TXID: Final = "***"
"""In place of the txid, where the code itself names none: a dynamic one, whose address does."""

_GUI: Final = "br.gov.bcb.pix"
_FORMAT, _ONCE, _ACCOUNT, _CATEGORY, _CURRENCY = "00", "01", "26", "52", "53"
_AMOUNT, _COUNTRY, _NAME, _CITY, _MORE, _CRC = "54", "58", "59", "60", "62", "63"
_GUI_FIELD, _KEY_FIELD, _LOCATION_FIELD, _TXID_FIELD = "00", "01", "25", "05"
_REAL: Final = "986"
_CRC_START: Final = _CRC + "04"
_LONGEST_FIELD: Final = 99
_LONGEST_CODE: Final = 512
_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_MONEY = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_TXID = re.compile(r"[A-Za-z0-9]{1,25}|\*{3}")


@dataclass(frozen=True, slots=True)
class BRCode:
    """What a code says.

    Attributes:
        merchant_name: who is paid, at most 25 characters.
        merchant_city: at most 15.
        amount: centavos; none: the payer chooses, or the address says.
        key: Pix key of a static code.
        location: address, without ``https://``, that tells the rest of a dynamic code.
        txid: the receiver's name for the payment, at most 25 letters and digits.
    """

    merchant_name: str
    merchant_city: str
    amount: int | None = None
    key: str | None = None
    location: str | None = None
    txid: str = ANY_TXID


def checksum(text: str) -> str:
    """Return the four digits that end a code: CRC-16/CCITT-FALSE over everything before them."""
    return f"{binascii.crc_hqx(text.encode('ascii'), 0xFFFF):04X}"


def encode(code: BRCode) -> str:
    """Return the text of ``code``.

    Raises:
        ValueError: a value is too long or unprintable, or there is not one of key and location.
    """
    if (code.key is None) == (code.location is None):
        raise ValueError("a code has either a key or a location")
    if not _TXID.fullmatch(code.txid):
        raise ValueError("a txid has 1 to 25 letters and digits")
    account = _field(_GUI_FIELD, _GUI)
    if code.key is not None:
        account += _field(_KEY_FIELD, code.key)
    else:
        account += _field(_LOCATION_FIELD, code.location or "")
    once = "" if code.location is None else _field(_ONCE, "12")
    text = _field(_FORMAT, "01") + once + _field(_ACCOUNT, account)
    text += _field(_CATEGORY, "0000") + _field(_CURRENCY, _REAL)
    if code.amount is not None:
        reais, centavos = divmod(code.amount, 100)
        text += _field(_AMOUNT, f"{reais}.{centavos:02d}", longest=13)
    text += _field(_COUNTRY, "BR")
    text += _field(_NAME, code.merchant_name, longest=25)
    text += _field(_CITY, code.merchant_city, longest=15)
    text += _field(_MORE, _field(_TXID_FIELD, code.txid)) + _CRC_START
    return text + checksum(text)


def _field(name: str, value: str, *, longest: int = _LONGEST_FIELD) -> str:
    if not _PRINTABLE.fullmatch(value) or len(value) > longest:
        raise ValueError(f"field {name} holds 1 to {longest} printable ASCII characters")
    return f"{name}{len(value):02d}{value}"


def parse(text: str) -> BRCode:
    """Return what the code says; fields of no use to Pix are passed over.

    Raises:
        InvalidBRCodeError: the checksum is wrong, or what must be there is not.
    """
    is_text = len(text) <= _LONGEST_CODE and _PRINTABLE.fullmatch(text)
    # The checksum comes first: it finds any change of one character, wherever it is.
    if not is_text or text[-8:-4] != _CRC_START or checksum(text[:-4]) != text[-4:]:
        raise InvalidBRCodeError
    fields = _fields(text)
    account, more = _fields(_required(fields, _ACCOUNT)), _fields(fields.get(_MORE, ""))
    is_pix = (
        next(iter(fields)) == _FORMAT
        and fields[_FORMAT] == "01"
        and _required(account, _GUI_FIELD).lower() == _GUI
        and (_KEY_FIELD in account) != (_LOCATION_FIELD in account)
        and fields.get(_CURRENCY) == _REAL
        and fields.get(_COUNTRY) == "BR"
    )
    if not is_pix:
        raise InvalidBRCodeError
    return BRCode(
        merchant_name=_required(fields, _NAME),
        merchant_city=_required(fields, _CITY),
        amount=_centavos(fields.get(_AMOUNT)),
        key=account.get(_KEY_FIELD),
        location=account.get(_LOCATION_FIELD),
        txid=more.get(_TXID_FIELD, ANY_TXID),
    )


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        name, count = text[position : position + 2], text[position + 2 : position + 4]
        value = text[position + 4 : position + 4 + int(count)] if count.isdigit() else ""
        if not name.isdigit() or not value or len(value) != int(count) or name in fields:
            raise InvalidBRCodeError
        fields[name] = value
        position += 4 + len(value)
    return fields


def _required(fields: Mapping[str, str], name: str) -> str:
    if name not in fields:
        raise InvalidBRCodeError
    return fields[name]


def _centavos(text: str | None) -> int | None:
    if text is None:
        return None
    found = _MONEY.fullmatch(text)
    if found is None:
        raise InvalidBRCodeError
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
