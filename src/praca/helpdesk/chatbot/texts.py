"""What the virtual assistant says; the texts of system 3's contract are kept word by word.

Money is written as Brazilians do (``R$ 11,05``). The contract has ``R$ 11.05``, which nobody reads
as a number: clients show the text as it is.
"""

from collections.abc import Sequence
from typing import Final

from praca.helpdesk.chatbot.documents import mask_number
from praca.wallet import Card, CardStatus, Document, as_day, as_money

__all__ = [
    "balances",
    "card_line",
    "document_lines",
]

NAME: Final = "IPlani, o assistente virtual da Prefeitura"
OPTIONS: Final = (
    "1 - Consultar o saldo do cartão\n"
    "2 - Cancelar um cartão\n"
    "3 - Guardar um documento\n"
    "4 - Ver meus documentos\n"
    "5 - Fazer uma pergunta"
)
MENU: Final = (
    f"Olá! Eu sou {NAME}: um programa, não uma pessoa. Como posso ajudar?\n"
    f"{OPTIONS}\n"
    "Digite o número da opção ou escreva com as suas palavras."
)
SHORT_MENU: Final = f"Posso ajudar com:\n{OPTIONS}"
UNKNOWN_NUMBER: Final = (
    "Desculpe, não consegui identificar a ação. Digite o número com uma ação da lista."
)
ASK: Final = "Qual é a sua dúvida?"
NO_CARDS: Final = "Você não tem cartões cadastrados"
NO_CARDS_IN_USE: Final = "Você não tem cartões em uso: todos foram cancelados."
NO_DOCUMENTS: Final = "Você não possui documentos cadastrados."

EMPTY: Final = "Não recebi nenhum texto. Escreva o que você precisa, ou “menu” para ver as opções."
UNREADABLE: Final = (
    "Desculpe, não entendi. Escreva o que você precisa em uma frase, ou o número de uma opção.\n"
    + SHORT_MENU
)
NOTHING_PENDING: Final = "Não há nada esperando a sua resposta agora.\n" + SHORT_MENU
FORGOTTEN: Final = (
    "Faz um tempo que não conversamos, e eu esqueci o que estávamos fazendo; nada foi alterado.\n"
    + SHORT_MENU
)
NOTHING_TO_STOP: Final = (
    "Não há nada em andamento. Para cancelar um cartão, digite 2.\n" + SHORT_MENU
)
STOPPED: Final = "Tudo bem, parei por aqui; nada foi alterado.\n" + SHORT_MENU
LEFT: Final = "Certo, deixei de lado o que estávamos fazendo; nada foi alterado."
GOODBYE: Final = "Até logo! Quando precisar, é só chamar."
THANKS: Final = "De nada! Se precisar de mais alguma coisa, escreva “menu”."
MACHINE: Final = (
    f"Eu sou {NAME}: um programa, não uma pessoa. Se preferir falar com uma pessoa, escreva"
    " “atendente”."
)
HELP: Final = (
    "Digite o número de uma opção ou escreva com as suas palavras. A qualquer momento você pode"
    " escrever “menu”, “voltar”, “cancelar”, “sair” ou “atendente”.\n" + SHORT_MENU
)
STEP_HELP: Final = (
    "Você pode escrever “voltar”, “cancelar” para parar, “menu” ou “atendente”. Nada é alterado"
    " sem a sua confirmação."
)
NEITHER: Final = "Não entendi se é sim ou não; nada foi alterado."

WHICH_CARD: Final = "Qual cartão você quer cancelar?"
WHICH_CARD_HOW: Final = "Digite o número da lista ou os quatro últimos dígitos do cartão."
NO_SUCH_CARD: Final = "Não encontrei esse cartão entre os seus."
TWO_SUCH_CARDS: Final = "Você tem mais de um cartão com esse final; use o número da lista."
CARD_KEPT: Final = "Tudo bem, o cartão continua como está."
CARD_GONE: Final = "Esse cartão não está mais em uso; não há o que cancelar."

WHICH_TYPE: Final = (
    "Qual é o tipo do documento? Por exemplo: RG, CPF, CNH, Título de eleitor, Passaporte."
)
NO_TYPE: Final = "Isso não parece um tipo de documento; o número vem depois. " + WHICH_TYPE
WHICH_DATE: Final = (
    "Qual é a data de validade? Escreva como 31/12/2030, ou “não tem” se não houver validade."
)
NO_DATE: Final = "Não entendi a data. Escreva como 31/12/2030, ou “não tem”."
IMPOSSIBLE_DATE: Final = (
    "Essa data não existe no calendário. Confira e escreva como 31/12/2030, ou “não tem”."
)
DOCUMENT_DROPPED: Final = "Tudo bem, não guardei nada."
DOCUMENT_REFUSED: Final = "Não consegui guardar o documento com esses dados; nada foi guardado."

