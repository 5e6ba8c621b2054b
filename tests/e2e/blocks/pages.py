"""The pages of the documents, and the fenced blocks in them."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BLOCKS", "PAGES", "ROOT", "Block", "blocks_of", "of"]

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    ]
)
_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block; ``before`` is the one that stands before it on the page."""

    page: str
    number: int
    language: str
    text: str
    before: "Block | None" = None

    def __str__(self) -> str:
        return f"{self.page}:{self.number}:{self.language or 'text'}"

    def commands(self) -> list[str]:
        """Return the lines of a shell block; one line is one command."""
        lines = [line.strip() for line in self.text.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]


def blocks_of(page: str, text: str) -> list[Block]:
    """Return the blocks of a page in their order."""
    blocks: list[Block] = []
    for number, (language, body) in enumerate(_FENCE.findall(text), start=1):
        blocks.append(Block(page, number, language, body, blocks[-1] if blocks else None))
    return blocks


BLOCKS = [
    block
    for page in PAGES
    for block in blocks_of(page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8"))
]


def of(*languages: str) -> list[Block]:
    """Return the blocks of all pages that are of one of these languages."""
    return [block for block in BLOCKS if block.language in languages]
