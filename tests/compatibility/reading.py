"""Whether an answer holds what the old client reads of it.

A member is named by its way from the top: ``data[].nome`` is that of every item of a list, of which
there must be one at least; ``*`` is every member of an object; an empty way is the whole answer.
What it is:

* a type: ``int``, ``str``, ``float``, ``number``, ``bool``, ``object``, ``list``, ``null``,
  ``uuid``; with ``?`` also null;
* ``today``: the day in Brasília as ``dd-mm-YYYY``, or the one before, as a walk may pass midnight;
* ``empty``: a list or an object with nothing in it;
* after ``=`` the very text, number or truth; after ``~`` a text that holds this one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.compatibility.facts import spelled_out

from praca.kit.clock import today_in_brasilia

__all__ = ["taken", "unread"]

_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "str": (str,),
    "float": (float,),
    "number": (int, float),
    "bool": (bool,),
    "object": (dict,),
    "list": (list,),
    "null": (type(None),),
}


def unread(body: Any, members: Mapping[str, str]) -> list[str]:
    """Return what the client would miss, one sentence each."""
    wrong = []
    for way, kind in spelled_out(members):
        try:
            found = list(_follow(body, way))
        except LookupError as error:
            wrong.append(f"{way or 'the answer'}: {error}")
            continue
        wrong += [
            f"{way or 'the answer'}: {value!r:.80} is no {kind}"
            for value in found
            if not _is(value, kind)
        ]
    return wrong


def taken(body: Any, way: str) -> Any:
    """Return the first that the way leads to."""
    return next(_follow(body, way))


def _follow(body: Any, way: str) -> Iterator[Any]:
    step, _, rest = way.partition(".")
    if step == "*":
        if not isinstance(body, dict) or not body:
            raise LookupError("it is no object with members")
        for member in body.values():
            yield from _follow(member, rest) if rest else [member]
        return
    name, is_list = step.removesuffix("[]"), step.endswith("[]")
    if name:
        if not isinstance(body, dict) or name not in body:
            raise LookupError(f"no member {name!r}")
        body = body[name]
    if not is_list:
        yield from _follow(body, rest) if rest else [body]
        return
    if not isinstance(body, list) or not body:
        raise LookupError(f"{name or 'it'} is no list with items")
    for item in body:
        yield from _follow(item, rest) if rest else [item]


def _is(value: Any, kind: str) -> bool:
    if kind.startswith("="):
        return bool(value == kind[1:] or _as_json(value) == kind[1:])
    if kind.startswith("~"):
        return isinstance(value, str) and kind[1:] in value
    if kind.endswith("?"):
        return value is None or _is(value, kind[:-1])
    if isinstance(value, bool) and kind != "bool":
        return False
    return _OTHERS[kind](value) if kind in _OTHERS else isinstance(value, _TYPES[kind])


def _is_uuid(value: Any) -> bool:
    try:
        return bool(str(UUID(value)) == value)
    except (AttributeError, TypeError, ValueError):
        return False


def _is_today(value: Any) -> bool:
    today = today_in_brasilia()
    return value in {f"{today - timedelta(days=days):%d-%m-%Y}" for days in (0, 1)}


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_OTHERS: dict[str, Callable[[Any], bool]] = {
    "empty": lambda value: value in ([], {}),
    "today": _is_today,
    "uuid": _is_uuid,
}
