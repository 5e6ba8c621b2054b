"""Reading what people type: commands, yes and no, numbers; all by rules, nothing learnt."""

import re
import unicodedata
from enum import Enum, StrEnum
from typing import Final

from praca.kit.text import bounded, fold

__all__ = [
    "Command",
    "Matter",
    "SmallTalk",
    "cleaned",
    "command_of",
    "is_declined",
    "is_question",
    "joined_digits",
    "masked",
    "plain",
    "small_talk_of",
    "yes_or_no",
]

_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_MOST_CHARS: Final = 2_000
# "2ª via" is what citizens ask for most; it chooses no option.
_SECOND_COPY: Final = re.compile(r"\d+\s*[ªºa°]?\s*via\b", re.IGNORECASE)
# A token with four digits or more, whatever stands between them.
_LONG_NUMBER: Final = re.compile(
    r"(?:\b[A-Za-z]{1,3}-?)?\d(?:[\s./\-–—_,]{0,3}\d){3,}(?:-?[A-Za-z]\b)?"
)
_QUESTION_WORDS: Final = frozenset(
    [
        "como",
        "onde",
        "qual",
        "quais",
        "quando",
        "quanto",
        "quanta",
        "quantos",
        "quantas",
        "quem",
        "que",
        "posso",
        "preciso",
        "tem",
        "existe",
        "aonde",
        "cade",
        "porque",
        "por",
    ]
)
_QUESTION_LEAST_WORDS: Final = 3
_DECLINED: Final = re.compile(
    r"(?:por favor )?nao (?:quero |vou |e para |era para |e pra |era pra |pode |precisa )?"
    r"(?:cancel|exclu|apag|encerr|bloque|guard|salv)"
)


class Command(StrEnum):
    """What interrupts at any step."""

    MENU = "menu"
    CANCEL = "cancelar"
    BACK = "voltar"
    LEAVE = "sair"
    HELP = "ajuda"
    HUMAN = "atendente"


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.replace("\n", " ").split("|"))


_COMMANDS: Final = {
    Command.MENU: _phrases(
        "menu|inicio|voltar ao menu|voltar pro menu|voltar para o menu|menu principal|opcoes"
        "|ver opcoes|ver menu|mostrar menu|recomecar|comecar de novo|comecar|voltar ao inicio"
        "|voltar pro inicio|menu por favor"
    ),
    Command.CANCEL: _phrases(
        "cancelar|cancela|cancele|cancelar isso|cancela isso|cancelar tudo|cancelar operacao"
        "|cancela tudo|deixa pra la|deixa para la|deixa|deixa quieto|esquece|esqueca|esquece isso"
        "|desisto|desistir|parar|pare|para|para tudo|abortar|nao quero mais|mudei de ideia"
    ),
    Command.BACK: _phrases("voltar|volta|volte|anterior|voltar atras|corrigir|voltar um passo"),
    Command.LEAVE: _phrases(
        "sair|tchau|xau|tchauzinho|adeus|ate logo|ate mais|ate breve|fim|encerrar|encerra|finalizar"
        "|encerrar conversa|encerrar atendimento|falou|flw|quero sair|bye|tchau obrigado"
        "|tchau obrigada|obrigado tchau|obrigada tchau|so isso obrigado|so isso obrigada|so isso"
        "|era so isso|era so isso obrigado|era so isso obrigada|valeu era so isso"
        "|obrigado era so isso|obrigada era so isso|so isso mesmo"
    ),
    Command.HELP: _phrases(
        "ajuda|socorro|help|me ajuda|me ajude|ajuda por favor|o que posso fazer"
        "|o que voce faz|como funciona|o que eu faco|nao entendi|nao sei|como assim"
        "|nao entendi nada"
    ),
    Command.HUMAN: _phrases(
        "atendente|humano|atendimento humano|falar com atendente|falar com um atendente"
        "|falar com uma atendente|falar com humano|falar com um humano|falar com pessoa"
        "|falar com uma pessoa|quero um atendente|quero atendente|quero um humano|uma pessoa"
        "|quero falar com atendente|quero falar com um atendente|quero falar com uma pessoa"
        "|quero falar com um humano|quero falar com alguem|falar com alguem|pessoa de verdade"
        "|pessoa real|me passa pra um atendente|chama um atendente|chamar atendente|operador"
        "|atendente por favor|suporte"
    ),
}
_COMMAND_OF: Final = {phrase: command for command, all_ in _COMMANDS.items() for phrase in all_}


