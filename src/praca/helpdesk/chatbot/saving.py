"""Keeping a document: its type, its number, when it expires, and whether all that is right."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from praca.helpdesk.chatbot import documents, texts
from praca.helpdesk.chatbot.state import Flow, State
from praca.helpdesk.chatbot.turns import KeepDocument, Turn, Wallet, unclear
from praca.helpdesk.chatbot.wording import Matter, yes_or_no
from praca.kit.clock import today_in_brasilia
from praca.wallet import DocumentCreate

__all__ = ["CONFIRM", "NOT_TOLD", "NUMBER", "TYPE", "back", "begin", "hear"]

TYPE: Final = "type"
NUMBER: Final = "number"
DATE: Final = "date"
CONFIRM: Final = "confirm"
_BEFORE: Final = {NUMBER: TYPE, DATE: NUMBER, CONFIRM: DATE}
_MOST_COMPARED: Final = 200
NOT_TOLD: Final = "(número do documento)"
"""Stands in the transcript for what was said where a number was asked for."""
_NOT_SHOWN: Final = "(dados do documento) Confirma?"


def begin(state: State, message: str) -> Turn:
    """Begin; the type may be named in ``message``."""
    kind = documents.type_named_in(message)
    if kind is None:
        return Turn(texts.WHICH_TYPE, state.at(Flow.SAVE_DOCUMENT, TYPE))
    return _ask(state.at(Flow.SAVE_DOCUMENT, NUMBER, document_type=kind))


async def hear(state: State, message: str, wallet: Wallet) -> Turn:
    """Go on with ``message``."""
    if state.step == TYPE:
        return _hear_type(state, message)
    if state.step == NUMBER:
        return _hear_number(state, message)
    if state.step == DATE:
        return await _hear_date(state, message, wallet)
    return _decide(state, message)


def back(state: State) -> Turn | None:
    """Go back a step; None if this is the first."""
    before = _BEFORE.get(state.step)
    return None if before is None else _ask(state.at(Flow.SAVE_DOCUMENT, before))


def _ask(state: State) -> Turn:
    asked = {
        TYPE: texts.WHICH_TYPE,
        NUMBER: texts.which_number(state.data.get("document_type", "")),
        DATE: texts.WHICH_DATE,
    }
    return Turn(asked[state.step], state)


def _hear_type(state: State, message: str) -> Turn:
    kind = documents.read_type(message)
    if kind is None:
        return unclear(state, texts.NO_TYPE)
    return _ask(state.at(Flow.SAVE_DOCUMENT, NUMBER, document_type=kind))


def _hear_number(state: State, message: str) -> Turn:
    number, problem = documents.read_number(state.data["document_type"], message)
    if number is None:
        return replace(unclear(state, problem), said=NOT_TOLD)
    return replace(_ask(state.at(Flow.SAVE_DOCUMENT, DATE, document_number=number)), said=NOT_TOLD)


async def _hear_date(state: State, message: str, wallet: Wallet) -> Turn:
    day = None if documents.is_no_date(message) else documents.read_date(message)
    if day is None and not documents.is_no_date(message):
        if documents.is_impossible_date(message):
            return Turn(texts.IMPOSSIBLE_DATE, state)  # understood well enough
        return unclear(state, texts.NO_DATE)
    expires = None if day is None else day.isoformat()
    fields = state.data | {"expires_on": expires}
    text = texts.confirm_document(
        fields, is_known=await _is_known(fields, wallet), is_expired=_is_past(day)
    )
    asked = state.at(Flow.SAVE_DOCUMENT, CONFIRM, expires_on=expires, question=text)
    return Turn(text, asked, told=_NOT_SHOWN)


async def _is_known(data: dict[str, Any], wallet: Wallet) -> bool:
    kept, _ = await wallet.documents(_MOST_COMPARED)
    named = (data["document_type"], data["document_number"])
    return any((one.document_type, one.document_number) == named for one in kept)


def _is_past(day: date | None) -> bool:
    return day is not None and day < today_in_brasilia()


def _decide(state: State, message: str) -> Turn:
    decided = yes_or_no(message, Matter.SAVING)
    if decided is None:
        again = unclear(state, f"{texts.NEITHER}\n{state.data['question']}")
        return replace(again, told=_NOT_SHOWN)
    if not decided:
        return Turn(texts.DOCUMENT_DROPPED, state.at_menu())
    try:  # by the same rules as a document that comes over the API
        body = DocumentCreate.model_validate(
            {name: state.data[name] for name in ("document_type", "document_number", "expires_on")}
        )
    except ValidationError:
        return Turn(texts.DOCUMENT_REFUSED, state.at_menu())
    return Turn("", state.at_menu(), effect=KeepDocument(body.model_dump()))