OFFER_HUMAN: Final = "Não estou conseguindo ajudar. Quer que eu abra um chamado para um atendente?"
OPEN_TICKET: Final = (
    "Posso abrir um chamado para um atendente, com esta conversa, sem números de documentos ou"
    " cartões. Confirma? Responda “sim” ou “não”."
)
NO_TICKET: Final = "Tudo bem, não abri nenhum chamado."

_MOST_DOCUMENTS: Final = 50


def too_long(most: int) -> str:
    """Say that a message is longer than is read."""
    return f"Sua mensagem é longa demais. Resuma em até {most} caracteres, por favor."


def card_line(card: Card) -> str:
    """Return a card with its last digits and balance."""
    blocked = " (bloqueado)" if card.status is CardStatus.BLOCKED else ""
    return f"Cartão final {card.number[-4:]}: {as_money(card.balance)}{blocked}"


def balances(cards: Sequence[Card]) -> str:
    """Say what is on the cards; cancelled ones have nothing and are left out."""
    used = [card for card in cards if card.status is not CardStatus.CANCELLED]
    if not used:
        return NO_CARDS_IN_USE if cards else NO_CARDS
    if len(used) > 1:
        return "\n".join(card_line(card) for card in used)
    blocked = " (cartão bloqueado)" if used[0].status is CardStatus.BLOCKED else ""
    return f"Seu saldo atual é: {as_money(used[0].balance)}{blocked}"


def document_lines(documents: Sequence[Document], total: int) -> str:
    """List documents with the beginnings of their numbers."""
    if not documents:
        return NO_DOCUMENTS
    lines = [
        f"- {one.document_type}: {mask_number(one.document_number)}"
        for one in documents[:_MOST_DOCUMENTS]
    ]
    left = total - len(lines)
    return "\n".join([*lines, f"… e mais {left}."] if left > 0 else lines)


def choose_card(cards: Sequence[Card]) -> str:
    """Ask which of several cards is meant."""
    lines = [f"{number} - {card_line(card)}" for number, card in enumerate(cards, 1)]
    return "\n".join([WHICH_CARD, *lines, WHICH_CARD_HOW])


def confirm_cancelling(card: Card) -> str:
    """Say what cancelling does, and ask."""
    return (
        f"O cartão final {card.number[-4:]} será cancelado para sempre: ele não volta a aceitar"
        " recargas nem a pagar passagens. Isso não pode ser desfeito. Confirma? Responda “sim” ou"
        " “não”."
    )


def card_not_empty(number: str, balance: int, other: Card | None) -> str:
    """Say why a card with money is not cancelled, and what to do."""
    what = (
        f"Transfira o saldo para o seu cartão final {other.number[-4:]}, ou use-o em viagens,"
        if other
        else "Use o saldo em viagens, ou peça outro cartão e transfira o saldo para ele,"
    )
    return (
        f"O cartão final {number[-4:]} ainda tem {as_money(balance)}, e um cartão com saldo não"
        f" pode ser cancelado. {what} e depois volte aqui."
    )


def card_got_money(balance: int) -> str:
    """Say why a card is not cancelled on which there is money at the last moment."""
    return f"O cartão acabou de receber {as_money(balance)}; com saldo ele não pode ser cancelado."


def card_cancelled(number: str) -> str:
    """Say that a card was cancelled."""
    return f"Pronto: o cartão final {number[-4:]} foi cancelado."


def which_number(kind: str) -> str:
    """Ask for the document's number."""
    return f"Qual é o número do documento ({kind})?"


def confirm_document(fields: dict[str, str | None], *, is_known: bool, is_expired: bool) -> str:
    """Show what is going to be kept, and ask."""
    expires = fields["expires_on"]
    day = "sem validade" if expires is None else "validade " + "/".join(expires.split("-")[::-1])
    return (
        f"Vou guardar: {fields['document_type']}, número {fields['document_number']}, {day}"
        f"{' (já vencido)' if is_expired else ''}."
        + (" Atenção: você já guardou um documento igual a este." if is_known else "")
        + " Confirma? Responda “sim”, “não”, ou “voltar” para corrigir."
    )


def document_kept(document: Document) -> str:
    """Say that a document was kept."""
    expires = f", com validade até {as_day(document.expires_on)}" if document.expires_on else ""
    number = mask_number(document.document_number)
    return f"Pronto! Documento guardado: {document.document_type} {number}{expires}."


def ticket_opened(number: int) -> str:
    """Say that a person was asked for."""
    return f"Pronto: abri o chamado nº {number}. Um atendente vai responder em seus chamados."


def not_enough_room(detail: str) -> str:
    """Say why no more documents are kept."""
    return f"Não consegui guardar o documento. {detail}"