class Matter(Enum):
    """What a person is asked to confirm."""

    CANCELLING = "cancelling"
    SAVING = "saving"
    TICKET = "ticket"


_YES: Final = _phrases(
    "sim|s|ss|isso|isso mesmo|claro|claro que sim|pode|pode sim|pode ser|confirmo|confirmar"
    "|confirmado|confirma|ok|okay|okey|certo|correto|exato|exatamente|positivo|uhum|aham|quero"
    "|quero sim|com certeza|beleza|blz|yes|y|ta certo|esta certo|esta correto|tudo certo"
    "|ta bom|esta bom|sim sim|sim por favor|por favor|sim pode|sim quero|sim confirmo|sim claro"
    "|sim senhor|sim senhora|sim obrigado|sim obrigada|sim isso|sim isso mesmo|sim quero sim"
    "|sim pode sim|bora|vai|manda ver|isso ai|eh|eh isso|e isso|perfeito|sin|sm|simm|concordo"
    "|aceito"
)
_NO: Final = _phrases(
    "nao|n|nn|nop|nops|no|nao quero|nao obrigado|nao obrigada|negativo|melhor nao|agora nao"
    "|nunca|jamais|de jeito nenhum|nem pensar|nao precisa|nao pode|nao confirmo|errado|ta errado"
    "|esta errado|nao nao|nao e isso|nao ta certo|nao esta certo|prefiro nao|por enquanto nao"
    "|ainda nao|depois|mais tarde|naum|nah|claro que nao|acho que nao|nao faca isso|nem|nao mesmo"
)
# What names the deed consents to that alone: "pode cancelar" is no yes to keeping a document.
_YES_TO: Final[dict[Matter | None, frozenset[str]]] = {
    Matter.CANCELLING: _phrases(
        "pode cancelar|sim pode cancelar|sim cancela|sim cancelar|sim cancele|pode cancelar sim"
        "|pode cancelar o cartao|sim pode cancelar o cartao|sim quero cancelar|quero cancelar"
        "|quero cancelar sim|sim cancele o cartao|sim cancela o cartao"
    ),
    Matter.SAVING: _phrases(
        "pode salvar|pode guardar|sim pode salvar|sim pode guardar|sim guarda|sim guardar"
        "|sim guarde|sim salva|sim salvar|sim salve|guarda|guarde|guardar|salva|salve|salvar"
    ),
    Matter.TICKET: _phrases(
        "pode abrir|sim abra|sim abre|sim abrir|sim pode abrir|abra|abre|abrir|pode abrir sim"
    ),
}
_NO_TO: Final[dict[Matter | None, frozenset[str]]] = {
    Matter.CANCELLING: _phrases(
        "nao cancela|nao cancele|nao cancelar|nao quero cancelar|nao cancele o cartao"
        "|nao cancela o cartao|nao quero cancelar o cartao|nao quero cancelar meu cartao"
    ),
    Matter.SAVING: _phrases(
        "nao salva|nao salve|nao salvar|nao guarda|nao guarde|nao guardar|nao quero guardar"
        "|nao quero salvar|pode cancelar|quero cancelar"
    ),
    Matter.TICKET: _phrases(
        "nao abra|nao abre|nao abrir|nao quero abrir|nao precisa abrir|pode cancelar|quero cancelar"
    ),
}


# Accents that are typed in Portuguese, by intent or mistake; marks that take nothing back; colours
# of hands, and the mark that asks for a coloured picture.
_HARMLESS: Final = frozenset(
    "\u0300\u0301\u0302\u0303\u0308\u0327"
    ".,;:!…'\"“”‘’()-–—"
    "👍👌👏🙏🤝💪🙌✅✔☑🙂😊😀😃😄😁😉😍🥰❤💙💚"
    "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff\ufe0f"
)


class SmallTalk(Enum):
    """What is said to a person rather than to a program."""

    GREETING = "greeting"
    THANKS = "thanks"
    MACHINE = "machine"


