"""Files of strangers: what they are, what of them is kept, and those that are refused."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.integration.wallet_documents import uploads

from praca.platform.settings import DocumentSettings
from praca.wallet.documents.errors import DocumentFileRefusedError, DocumentFileTooLargeError
from praca.wallet.documents.inspection import Inspection
from praca.wallet.documents.inspector import Limits, RefusedError, inspected

LIMITS = Limits(pixels=1_000_000, pages=3)
SCRIPT, STREAM = "<< /S /JavaScript /JS (x) >>", "<< /Length 3 >>\nstream\nq Q\nendstream"


def test_of_a_photograph_only_the_picture_is_kept_upright() -> None:
    before = uploads.jpeg(60, 40)
    with Image.open(io.BytesIO(before)) as picture:
        assert picture.getexif().get_ifd(uploads.GPS_IFD)[1] == "S"
    kept = inspected(before, LIMITS)
    assert kept.media_type == "image/jpeg"
    assert uploads.CANARY.encode() not in kept.content
    assert b"<html>" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (40, 60)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photograph_looks_the_same() -> None:
    target = io.BytesIO()
    picture = Image.radial_gradient("L").convert("RGB")
    picture.save(target, "JPEG", quality=80)
    kept = inspected(target.getvalue(), LIMITS)
    with Image.open(io.BytesIO(kept.content)) as again, Image.open(target) as first:
        apart = [abs(a - b) for a, b in zip(again.tobytes(), first.tobytes(), strict=True)]
    assert max(apart) <= 8
    assert len(kept.content) < 1.1 * len(target.getvalue())


def test_a_drawing_keeps_its_transparency_and_loses_its_notes() -> None:
    kept = inspected(uploads.png(), LIMITS)
    assert kept.media_type == "image/png"
    assert uploads.CANARY.encode() not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.getpixel((0, 0)) == (10, 20, 30, 0)
        assert picture.info == {}
    with Image.open(io.BytesIO(kept.thumbnail)) as small:
        assert small.convert("L").tobytes()[0] > 250  # on white


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_has_a_thumbnail(mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (900, 300)).save(target, "PNG")
    kept = inspected(target.getvalue(), LIMITS)
    with Image.open(io.BytesIO(kept.thumbnail)) as small:
        assert small.format == "JPEG"
        assert small.size == (320, 107)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_is_kept(mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (90, 30)).save(target, "JPEG")
    with Image.open(io.BytesIO(inspected(target.getvalue(), LIMITS).content)) as picture:
        assert picture.size == (90, 30)


def test_a_pdf_is_kept_as_it_is_with_a_picture_of_its_first_page() -> None:
    content = uploads.pdf()
    kept = inspected(content, LIMITS)
    assert (kept.media_type, kept.content) == ("application/pdf", content)
    with Image.open(io.BytesIO(kept.thumbnail)) as small:
        assert max(small.size) == 320
        assert min(small.convert("L").tobytes()) < 128  # something is written on it


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "type"),
        (b"<html><script>alert(1)</script></html>", "type"),
        (b"GIF89a" + bytes(100), "type"),
        (b"MZ%PDF-1.7", "type"),
        (b"<!-- -->%PDF-1.7", "type"),
        (uploads.jpeg()[:500], "broken"),
        (uploads.png()[:60], "broken"),
        (b"\xff\xd8\xff" + bytes(5000), "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5000), "broken"),
        (b"%PDF-1.7\n" + bytes(5000), "broken"),
        (uploads.pdf()[:200], "broken"),
        (uploads.png_bomb(), "pixels"),
        (uploads.pdf(pages=4), "pages"),
        (uploads.pdf(password="segredo"), "locked"),
        (uploads.pdf_that_does("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "active"),
        (uploads.pdf_that_does("/OpenAction << /S /#4aavaScript /J#53 (x) >>"), "active"),
        (uploads.pdf_that_does("/OpenAction << /S /Launch /F (cmd.exe) >>"), "active"),
        (uploads.pdf_that_does("/AcroForm << /Fields [] /XFA 3 0 R >>"), "active"),
        (uploads.pdf_that_does("/AA << /WC << /S /GoToE /F (x) >> >>"), "active"),
        # A name or a text that looks like the beginning of a stream hides nothing behind it.
        *(
            (uploads.pdf_that_does("/Zq 4 0 R /OpenAction 5 0 R", trick, SCRIPT, STREAM), "active")
            for trick in ("/stream", "(>>stream\n)", "/>>stream", "[<</A 1>>/stream]")
        ),
        (uploads.pdf_that_does("/AA << /WC << /S /SubmitForm /F (http://x) >> >>"), "active"),
        (
            uploads.pdf_that_does("/Names << /EmbeddedFiles << /Names [(a) << >>] >> >>"),
            "active",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=f"^{reason}$"):
        inspected(content, LIMITS)


def test_a_quiet_pdf_written_by_hand_is_not_refused() -> None:
    kept = inspected(uploads.pdf_that_does("/PageMode /UseNone"), LIMITS)
    assert kept.media_type == "application/pdf"


async def test_another_process_looks_into_files() -> None:
    inspection = Inspection(DocumentSettings(document_max_bytes=100_000))
    kept = await inspection.inspect(uploads.jpeg())
    assert kept.media_type == "image/jpeg"
    with Image.open(io.BytesIO(kept.thumbnail)) as small:
        assert small.size == (40, 60)
    with pytest.raises(DocumentFileRefusedError) as refused:
        await inspection.inspect(uploads.png_bomb())
    assert refused.value.extra == {"motivo": "pixels"}
    with pytest.raises(DocumentFileTooLargeError):
        await inspection.inspect(bytes(100_001))


async def test_a_file_that_kills_its_reader_is_a_broken_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reader = tmp_path / "reader"
    reader.write_text("#!/bin/sh\nkill -SEGV $$\n")
    reader.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(reader))
    with pytest.raises(DocumentFileRefusedError) as refused:
        await Inspection(DocumentSettings()).inspect(uploads.pdf())
    assert refused.value.extra == {"motivo": "broken"}
