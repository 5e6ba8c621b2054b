"""Files as people upload them."""

import io
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from reportlab.pdfgen import canvas

CANARY = "CANARIO-7F3A"
GPS_IFD, ORIENTATION, DESCRIPTION = 0x8825, 0x0112, 0x010E


def jpeg(width: int = 60, height: int = 40) -> bytes:
    """A photograph lying on its side, with place, description and comment, and a tail."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[DESCRIPTION] = CANARY
    exif.get_ifd(GPS_IFD).update({1: "S", 2: (23.0, 32.0, 51.0), 3: "W", 4: (46.0, 38.0, 10.0)})
    target = io.BytesIO()
    picture = Image.effect_noise((width, height), 60).convert("RGB")
    picture.save(target, "JPEG", exif=exif, comment=CANARY.encode())
    return target.getvalue() + f"<html>{CANARY}</html>".encode()


def png() -> bytes:
    """A picture with transparency and a text beside it."""
    notes = PngInfo()
    notes.add_text("Comment", CANARY)
    target = io.BytesIO()
    Image.new("RGBA", (50, 30), (10, 20, 30, 0)).save(target, "PNG", pnginfo=notes)
    return target.getvalue()


def png_bomb(side: int = 30_000) -> bytes:
    """A few kilobytes that would be 900 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return len(content).to_bytes(4) + kind + content + check.to_bytes(4)

    header = side.to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(bytes(1_000_000), 9)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def pdf(text: str = "RG 12.345.678-9", *, pages: int = 1, password: str | None = None) -> bytes:
    """A plain PDF."""
    target = io.BytesIO()
    drawn = canvas.Canvas(target, pageCompression=1, encrypt=password)
    for _ in range(pages):
        drawn.drawString(100, 700, text)
        drawn.showPage()
    drawn.save()
    return target.getvalue()


def pdf_that_does(action: str, *further: str) -> bytes:
    """A PDF whose catalogue holds ``action``, and ``further`` objects, written by hand."""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {action} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *further,
    ]
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    return content + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
