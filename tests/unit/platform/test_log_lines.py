import pytest

from praca.platform.logging import without_cpf

_TASK = "083e1564-eb83-4ccd-b6fc-71186948233f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12345678909", "*"),
        ("/x/123.456.789-09/y", "/x/*/y"),
        ("cpf 123 456 789 09.", "cpf *."),
        ("123456789-09, 123.456.789/09, 123-456-789-09", "*, *, *"),
        ("12345678909x", "*x"),
        ("/vagas/details/1234567890", "/vagas/details/1234567890"),
        ("123456789012", "123456789012"),
        (f"/tasks/{_TASK}/events", f"/tasks/{_TASK}/events"),
        (f"{_TASK} 12345678909", f"{_TASK} *"),
    ],
)
def test_what_may_be_a_cpf_is_hidden_and_nothing_else(text: str, shown: str) -> None:
    assert without_cpf(text) == shown
