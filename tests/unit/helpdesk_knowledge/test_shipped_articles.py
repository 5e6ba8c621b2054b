"""The articles that come with Praça, each by itself."""

import re
from urllib.parse import urlsplit

import pytest

from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.sample import sample_articles, sample_drafts
from praca.identity.passwords import SHORTEST_PASSWORD
from praca.jobs.sample.place import CITY
from praca.kit.text import fold
from praca.platform.settings import Settings

ROOMS = {
    "Conta": "conta-",
    "Carteira": "cartao-",
    "Central de Empregos": "empregos-",
    "Biblioteca": "biblioteca-",
    "Atendimento": "atendimento-",
}
SERVICES = (
    "iptu", "lixo", "poda", "iluminação pública", "buraco", "vacinação", "creche", "matrícula",
    "alvará", "castração", "bilhete do idoso", "feiras", "defesa civil", "ouvidoria", "cadúnico",
)  # fmt: skip
# CPF, CNPJ, telephones: no row of digits that somebody could have, and no short code that rings.
_NUMBERS = re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}|\(?\d{2}\)? ?9?\d{4}-?\d{4}|\b0800\b|\d{7,}")
_ADDRESS = re.compile(r"@\w|https?://|www\.", re.IGNORECASE)


def whole(draft: ArticleDraft) -> str:
    content = draft.content().items()
    return "\n".join(str(value) for name, value in content if name != "links")


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    drafts = sample_drafts()
    assert len(drafts) >= 60
    for names in ([one.key for one in drafts], [one.title for one in drafts]):
        assert len(set(names)) == len(names)
    assert [one.id for one in sample_articles()] == list(range(1, len(drafts) + 1))


@pytest.mark.parametrize("draft", sample_drafts(), ids=lambda draft: draft.key)
def test_an_article_is_whole_and_names_nobody(draft: ArticleDraft) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", draft.key)
    assert 5 <= len(draft.title) <= 80
    assert 20 <= len(draft.summary) <= 200
    assert 80 <= len(draft.body) <= 1500
    assert draft.steps.startswith("1. ")
    assert [line.partition(".")[0] for line in draft.steps.splitlines()] == [
        str(number) for number in range(1, len(draft.steps.splitlines()) + 1)
    ]
    assert draft.cost
    assert draft.deadline
    assert draft.agency
    assert len(draft.category) == 3
    assert 4 <= len(draft.keywords) <= 15
    assert all(keyword == keyword.lower() for keyword in draft.keywords)
    assert draft.links
    for link in draft.links:
        assert urlsplit(link).scheme == "https"
        assert str(urlsplit(link).hostname).endswith(".example")
    text = whole(draft)
    assert not _NUMBERS.search(text), _NUMBERS.findall(text)
    assert not _ADDRESS.search(text)
    for sentence in (draft.summary, draft.body, draft.more, draft.cost, draft.deadline):
        assert not sentence or sentence[-1] in ".?!)"


def test_every_room_and_the_ordinary_services_have_articles() -> None:
    drafts = sample_drafts()
    for room, beginning in ROOMS.items():
        found = [one for one in drafts if one.key.startswith(beginning) and room in one.category]
        assert len(found) >= 3, room
    titles = fold("\n".join(one.title for one in drafts))
    for service in SERVICES:
        assert fold(service) in titles, service
    assert CITY in " ".join(one.agency for one in drafts)


def test_what_they_say_of_praca_is_what_its_settings_say() -> None:
    settings, said = Settings.load(), {one.key: whole(one) for one in sample_drafts()}
    megabytes = settings.documents.document_max_bytes // 2**20
    for key, sentence in {
        "conta-senha-esquecida": f"vale {settings.sign_in.recovery_minutes:g} minutos",
        "conta-entrada-bloqueada": f"em {settings.sign_in.sign_in_window_s // 60:g} minutos",
        "conta-criar": f"pelo menos {SHORTEST_PASSWORD} caracteres",
        "documento-guardar": f"com até {megabytes} MB",
        "cartao-recarga-pix": f"em até {settings.pix.pix_expiry_minutes} minutos",
        "empregos-revisao-da-nota": f"em até {settings.jobs.review_deadline_days} dias",
        "atendimento-assistente": f"por {settings.helpdesk.chatbot_forget_minutes} minutos",
    }.items():
        assert sentence in said[key], key
    assert (
        f"até {settings.documents.document_max_per_person} documentos" in said["documento-guardar"]
    )
    assert f"até {settings.documents.document_max_pages} páginas" in said["documento-guardar"]
    assert settings.wallet.wallet_max_amount_centavos == 1000_00
    assert settings.wallet.wallet_max_balance_centavos == 10_000_00
    for amount in ("R$ 1.000,00", "R$ 10.000,00"):
        assert amount in said["cartao-recarga-pix"]
    assert (settings.wallet.wallet_max_cards, settings.sign_in.sign_in_failures_per_account) == (
        5,
        10,
    )
    assert "até cinco cartões" in said["cartao-pedir"]
    assert "dez senhas erradas" in said["conta-entrada-bloqueada"]
