"""The pages of the reference are those that the code makes."""

import pytest
from tools.reference import FOLDER, pages


def test_every_page_of_the_reference_is_made() -> None:
    assert {page.name for page in FOLDER.iterdir()} == set(pages())


@pytest.mark.parametrize("name", ["api.md", "cli.md", "errors.md", "settings.md"])
def test_the_reference_is_fresh(name: str) -> None:
    # Stale? `uv run python -m tools.reference` writes it anew.
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]
