"""Articles in files: one JSON object per line, in our own layout or in a city's.

Own layout: the members of an article (``key``, ``title``, ``summary``, …) under their own names.
Municipal layout: what the service catalogue of a large Brazilian city publishes (``titulo``,
``descricao``, ``etapas``, …), recognised by ``titulo``. Members that neither knows are kept with
the article and written again, so nothing is lost by way of Praça; an article that nobody changed
meanwhile is written as it came.
"""

import ast
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from praca.helpdesk.knowledge.content import (
    CONTENT,
    LISTS,
    TEXTS,
    ArticleDraft,
    Layout,
    RefusedFieldError,
    check_period,
    clean_items,
    clean_text,
)
from praca.helpdesk.records import Article

__all__ = [
    "LARGEST_LINE",
    "RefusedLineError",
    "own_draft",
    "parse_line",
    "read_lines",
    "write_line",
]

LARGEST_LINE: Final = 1024 * 1024
"""Bytes of one article in a file."""

_MUNICIPAL: Final[Mapping[str, str]] = {
    "key": "id",
    "title": "titulo",
    "summary": "resumo_web",
    "brief": "resumo_whatsapp",
    "body": "descricao",
    "steps": "etapas",
    "more": "informacoes_complementares",
    "cost": "custo_do_servico",
    "deadline": "prazo_esperado",
    "agency": "orgao_gestor",
}
"""What that layout calls our texts; the rest it calls as we do, if it has it."""
_LEVELS: Final = ("macro", "micro", "specific")
_OF_THE_BASE: Final = frozenset({"id", "version", "updated_at"})
"""Members of our own layout that the API shows and that are the base's, not the article's."""
_MOST_EXTRAS: Final = 100
_DEEPEST: Final = 20


class RefusedLineError(Exception):
    """A line holds no article.

    Attributes:
        line: its number, from 1.
        field: the member at fault; empty: the line as a whole.
        reason: in Portuguese.
        key: of the article, as far as it could be read.
    """

    def __init__(self, line: int, field: str, reason: str, key: str | None = None) -> None:
        where = f"linha {line}, {field}" if field else f"linha {line}"
        super().__init__(f"{where}: {reason}")
        self.line = line
        self.field = field
        self.reason = reason
        self.key = key


def read_lines(
    lines: Iterable[bytes], on_refused: Callable[[RefusedLineError], None] | None = None
) -> Iterator[ArticleDraft]:
    """Yield the article of each line; blank lines are passed over.

    Args:
        lines: of a file.
        on_refused: called with what is wrong with a line, which is then passed over; without it
            the first such line ends the reading.

    Raises:
        RefusedLineError: a line holds no article, or one whose key an earlier line has.
    """
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            draft = parse_line(text, number)
            _check_first(draft, number, seen)
        except RefusedLineError as error:
            if on_refused is None:
                raise
            on_refused(error)
        else:
            yield draft


def parse_line(line: bytes, number: int = 1) -> ArticleDraft:
    """Return the article that ``line``, the file's ``number``-th, holds.

    Raises:
        RefusedLineError: it holds none.
    """
    record = _record(line, number)
    is_municipal = "titulo" in record and "title" not in record
    try:
        return _municipal(record) if is_municipal else own_draft(record)
    except RefusedFieldError as error:
        key = record.get(_MUNICIPAL["key"] if is_municipal else "key")
        shown = key[:200] if isinstance(key, str) else None
        raise RefusedLineError(number, error.field, error.reason, shown) from None


def write_line(article: Article | ArticleDraft) -> bytes:
    """Return the article as one line of a file, in the layout that it came in."""
    draft = ArticleDraft.of(article) if isinstance(article, Article) else article
    record = _own_record(draft) if draft.layout is Layout.OWN else _municipal_record(draft)
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _check_first(draft: ArticleDraft, number: int, seen: dict[str, int]) -> None:
    first = seen.setdefault(draft.key, number)
    if first != number:
        raise RefusedLineError(number, "key", f"a chave já está na linha {first}", draft.key)