_SMALL_TALK: Final = {
    SmallTalk.GREETING: _phrases(
        "oi|ola|oie|oii|ei|opa|eai|e ai|alo|bom dia|boa tarde|boa noite|oi bom dia|oi boa tarde"
        "|oi boa noite|ola bom dia|ola boa tarde|ola boa noite|tudo bem|oi tudo bem|ola tudo bem"
        "|salve|hello|hi|hey|oi tudo bom|tudo bom|bom diaa|fala ai|bom dia tudo bem"
        "|boa tarde tudo bem|boa noite tudo bem|oi bom dia tudo bem|oi boa tarde tudo bem"
        "|ola tudo bom|oi como vai"
    ),
    SmallTalk.THANKS: _phrases(
        "obrigado|obrigada|obg|brigado|brigada|muito obrigado|muito obrigada|valeu|vlw|agradeco"
        "|obrigadao|valeu mesmo|show|legal|otimo|top|maravilha|tks|thanks|grato|grata"
    ),
    SmallTalk.MACHINE: _phrases(
        "voce e um robo|voce e robo|vc e um robo|vc e robo|e um robo|robo|voce e humano"
        "|vc e humano|voce e uma pessoa|vc e uma pessoa|voce e de verdade|voce e real"
        "|quem e voce|quem e vc|quem e vc|qual seu nome|qual o seu nome|qual e o seu nome"
        "|como voce se chama|voce e uma maquina|vc e uma maquina|estou falando com um robo"
        "|to falando com um robo|estou falando com uma pessoa|voce e um bot|vc e um bot"
        "|voce e uma ia|vc e uma ia|isso e um robo|tem alguem ai"
    ),
}
_SMALL_TALK_OF: Final = {phrase: kind for kind, all_ in _SMALL_TALK.items() for phrase in all_}


def cleaned(message: str) -> str:
    """Return the message without characters that cannot be seen; line breaks become blanks."""
    kept = (" " if char.isspace() else char for char in message)
    visible = (char for char in kept if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"})
    return "".join(visible).strip()


def plain(message: str) -> str:
    """Return folded words and numbers with one blank between; ``siiim!`` becomes ``sim``."""
    folded = fold(unicodedata.normalize("NFKC", bounded(message, _MOST_CHARS)))
    return _STRETCHED.sub(r"\1", _NOT_PLAIN.sub(" ", folded)).strip()


def command_of(message: str) -> Command | None:
    """Return the command that the whole message is; one within a sentence is none."""
    return _COMMAND_OF.get(plain(message))


def small_talk_of(message: str) -> SmallTalk | None:
    """Return what kind of small talk the whole message is."""
    return _SMALL_TALK_OF.get(plain(message))


def yes_or_no(message: str, matter: Matter | None = None) -> bool | None:
    """Return whether the message consents; None where it says neither, or both.

    Args:
        message: what was said.
        matter: what was asked; words for a deed mean that one alone. None: nothing was.

    Only whole messages count: what says more than yes is asked about again, before anything is
    done that cannot be undone. So is a yes that is struck out, crossed, asked back or followed by
    something in another script, which folding would take away.
    """
    words = plain(message)
    if message.startswith("👎") or words in _NO or words in _NO_TO.get(matter, ()):
        return False
    is_thumb = not words and message.startswith("👍")
    is_yes = is_thumb or words in _YES or words in _YES_TO.get(matter, ())
    return True if is_yes and _is_plainly_said(message) else None


def _is_plainly_said(message: str) -> bool:
    """Tell whether nothing but words, their accents, and harmless marks is in the message."""
    decomposed = unicodedata.normalize("NFKD", message).lower()
    return all(
        char.isspace() or "a" <= char <= "z" or "0" <= char <= "9" or char in _HARMLESS
        for char in decomposed
    )


def joined_digits(message: str) -> str:
    """Return all digits of the message in one, of any script, as system 3 chose options.

    The digits of "2ª via" are no choice.
    """
    digits = (char for char in _SECOND_COPY.sub(" ", message) if char.isdecimal())
    return "".join(str(unicodedata.decimal(char)) for char in digits)


def is_declined(message: str) -> bool:
    """Tell whether the message says that something is not to be done, like "não cancele"."""
    return _DECLINED.match(plain(message)) is not None


def is_question(message: str) -> bool:
    """Tell whether the message is worded as a question, whatever numbers are in it."""
    words = plain(message).split()
    if len([word for word in words if not word.isdigit()]) < _QUESTION_LEAST_WORDS:
        return False
    return message.rstrip().endswith("?") or words[0] in _QUESTION_WORDS


def masked(text: str) -> str:
    """Return ``text`` without numbers of four digits or more, however they are broken up."""
    return _LONG_NUMBER.sub("••••", unicodedata.normalize("NFKC", bounded(text, len(text))))
