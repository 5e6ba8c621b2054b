"""What operators do not get to see of what people type."""

import time

import pytest

from praca.helpdesk.desk.masking import masked


@pytest.mark.parametrize(
    "number",
    [
        *("529.982.247-25", "529 982 247 25", "529982247-25", "529_982_247_25", "529,982,247,25"),
        *("529 . 982 . 247 - 25", "529..982..247--25", "529.982.247–25", "529•982•247•25"),
        *("529/982/247/25", "5 2 9 9 8 2 2 4 7 2 5", "５２９.９８２.２４７-２５", "٥٢٩٩٨٢٢٤٧٢٥"),
        *("529\u200b982\u200b24725", "529\u00a0982\u00a0247\u00a025", "52998224725"),
        *("4073 6295 1846 0275", "4073  6295.1846.0275", "4073629518460275", "4073/6295/1846/0275"),
        *("(21) 98765-4321", "+55 21 98765-4321", "98765–4321", "9 8765 4321", "021987654321"),
        *("joao.silva@exemplo.org", "12.345.678-9"),
    ],
)
def test_numbers_of_persons_are_hidden(number: str) -> None:
    hidden = masked(f"meu dado é {number} viu?", 500)
    assert hidden.replace("+*", "*") == "meu dado é * viu?"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ligue 0800 123 4567 ou 156",
            "o IPTU de 2025 2026 custa R$ 1.234,56",
            "ônibus 232 às 10h",
        ),
        *("de 31/12/2030 a 01/02/2031", "protocolo 2026/123456", "de 1990 a 2001"),
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert masked(text, 500) == text


def test_long_texts_are_read_in_no_time() -> None:
    began = time.process_time()
    for text in ("1 " * 2000, "1.2" * 2000, "123---" * 900, "_" * 4000, "(21)" * 1000, "9" * 4000):
        masked(text, 4000)
    assert time.process_time() - began < 0.5
