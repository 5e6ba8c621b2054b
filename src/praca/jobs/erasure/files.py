"""Takes people out of the job centre's files: imports and exports alike.

A file is cut along its records, as an import does. Those of others are copied byte by byte.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO, Final
from uuid import uuid4

import orjson

from praca.jobs.transfer.errors import BrokenFileError, RejectedRecordError
from praca.jobs.transfer.records import record_code
from praca.jobs.transfer.stream import Member, Unreadable, iter_members, open_plain_or_gzip
from praca.platform.objects import ObjectStore

__all__ = ["FOLDERS", "SCRATCH", "clean_file"]

FOLDERS: Final = ("raw", "exports")
SCRATCH: Final = "cleaning"
_VACANCY_SECTIONS: Final = {"perfil_vaga", "perfil", "beneficios"}


def clean_file(objects: ObjectStore, key: str, codes: frozenset[int]) -> bool:
    """Take the records of ``codes`` out of one file; leave one alone that holds none of them.

    Returns:
        Whether there were any.

    Raises:
        BrokenFileError: it is not one whole JSON object, so nobody can tell what it holds.
    """
    with closing(objects.open(key)) as stored:
        source = open_plain_or_gzip(stored)
        is_packed = isinstance(source, gzip.GzipFile)
        if all(kept is member.value for member, kept in _members(source, codes)):
            return False
    # Under another name first: half a file must never stand where a whole one was.
    scratch = f"{SCRATCH}/{uuid4().hex}"
    with closing(objects.open(key)) as stored, objects.writer(scratch) as sink:
        pieces = _rewritten(open_plain_or_gzip(stored), codes)
        if is_packed:
            with gzip.GzipFile(fileobj=sink, mode="wb", filename="", mtime=0) as packed:
                for piece in pieces:
                    packed.write(piece)
        else:
            for piece in pieces:
                sink.write(piece)
    objects.copy(scratch, key)
    objects.delete(scratch)
    return True


def _rewritten(source: BinaryIO, codes: frozenset[int]) -> Iterator[bytes]:
    before = b"{\n"
    for member, kept in _members(source, codes):
        if kept is not None:
            yield before + member.key + b": " + kept
            before = b",\n"
    yield b"\n}\n" if before == b",\n" else b"{}\n"


def _members(source: BinaryIO, codes: frozenset[int]) -> Iterator[tuple[Member, bytes | None]]:
    """Yield each record with what stays of it: the very same bytes, fewer, or none."""
    spellings = [str(code).encode() for code in codes]
    for member in iter_members(source):
        if any(code in member.key or code in member.value for code in spellings):
            yield member, _without(member, codes)
        else:
            yield member, member.value


def _without(member: Member, codes: frozenset[int]) -> bytes | None:
    value = member.parse()
    if isinstance(value, Unreadable):
        return None if _is_one_of(member.key_text(), codes) else member.value
    if not isinstance(value, dict) or _is_vacancy(value):
        return member.value
    if isinstance(value.get("prospects"), list):
        others = [each for each in value["prospects"] if not _applied(each, codes)]
        if len(others) == len(value["prospects"]):
            return member.value
        return _dumped(value | {"prospects": others})
    basic = value.get("infos_basicas")
    inside = basic.get("codigo_profissional") if isinstance(basic, dict) else None
    is_theirs = _is_one_of(member.key_text(), codes) or _is_one_of(inside, codes)
    return None if is_theirs else member.value


def _dumped(value: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits
        return json.dumps(value, indent=2).encode()


def _is_vacancy(value: dict[str, Any]) -> bool:
    """Tell whether a record is a vacancy's, whose code may be the number of a candidate's."""
    basic = value.get("infos_basicas")
    return bool(_VACANCY_SECTIONS & value.keys()) or (
        isinstance(basic, dict) and "titulo_vaga" in basic
    )


def _applied(application: Any, codes: frozenset[int]) -> bool:
    if not isinstance(application, dict):
        return False
    return any(_is_one_of(application.get(name), codes) for name in ("codigo", "codigo_candidato"))


def _is_one_of(value: Any, codes: frozenset[int]) -> bool:
    try:
        return record_code(value, "codigo") in codes
    except (RejectedRecordError, BrokenFileError):
        return False
