"""BR Codes: against the manual's own, there and back, and with every single character changed."""

import re
import string

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from praca.wallet.pix.brcode import BRCode, checksum, encode, parse
from praca.wallet.pix.charges import qr_svg
from praca.wallet.pix.errors import InvalidBRCodeError
from praca.wallet.pix.schemas import CHARGE_EXAMPLE

# Examples of dynamic codes that the Banco Central published with its manual.
DYNAMIC = (
    "00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***630464E4"
)
OTHER = (
    "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
    "5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB"
)
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


def words(longest: int) -> st.SearchStrategy[str]:
    return st.text(PRINTABLE, min_size=1, max_size=longest)


@st.composite
def codes(draw: st.DrawFn) -> BRCode:
    is_static = draw(st.booleans())
    return BRCode(
        merchant_name=draw(words(25)),
        merchant_city=draw(words(15)),
        amount=draw(st.none() | st.integers(1, 10**12 - 1)),
        key=draw(words(77)) if is_static else None,
        location=None if is_static else draw(words(77)),
        txid=draw(
            st.just("***") | st.text(string.ascii_letters + string.digits, min_size=1, max_size=25)
        ),
    )


def crc_by_hand(text: str) -> str:
    """CRC-16/CCITT-FALSE bit by bit, as the standard describes it."""
    crc = 0xFFFF
    for byte in text.encode("ascii"):
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return f"{crc:04X}"


def test_the_checksum_is_the_one_of_the_manual() -> None:
    assert checksum("123456789") == "29B1"  # the check value that names the algorithm
    for code in (DYNAMIC, OTHER):
        assert checksum(code[:-4]) == crc_by_hand(code[:-4]) == code[-4:]


def test_the_manuals_code_is_read_and_written() -> None:
    meant = BRCode(
        merchant_name="Fulano de Tal",
        merchant_city="BRASILIA",
        location="pix.example.com/8b3da2f39a4140d1a91abd93113bd441",
    )
    assert parse(DYNAMIC) == meant
    assert encode(meant) == DYNAMIC
    assert parse(OTHER).location == "pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"


def test_the_documented_example_is_a_real_code() -> None:
    assert parse(str(CHARGE_EXAMPLE["br_code"])).amount == CHARGE_EXAMPLE["amount"]


@settings(max_examples=60, deadline=None)
@given(codes())
def test_there_and_back(code: BRCode) -> None:
    text = encode(code)
    assert parse(text) == code
    assert text[-4:] == crc_by_hand(text[:-4])


@settings(max_examples=120, deadline=None)
@given(codes(), st.data())
def test_any_changed_character_is_found(code: BRCode, data: st.DataObject) -> None:
    text = encode(code)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_characters=text[position]))
    with pytest.raises(InvalidBRCodeError):
        parse(text[:position] + other + text[position + 1 :])


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_whatever_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidBRCodeError):
        parse(text)


def sealed(text: str) -> str:
    return f"{text}6304{checksum(f'{text}6304')}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000201",  # no account
        DYNAMIC[6:-8],  # not its first field first
        DYNAMIC[:-8].replace("000201", "000202", 1),  # another format
        DYNAMIC[:-8].replace("986", "840"),  # dollars
        DYNAMIC[:-8].replace("5802BR", "5802AR"),
        DYNAMIC[:-8].replace("br.gov.bcb.pix", "br.gov.bcb.tax"),
        DYNAMIC[:-8].replace("5913Fulano de Tal", ""),
        DYNAMIC[:-8].replace("5913Fulano de Tal", "5999Fulano de Tal"),  # longer than there is
        DYNAMIC[:-8].replace("5913Fulano de Tal", "5900"),
        DYNAMIC[:-8] + "5802BR",  # twice
        DYNAMIC[:-8].replace("5802BR", "54041,005802BR"),  # a comma in the amount
    ],
)
def test_a_right_checksum_does_not_save_a_wrong_structure(text: str) -> None:
    with pytest.raises(InvalidBRCodeError):
        parse(sealed(text))


@pytest.mark.parametrize(
    "code",
    [
        BRCode("A", "B"),
        BRCode("A", "B", key="k", location="l"),
        BRCode("Praça", "B", key="k"),
        BRCode("A" * 26, "B", key="k"),
        BRCode("A", "B" * 16, key="k"),
        BRCode("A", "B", location="l" * 90),
        BRCode("A", "B", key="k", txid="a b"),
        BRCode("", "B", key="k"),
    ],
)
def test_what_does_not_fit_is_not_written(code: BRCode) -> None:
    with pytest.raises(ValueError, match=r"holds|has"):
        encode(code)


def modules(svg: str) -> list[list[bool]]:
    """Read the squares back from the image: rows of horizontal strokes, relative to each other."""
    size = int(re.search(r'width="(\d+)"', svg)[1]) // 4  # type: ignore[index]
    path = re.search(r' d="([^"]+)"', svg)[1]  # type: ignore[index]
    grid = [[False] * size for _ in range(size)]
    x = y = 0.0
    for step, numbers in re.findall(r"([MmHh])([^MmHh]+)", path):
        values = [float(value) for value in re.findall(r"-?[0-9.]+", numbers)]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            for column in range(int(x), int(x + values[0])):
                grid[int(y)][column] = True
            x += values[0]
    return grid


def test_the_image_shows_the_code_with_a_margin() -> None:
    svg = qr_svg(DYNAMIC).decode()
    seen = modules(svg)
    expected = segno.make_qr(DYNAMIC, error="m").matrix
    margin = 4
    inner = [row[margin:-margin] for row in seen[margin:-margin]]
    assert inner == [[bool(module) for module in row] for row in expected]
    assert not any(any(row) for row in [*seen[:margin], *seen[-margin:]])
