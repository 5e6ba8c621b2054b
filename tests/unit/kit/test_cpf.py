import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from praca.kit.cpf import cpf_check_digits, format_cpf, is_valid_cpf, normalize_cpf

nine_digits = st.text("0123456789", min_size=9, max_size=9)


@st.composite
def cpfs(draw: st.DrawFn) -> str:
    first = draw(nine_digits)
    digits = first + cpf_check_digits(first)
    assume(len(set(digits)) > 1)
    return digits


@pytest.mark.parametrize(
    ("first", "check"), [("529982247", "25"), ("111444777", "35"), ("000000001", "91")]
)
def test_published_check_digits(first: str, check: str) -> None:
    assert cpf_check_digits(first) == check


@given(cpfs())
def test_a_made_cpf_is_valid_in_both_spellings(digits: str) -> None:
    assert is_valid_cpf(digits)
    assert is_valid_cpf(format_cpf(digits))
    assert normalize_cpf(f" {format_cpf(digits)} ") == digits


@given(cpfs(), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_and_never_normalised(digits: str, at: int, step: int) -> None:
    wrong = digits[:at] + str((int(digits[at]) + step) % 10) + digits[at + 1 :]
    # Remainders 0 and 10 both give check digit 0, so a change in the first nine may go unnoticed;
    # a change of a check digit alone never does.
    if at >= 9:
        assert not is_valid_cpf(wrong)
    else:
        expected = cpf_check_digits(wrong[:9]) == wrong[9:] and len(set(wrong)) > 1
        assert is_valid_cpf(wrong) is expected


@given(st.text(max_size=20))
def test_any_text_is_answered_and_valid_means_eleven_ascii_digits(text: str) -> None:
    if is_valid_cpf(text):
        digits = normalize_cpf(text)
        assert len(digits) == 11
        assert digits.isascii()
        assert digits.isdigit()
    else:
        with pytest.raises(ValueError, match="CPF inválido"):
            normalize_cpf(text)


@pytest.mark.parametrize("digit", "0123456789")
def test_eleven_equal_digits_are_refused(digit: str) -> None:
    assert not is_valid_cpf(digit * 11)


@pytest.mark.parametrize(
    "text", ["", "5299822472", "529982247255", "529-982-247.25", "٥٢٩٩٨٢٢٤٧٢٥", "52998224725x"]
)
def test_other_shapes_are_refused(text: str) -> None:
    assert not is_valid_cpf(text)


@pytest.mark.parametrize("first", ["", "12345678", "1234567890", "12345678a", "١٢٣٤٥٦٧٨٩"])
def test_check_digits_want_nine_ascii_digits(first: str) -> None:
    with pytest.raises(ValueError, match="nine digits"):
        cpf_check_digits(first)
