"""All errors of the house: their shape, their status, their row in docs/reference/errors.md."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import praca
from praca.kit.errors import DomainError, ErrorKind
from praca.platform.web import EDGE_CODES, STATUS_OF_KIND

_PAGE = Path(__file__).parents[3] / "docs/reference/errors.md"
_ROW = re.compile(r"^\| `([^`]+)` \| (\d{3}|–) \| (.+) \|$", re.MULTILINE)
_ENGLISH_WORDS = re.compile(
    r"\b(the|is|are|not|found|and|or|required|invalid|with|without|provided|must|already|exists"
    r"|request|file|too|unavailable|error|has|have|of|to|in)\b"
)


def subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("praca."):
            yield child
        yield from subclasses(child)


@pytest.fixture(scope="module")
def errors() -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(praca.__path__, "praca."):
        if not module.name.endswith("__main__") and ".versions." not in module.name:
            importlib.import_module(module.name)
    return sorted(set(subclasses(DomainError)), key=lambda error: error.__name__)


def is_english(text: str) -> bool:
    return bool(_ENGLISH_WORDS.search(text.lower()))


def test_codes_are_unique_and_snake_case(errors: list[type[DomainError]]) -> None:
    codes = [error.code for error in errors]
    assert len(errors) > 25
    assert sorted(set(codes)) == sorted(codes)
    assert not set(codes) & set(EDGE_CODES)
    for error in errors:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", error.code), error
        assert "code" in vars(error), f"{error.__name__} has the code of its parent"
        assert "kind" in vars(error), f"{error.__name__} has the kind of its parent"
        assert error.title, error
        assert error.title != DomainError.title, error
        assert error.__doc__, error


def test_details_are_portuguese_sentences(errors: list[type[DomainError]]) -> None:
    for error in errors:
        example = error.example()
        assert example.detail[0].isupper(), error
        assert not is_english(example.detail), example.detail
        for field in example.errors:
            assert not is_english(field.msg), field.msg


@pytest.mark.parametrize("text", ["No JSON data was found", "File not found", "Invalid token"])
def test_english_is_noticed(text: str) -> None:
    assert is_english(text)


def test_every_kind_has_a_status() -> None:
    assert set(STATUS_OF_KIND) == set(ErrorKind)
    assert all(400 <= status < 600 for status in STATUS_OF_KIND.values())
    assert len(set(STATUS_OF_KIND.values())) == len(ErrorKind)


def test_every_code_is_documented_with_its_status(errors: list[type[DomainError]]) -> None:
    rows = _ROW.findall(_PAGE.read_text(encoding="utf-8"))
    expected = {error.code: int(STATUS_OF_KIND[error.kind]) for error in errors}
    expected |= {code: int(status) for code, status in EDGE_CODES.items()}
    never_sent = {code for code, status, _ in rows if status == "–"}
    assert [code for code, _, _ in rows] == sorted(expected)
    for code, status, when in rows:
        assert len(when) > 10, code
        if code not in never_sent:
            assert int(status) == expected[code], code
    # Only tasks raise these: they end in a task's `error`, or in the log.
    assert never_sent == {
        "broken_file",
        "cluster_unavailable",
        "model_artifact_invalid",
        "not_enough_books",
        "not_enough_training_data",
        "scrape_failed",
    }
