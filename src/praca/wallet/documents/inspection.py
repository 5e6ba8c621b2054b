"""Has files looked into, each by a process of its own, a few at a time."""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from typing import Final

import structlog

from praca.platform.settings import DocumentSettings
from praca.wallet.documents.errors import DocumentFileRefusedError, DocumentFileTooLargeError

__all__ = ["Inspected", "Inspection"]

_log = structlog.get_logger("praca.documents")
_PROGRAM: Final = "praca.wallet.documents.inspector"
_AT_A_TIME: Final = 2
_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file as it is to be kept, and a small picture of it."""

    media_type: str
    content: bytes
    thumbnail: bytes


class Inspection:
    """Finds out what a file is, by what is in it, and makes its thumbnail.

    Args:
        settings: how large, wide and long files may be.
    """

    def __init__(self, settings: DocumentSettings) -> None:
        self._max_bytes = settings.document_max_bytes
        limits = {"pixels": settings.document_max_pixels, "pages": settings.document_max_pages}
        self._limits = json.dumps(limits)
        self._free = asyncio.Semaphore(_AT_A_TIME)

    async def inspect(self, content: bytes) -> Inspected:
        """Return the file without what a picture tells beside the picture.

        Raises:
            DocumentFileTooLargeError: it has too many bytes.
            DocumentFileRefusedError: it is no PDF, JPEG or PNG, or broken, or does things.
        """
        if len(content) > self._max_bytes:
            raise DocumentFileTooLargeError(self._max_bytes)
        async with self._free:
            answer = await self._answer(content)
        head, _, rest = answer.partition(b"\n")
        told = json.loads(head or b'{"refused": "broken"}')  # nothing, if it died
        if "refused" in told:
            raise DocumentFileRefusedError(told["refused"])
        return Inspected(told["media_type"], rest[: told["size"]], rest[told["size"] :])

    async def _answer(self, content: bytes) -> bytes:
        # An empty environment: what a decoder could be made to tell has no secret in it.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", _PROGRAM, self._limits),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(_SECONDS):
                answer, _ = await process.communicate(content)
        except TimeoutError:
            _log.warning("documents.inspection_too_long", seconds=_SECONDS)
            return b""
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode == 0:
            return answer
        # A file made it die; if every file does, something is wrong with the installation.
        _log.warning("documents.inspection_died", exit_code=process.returncode)
        return b""
