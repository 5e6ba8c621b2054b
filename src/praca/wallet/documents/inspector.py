"""Looks into one file, in a process of its own; see ``inspection`` for who starts it.

It is given the limits as JSON in its first argument and the file on its standard input. It answers
one line of JSON, and after it the file as it is to be kept and its thumbnail. Pictures and PDFs of
strangers are what decoders have most of their holes for: this process holds no secret and no
connection, may use so much memory and time and no more, and nobody minds if it dies.
"""

import io
import json
import re
import resource
import sys
import warnings
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageFile, ImageOps

__all__ = ["Kept", "Limits", "RefusedError", "inspected"]

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
PDF: Final = "application/pdf"
THUMBNAIL: Final = 320
"""Longest side of a thumbnail, in pixels."""

_MAGIC: Final = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_CPU_S: Final = 20
_MEMORY: Final = 1536 * 1024 * 1024
# Names in a PDF that start a program, run a script, or carry another file.
_ACTIVE: Final = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm|XFA|GoToE|Rendition)"
    rb"(?![A-Za-z0-9])"
)
_STREAM: Final = re.compile(rb">>\s*stream\r?\n.*?endstream", re.DOTALL)
_PLAIN_MODES: Final = frozenset({"1", "L", "LA", "RGB", "RGBA", "I;16"})


class RefusedError(Exception):
    """The file is not kept; the message is the reason's code."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most."""

    pixels: int
    pages: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it is to be kept."""

    media_type: str
    content: bytes
    thumbnail: bytes


def inspected(content: bytes, limits: Limits) -> Kept:
    """Find out what ``content`` is; return it without what a picture tells beside the picture.

    Raises:
        RefusedError: it is none of the three kinds, broken, too large, or a PDF that does things.
    """
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            look = _pdf if media_type == PDF else _picture
            return look(content, media_type, limits)
    raise RefusedError("type")


def _picture(content: bytes, media_type: str, limits: Limits) -> Kept:
    kind = "JPEG" if media_type == JPEG else "PNG"
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if opened.width * opened.height > limits.pixels:
                raise RefusedError("pixels")
            opened.load()
            # Made anew from its pixels: place, device, time, comments and what hides behind the
            # picture's end are not taken along. How it is to be turned is applied.
            clean = _bare(ImageOps.exif_transpose(opened), kind)
            content = _encoded(clean, kind, opened)
    except Image.DecompressionBombError as error:
        raise RefusedError("pixels") from error
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError) as error:
        raise RefusedError("broken") from error
    return Kept(media_type, content, _thumbnail(clean))


def _bare(picture: Image.Image, kind: str) -> Image.Image:
    mode = picture.mode
    if "transparency" in picture.info:
        mode = "RGBA"
    elif kind == "JPEG":
        mode = "L" if mode == "L" else "RGB"
    elif mode not in _PLAIN_MODES:
        mode = "RGB"
    bare = picture.copy() if mode == picture.mode else picture.convert(mode)
    bare.info = {}
    return bare


def _encoded(picture: Image.Image, kind: str, source: ImageFile.ImageFile) -> bytes:
    options: dict[str, Any] = {"optimize": False}
    if kind == "JPEG":
        # With the tables it came with, it loses next to nothing and keeps its size.
        tables = getattr(source, "quantization", None)
        usable = tables and source.mode in {"L", "RGB"}
        options = {"qtables": tables} if usable else {"quality": 92}
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture
    if small.mode == "I;16":
        small = small.point(lambda value: value / 256).convert("L")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    if small.mode in {"LA", "RGBA"}:
        ground = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(ground, small.convert("RGBA"))
    target = io.BytesIO()
    small.convert("L" if small.mode in {"1", "L"} else "RGB").save(target, "JPEG", quality=80)
    return target.getvalue()


def _pdf(content: bytes, media_type: str, limits: Limits) -> Kept:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD
        raise RefusedError("locked" if locked else "broken") from error
    try:
        if not 0 < len(document) <= limits.pages:
            raise RefusedError("pages")
        _check_quiet(document)
        return Kept(media_type, content, _thumbnail(_first_page(document)))
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        raise RefusedError("broken") from error
    finally:
        document.close()


def _check_quiet(document: pypdfium2.PdfDocument) -> None:
    """Refuse a PDF that would do more than be read.

    The library writes it out anew, every object in the plain, every name spelled the usual way:
    in that copy nothing hides from a search. What is kept is the file as it came, because a
    signature in it holds for those bytes only.
    """
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        raise RefusedError("active")
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        raise RefusedError("active")
    copy = io.BytesIO()
    document.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    if _ACTIVE.search(_STREAM.sub(b"", copy.getvalue())):
        raise RefusedError("active")


def _first_page(document: pypdfium2.PdfDocument) -> Image.Image:
    page = document[0]
    longest = max(page.get_size())
    if not 0 < longest < float("inf"):
        raise RefusedError("broken")
    rendered = page.render(scale=THUMBNAIL / longest, may_draw_forms=False)
    picture: Image.Image = rendered.to_pil()
    return picture.convert("RGB")


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to nothing but its pipe
    if sys.platform == "linux":  # elsewhere the limit counts what is only reserved
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> None:
    """Look into the file on standard input."""
    limits = Limits(**json.loads(sys.argv[1]))
    content = sys.stdin.buffer.read()
    _confine()
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("ignore")  # the limit itself is checked
    try:
        kept = inspected(content, limits)
    except RefusedError as error:
        answer: dict[str, Any] = {"refused": str(error)}
        parts: tuple[bytes, ...] = ()
    except MemoryError:
        answer, parts = {"refused": "pixels"}, ()
    else:
        answer = {"media_type": kept.media_type, "size": len(kept.content)}
        parts = (kept.content, kept.thumbnail)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(parts))


if __name__ == "__main__":
    main()