def _record(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > LARGEST_LINE:
        raise RefusedLineError(number, "", f"é maior que {LARGEST_LINE} bytes")
    try:
        # Not orjson: it makes floats of the integers beyond 64 bits that a file may hold.
        record = json.loads(line.decode(), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise RefusedLineError(number, "", "não está em UTF-8") from None
    except (ValueError, RecursionError):
        raise RefusedLineError(number, "", "não é JSON válido") from None
    if not isinstance(record, dict):
        raise RefusedLineError(number, "", "não é um objeto JSON")
    return record


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def own_draft(record: Mapping[str, Any]) -> ArticleDraft:
    """Return the article whose members in our own layout are ``record``.

    Raises:
        RefusedFieldError: one of them breaks a rule.
    """
    extras = {
        name: value
        for name, value in record.items()
        if name not in CONTENT and name not in _OF_THE_BASE
    }
    _check_extras(extras)
    texts: dict[str, Any] = {name: _text(record, name, name) for name in TEXTS}
    return ArticleDraft(**texts, **_rest(record), layout=Layout.OWN, extras=extras)


def _municipal(record: dict[str, Any]) -> ArticleDraft:
    _check_extras(record)
    texts: dict[str, Any] = {
        name: _text(record, name, theirs) for name, theirs in _MUNICIPAL.items()
    }
    rest = _rest(record | {"category": _levels(record.get("category"))})
    return ArticleDraft(**texts, **rest, layout=Layout.MUNICIPAL, extras=record)


def _text(record: Mapping[str, Any], name: str, theirs: str) -> str:
    value = record.get(theirs)
    if value is None:
        value = ""
    elif name == "key" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RefusedFieldError(theirs, "deve ser um texto")
    return clean_text(name, value, shown=theirs)


def _rest(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists and the days, which both layouts call alike."""
    lists = {name: clean_items(name, _items(record, name)) for name in LISTS}
    first, last = (_day(record, name) for name in ("valid_from", "valid_until"))
    check_period(first, last)
    return lists | {"valid_from": first, "valid_until": last}


def _items(record: Mapping[str, Any], name: str) -> list[str]:
    value = record.get(name)
    if value is None or value == "":
        return []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise RefusedFieldError(name, "deve ser uma lista de textos")
    return values


def _day(record: Mapping[str, Any], name: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RefusedFieldError(name, "deve ser uma data como 2026-12-31") from None


def _levels(value: Any) -> Any:
    """Return a category as a list: that layout has a text there, which is a dict in Python."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        if len(value) > LARGEST_LINE // 100:
            raise RefusedFieldError("category", "é longa demais")
        try:
            value = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise RefusedFieldError("category", "não pode ser lida") from None
    if isinstance(value, dict):
        return [value[name] for name in _LEVELS if value.get(name)]
    return value


def _check_extras(extras: Mapping[str, Any]) -> None:
    """Refuse what no database keeps, or what could not be written again."""
    if len(extras) > _MOST_EXTRAS:
        raise RefusedFieldError("", f"tem mais de {_MOST_EXTRAS} campos")
    for name, value in extras.items():
        if not _can_be_kept(name, 0) or not _can_be_kept(value, 0):
            shown = name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000")
            raise RefusedFieldError(shown[:100], "tem um valor que não pode ser guardado")


def _can_be_kept(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(_can_be_kept(one, depth + 1) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return all(_can_be_kept(one, depth + 1) for one in value)
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _own_record(draft: ArticleDraft) -> dict[str, Any]:
    content = draft.content()
    record = {
        name: _plain(value)
        for name, value in content.items()
        if value or name in {"key", "title"}  # what is empty need not be there
    }
    return record | dict(draft.extras)


def _municipal_record(draft: ArticleDraft) -> dict[str, Any]:
    """Return the members as they came, those written anew that were changed since."""
    record = dict(draft.extras)
    before = _municipal(record).content()
    for name, value in draft.content().items():
        if value != before[name]:
            theirs = _MUNICIPAL.get(name, name)
            record[theirs] = _category(value) if name == "category" else _plain(value)
    return record


def _category(levels: tuple[str, ...]) -> Any:
    """Return a category as that layout spells it; as a list if it has more levels than that."""
    if len(levels) > len(_LEVELS):
        return list(levels)
    return str(dict(zip(_LEVELS, levels, strict=False)))
