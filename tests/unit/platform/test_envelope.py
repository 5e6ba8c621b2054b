import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.platform.encryption import DataKey, SealedDataError

KEY = DataKey(bytes(range(32)))


@given(st.binary(max_size=200), st.text(max_size=30))
def test_what_is_sealed_opens_in_its_place_only(plaintext: bytes, place: str) -> None:
    sealed = KEY.seal(plaintext, place)
    assert KEY.open(sealed, place) == plaintext
    with pytest.raises(SealedDataError):
        KEY.open(sealed, place + "x")
    with pytest.raises(SealedDataError):
        DataKey(bytes(32)).open(sealed, place)


def test_every_changed_bit_and_every_cut_is_noticed() -> None:
    sealed = KEY.seal(b"12.345.678-9", "document:1:2:document_number")
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(SealedDataError):
            KEY.open(bytes(changed), "document:1:2:document_number")
    for length in range(len(sealed)):
        with pytest.raises(SealedDataError):
            KEY.open(sealed[:length], "document:1:2:document_number")


def test_the_same_text_is_never_sealed_alike_and_hides_nothing_but_its_length() -> None:
    first, second = KEY.seal(b"segredo", "a"), KEY.seal(b"segredo", "a")
    assert first != second
    assert first[:1] == b"\x01"
    assert len(first) == 1 + 12 + len(b"segredo") + 16
    assert b"segredo" not in first


def test_a_key_does_not_print_itself() -> None:
    assert repr(KEY) == "DataKey(…)"
    assert bytes(range(32)).hex() not in f"{KEY!r}{KEY!s}"
