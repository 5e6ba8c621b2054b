"""CPF, the Brazilian taxpayer number: eleven digits, the last two of them check digits."""

import re

__all__ = ["cpf_check_digits", "format_cpf", "is_cpf_shaped", "is_valid_cpf", "normalize_cpf"]

_NINE = 9
_ELEVEN = 11
_NOT_DIGIT = re.compile(r"\D")
_SHAPE = re.compile(r"\s*\d{3}\.?\d{3}\.?\d{3}-?\d{2}\s*", re.ASCII)


def cpf_check_digits(first_nine: str) -> str:
    """Return the two check digits for the first nine digits of a CPF (module 11).

    Raises:
        ValueError: ``first_nine`` is not nine ASCII digits.
    """
    if not (len(first_nine) == _NINE and first_nine.isascii() and first_nine.isdigit()):
        raise ValueError("expected nine digits")
    digits = [int(char) for char in first_nine]
    for _ in range(2):
        weighted = sum(
            digit * weight
            for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True)
        )
        digits.append(weighted * 10 % _ELEVEN % 10)
    return f"{digits[-2]}{digits[-1]}"


def is_cpf_shaped(text: str) -> bool:
    """Tell whether ``text`` is written like a CPF, whatever its check digits."""
    return _SHAPE.fullmatch(text) is not None


def is_valid_cpf(text: str) -> bool:
    """Tell whether ``text`` is a CPF, with or without punctuation, with right check digits."""
    if not is_cpf_shaped(text):
        return False
    digits = _NOT_DIGIT.sub("", text)
    # Eleven equal digits satisfy the arithmetic but are never issued.
    return len(set(digits)) > 1 and cpf_check_digits(digits[:_NINE]) == digits[_NINE:]


def normalize_cpf(text: str) -> str:
    """Return the eleven digits of a valid CPF.

    Raises:
        ValueError: ``text`` is not a valid CPF.
    """
    if not is_valid_cpf(text):
        raise ValueError("CPF inválido.")
    return _NOT_DIGIT.sub("", text)


def format_cpf(digits: str) -> str:
    """Return ``"000.000.000-00"`` for eleven digits."""
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
