"""What MkDocs is told beyond ``mkdocs.yml``: pages beside ``docs/``, their order, pictures.

Links are written so that they lead somewhere in the repository. On the site those to pages are
turned, wherever the page lies, and what is no page (a script, a file of settings) loses its link.
"""

import posixpath
import re
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.sequence import drawn

__all__ = ["on_config", "on_files", "on_page_markdown"]

_ROOT: Final = Path(__file__).parents[1]
_BESIDE: Final = {
    "README.md": "project/readme.md",
    "README.pt-BR.md": "project/leia-me.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "benchmarks/README.md": "project/benchmarks.md",
}
"""Pages that lie where everybody looks for them, and where the site has them."""
_SECTIONS: Final = {
    "Tutorials": "tutorials",
    "How to": "howto",
    "Reference": "reference",
    "Explanations": "explain",
    "Decisions": "adr",
}
_FIRST: Final = {
    "tutorials": ["citizen.md", "recruiter.md", "librarian.md", "operator.md", "engineer.md"],
    "explain": ["security.md", "lgpd.md", "personal-data.md", "encryption.md"],
}
"""What comes before the others of its folder; those are in the order of their names."""
_AMONG: Final = {
    "Reference": ["compatibility.md"],
    "Explanations": ["architecture.md"],
}
"""Pages of ``docs/`` itself that belong to a section."""
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]*)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Say the order of the pages, so that a new one needs no line of its own."""
    sections = {
        title: [*_AMONG.get(title, []), *_of_folder(folder)] for title, folder in _SECTIONS.items()
    }
    nav: list[Any] = [{"Praça": "index.md"}]
    nav += [{title: pages} for title, pages in sections.items() if pages]
    config.nav = [*nav, {"Project": list(_BESIDE.values())}]
    return config


def _of_folder(folder: str) -> list[str]:
    names = sorted(page.name for page in (_ROOT / "docs" / folder).glob("*.md"))
    first = [name for name in _FIRST.get(folder, []) if name in names]
    return [f"{folder}/{name}" for name in [*first, *sorted(set(names) - set(first))]]


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie beside ``docs/``."""
    for source, address in _BESIDE.items():
        text = (_ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, address, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links, and draw the pictures that are written as text."""
    del config
    here = page.file.src_uri
    sources = {address: source for source, address in _BESIDE.items()}
    folder = posixpath.dirname(sources.get(here, f"docs/{here}"))
    parts = []
    end = 0
    for fence in _FENCE.finditer(markdown):
        parts += [_turned(markdown[end : fence.start()], folder, here, files), _shown(fence)]
        end = fence.end()
    return "".join([*parts, _turned(markdown[end:], folder, here, files)])


def _shown(fence: re.Match[str]) -> str:
    return drawn(fence[2]) if fence[1] == "mermaid" else fence[0]


def _turned(text: str, folder: str, here: str, files: Files) -> str:
    def turn(link: re.Match[str]) -> str:
        bang, label, target, anchor = link[1], link[2], link[3], link[4] or ""
        if not target or ":" in target:
            return link[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        address = _BESIDE.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(address) is None:
            # A page that is missing is a mistake, and MkDocs says so.
            return link[0] if path.startswith("docs/") or bang else label
        return f"{bang}[{label}]({posixpath.relpath(address, posixpath.dirname(here))}{anchor})"

    return _LINK.sub(turn, text)
