"""Reading what people type."""

from datetime import date

import pytest

from praca.helpdesk.chatbot.documents import (
    mask_number,
    read_date,
    read_number,
    read_type,
    type_named_in,
)
from praca.helpdesk.chatbot.wording import (
    Command,
    Matter,
    cleaned,
    command_of,
    is_question,
    joined_digits,
    masked,
    plain,
    yes_or_no,
)


@pytest.mark.parametrize(
    "text",
    [
        *("sim", "SIM!", "s", "siiiim", "isso", "Isso mesmo.", "pode", "ok", "👍", "👍🏽", "simm"),
        *("“Sim”", "sím", "sim ✅", "sim 👍🏽", "❤️ sim", "(sim)", "está certo…", "sim, por favor!"),
    ],
)
def test_yes(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize("text", ["não", "nao", "N", "nãããão", "melhor não", "👎", "agora não"])
def test_no(text: str) -> None:
    assert yes_or_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        *("", "talvez", "sim ou não", "sim, mas depois", "não sim", "acho que sim", "sim?? não"),
        *("1", "pode não cancelar", "se eu disser sim o que acontece", "👍 mas não", "simples"),
        *("s\u0336i\u0336m\u0336", "s\u0338im", "sim\u20e0", "~sim~", "sim?", "sim ❌", "sim 🚫"),
        *("sim 👎", "👍👎", "sim нет", "sim 不", "¬sim", "≠sim", "sim/", "👍?", "ok 🙅", "👌"),
    ],
)
def test_neither(text: str) -> None:
    assert yes_or_no(text) is None


@pytest.mark.parametrize(
    ("text", "matter", "meant"),
    [
        ("pode cancelar", Matter.CANCELLING, True),
        ("pode cancelar", Matter.SAVING, False),
        ("pode cancelar", Matter.TICKET, False),
        ("sim, cancela", Matter.SAVING, None),
        ("pode guardar", Matter.SAVING, True),
        ("pode guardar", Matter.CANCELLING, None),
        ("sim, abra", Matter.TICKET, True),
        ("sim, abra", Matter.CANCELLING, None),
        ("não quero cancelar o cartão", Matter.CANCELLING, False),
        ("não cancela", Matter.SAVING, None),
    ],
)
def test_words_for_a_deed_mean_that_one_alone(
    text: str, matter: Matter, meant: bool | None
) -> None:
    assert yes_or_no(text, matter) is meant


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Menu", Command.MENU),
        ("CANCELAR!!", Command.CANCEL),
        ("deixa pra lá", Command.CANCEL),
        ("voltar", Command.BACK),
        ("tchau", Command.LEAVE),
        ("Ajuda?", Command.HELP),
        ("quero falar com um atendente", Command.HUMAN),
        ("cancelar cartão", None),
        ("o atendente foi grosseiro", None),
        ("menu do restaurante popular", None),
        ("", None),
    ],
)
def test_commands_are_whole_messages(text: str, command: Command | None) -> None:
    assert command_of(text) is command


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert cleaned("\x00s\u200bi\u202em\n") == "sim"
    assert cleaned("a\nb\tc") == "a b c"
    assert plain("Ação!!  é\tisso") == "acao e isso"
    assert plain("ｓｉｍ") == "sim"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("quero 1 saldo", "1"),
        ("1 e 2", "12"),
        ("٣", "3"),
        ("²", ""),
        ("2ª via do rg", ""),
        ("a 2a via, opção 5", "5"),
        ("2", "2"),
    ],
)
def test_digits_are_joined(text: str, digits: str) -> None:
    assert joined_digits(text) == digits


def test_questions() -> None:
    assert is_question("Como pago o IPTU de 2026")
    assert is_question("a taxa de 2026 já venceu?")
    assert not is_question("quero a opção 7")
    assert not is_question("12?")


@pytest.mark.parametrize(
    "text",
    [
        *("12.345.678-9", "529.982.247-25", "52998224725", "1 2 3 4 5 6", "MG-12.345.678"),
        *("FX123456", "4073 6295 1846 0275", "１２３４５６", "R$ 1.234,56", "12/12/2030"),
    ],
)
def test_numbers_are_hidden(text: str) -> None:
    hidden = masked(f"antes {text} depois")
    assert not any(char.isdigit() for char in hidden), hidden
    assert hidden.startswith("antes")
    assert hidden.endswith("depois")


def test_short_numbers_are_not() -> None:
    assert masked("o ônibus 232 e a opção 5") == "o ônibus 232 e a opção 5"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rg", "RG"),
        ("minha CNH", "CNH"),
        ("carteira de motorista", "CNH"),
        ("é um título de eleitor", "Título de eleitor"),
        ("Crachá da escola", "Crachá da escola"),
        ("RG do meu filho", "RG do meu filho"),
        ("12345", None),
        ("RG 12.345.678-9", None),
        ("😀", None),
        ("a" * 51, None),
    ],
)
def test_types(text: str, kind: str | None) -> None:
    assert read_type(text) == kind


def test_a_type_named_in_a_sentence() -> None:
    assert type_named_in("quero guardar minha carteira de trabalho") == "Carteira de trabalho"
    assert type_named_in("quero guardar meu rg e meu cpf") is None
    assert type_named_in("quero guardar um documento") is None


@pytest.mark.parametrize(
    ("kind", "text", "is_right"),
    [
        ("CPF", "529.982.247-25", True),
        ("CPF", "52998224725", True),
        ("CPF", "111.111.111-11", False),
        ("CPF", "529.982.247-2", False),
        ("CNH", "62472927637", True),
        ("CNH", "62472927638", False),
        ("CNH", "00000000000", False),
        ("RG", "1.234", False),
        ("RG", "12.345.678-X", True),
        ("RG", "1" * 15, False),
        ("Passaporte", "FX123456", True),
        ("Passaporte", "sem número", False),
        ("Outro", "9" * 51, False),
    ],
)
def test_numbers_of_documents(kind: str, text: str, is_right: bool) -> None:
    number, problem = read_number(kind, text)
    assert (number == text) is is_right
    assert (number is None) is bool(problem)


def test_dates() -> None:
    assert read_date("29/02/2028") == date(2028, 2, 29)
    assert read_date("29/02/2027") is None
    assert read_date("5 de maio de 2030") == date(2030, 5, 5)
    assert read_date("2030") is None
    assert read_date("9" * 2000) is None


def test_a_number_is_shown_by_its_beginning() -> None:
    assert mask_number("12.345.678-9") == "12.…"
    assert mask_number("1234") == "12…"
    assert mask_number("7") == "…"
