"""The judge of the scraper's benchmarks: it must see what is lost, made up, changed or doubled."""

from pathlib import Path

import orjson
import pytest
from benchmarks.scraping.catalogue import differences, expected, from_json_lines

from praca.library.bookshop import make_books

URL = "http://127.0.0.1:1/"


def test_a_faithful_copy_differs_in_nothing(tmp_path: Path) -> None:
    wanted = expected(make_books(30), URL)
    file = tmp_path / "books.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in wanted.values()))
    assert len(wanted) == 30
    assert differences(from_json_lines(file), wanted) == []


def test_every_field_counts() -> None:
    wanted = expected(make_books(3), URL)
    upc = sorted(wanted)[1]
    for field in wanted[upc]:
        found = {**wanted, upc: {**wanted[upc], field: "other"}}
        assert [it.split(":")[0] for it in differences(found, wanted)] == [upc], field


def test_lost_and_made_up_books_are_told() -> None:
    wanted = expected(make_books(3), URL)
    one, *_ = wanted
    found = {upc: row for upc, row in wanted.items() if upc != one} | {"x": wanted[one]}
    assert differences(found, wanted) == [f"{one} is lost", "x is not the shop's"]


def test_a_book_that_is_there_twice_is_told(tmp_path: Path) -> None:
    rows = [*expected(make_books(2), URL).values()]
    file = tmp_path / "books.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in [*rows, rows[0]]))
    with pytest.raises(ValueError, match="twice"):
        from_json_lines(file)
