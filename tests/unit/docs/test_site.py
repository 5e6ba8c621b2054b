"""The site is built without a warning, and loads nothing from another host."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from tools.sequence import drawn

_ROOT = Path(__file__).parents[3]
_LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
_FAR = re.compile(r"(?:https?:)?//(?!127\.0\.0\.1)[\w.-]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    answer = subprocess.run(  # noqa: S603  # our own documents
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=_ROOT,
        # The theme's advertisement for its successor is no warning of ours.
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "WARNING" not in answer.stderr
    return folder


def _trees(site: Path) -> Iterator[tuple[str, LexborHTMLParser]]:
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        yield name, LexborHTMLParser(page.read_text(encoding="utf-8"))


def test_every_page_is_there_and_loads_nothing_from_elsewhere(site: Path) -> None:
    names = set()
    for name, tree in _trees(site):
        names.add(name)
        for tag, attribute in _LOADED.items():
            for node in tree.css(tag):
                address = node.attributes.get(attribute) or ""
                assert not _FAR.match(address), f"{name} loads {address}"
        for style in tree.css("style, [style]"):
            assert "url(" not in (style.html or ""), name
        assert not tree.css(".mermaid"), f"{name} would load Mermaid"
    written = {page.relative_to(_ROOT / "docs") for page in (_ROOT / "docs").rglob("*.md")}
    assert {page.with_suffix(".html").as_posix() for page in written} <= names
    beside = {"readme", "leia-me", "contributing", "changes", "benchmarks"}
    assert {f"project/{page}.html" for page in beside} <= names


def test_style_sheets_and_pictures_load_nothing_from_elsewhere(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text
        assert not re.search(r"url\(['\"]?(?:https?:)?//", text), sheet
    for picture in site.rglob("*.svg"):
        assert "href=" not in picture.read_text(encoding="utf-8"), picture


def test_every_picture_says_in_words_what_it_shows(site: Path) -> None:
    shown = 0
    for name, tree in _trees(site):
        for node in tree.css("article img"):
            assert len(node.attributes.get("alt") or "") > 20, name
            shown += 1
        for node in tree.css("figure.sequence svg"):
            assert "→" in (node.attributes.get("aria-label") or ""), name
            shown += 1
    assert shown >= 4


def test_links_that_leave_the_folder_lead_to_pages_of_the_site(site: Path) -> None:
    pages = dict(_trees(site))
    links = {node.attributes.get("href"): node for node in pages["project/readme.html"].css("a")}
    assert {"../tutorials/citizen.html", "contributing.html", "leia-me.html"} <= set(links)
    # A file that is no page of the site is named, and leads nowhere.
    assert "LICENSE" not in links
    begin = {node.attributes.get("href") for node in pages["index.html"].css("article a")}
    assert {"project/readme.html", "project/benchmarks.html"} <= begin


def test_both_languages_can_be_searched(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    assert index["config"]["lang"] == ["en", "pt"]
    assert any("livro-razão" in entry["text"] for entry in index["docs"])
    assert (site / "assets/javascripts/lunr/min/lunr.pt.min.js").exists()


@pytest.mark.parametrize("text", ["flowchart TD\n a --> b", "sequenceDiagram\n loop x"])
def test_a_picture_that_cannot_be_drawn_stops_the_build(text: str) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        drawn(text)
