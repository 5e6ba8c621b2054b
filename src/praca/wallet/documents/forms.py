"""Multipart bodies with one file, which is never written to a disk on its way."""

from typing import Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from praca.kit.errors import FieldError
from praca.platform.errors import InvalidRequestError
from praca.platform.web import media_type

__all__ = ["UploadedForm", "read_form"]

_MOST_FIELDS: Final = 20
_LONGEST_FIELD: Final = 4096
_LONGEST_NAME: Final = 255
_UNREADABLE: Final = "O formulário não pôde ser lido."


class _InMemory(MultiPartParser):
    """Keeps files in memory, as large as a body may be: the disk would have them in the plain."""

    spool_max_size = 2**62


class UploadedForm:
    """The file, its name without folders, and the other fields."""

    def __init__(self, fields: dict[str, str], name: str, content: bytes) -> None:
        self.fields = fields
        self.name = name
        self.content = content


async def read_form(request: Request) -> UploadedForm:
    """Read a multipart body with one file called ``file``.

    Raises:
        InvalidRequestError: the body is none, or lacks the file.
    """
    if media_type(request) != "multipart/form-data":
        raise _invalid("form_invalid", "O corpo deve ser multipart/form-data.")
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError):
        raise _invalid("form_invalid", _UNREADABLE) from None
    try:
        found = form.get("file")
        if not isinstance(found, UploadFile):
            raise _invalid("missing", "Campo obrigatório: envie o arquivo.", "file")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return UploadedForm(fields, _plain_name(found.filename), await found.read())
    finally:
        await form.close()


def _plain_name(name: str | None) -> str:
    """Return the last part of a name, as a browser may send a whole path, fit to be shown."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip()
    return shown.encode("utf-8", "ignore").decode()[-_LONGEST_NAME:] or "documento"


def _invalid(kind: str, text: str, *where: str) -> InvalidRequestError:
    return InvalidRequestError([FieldError(("body", *where), text, kind)])
