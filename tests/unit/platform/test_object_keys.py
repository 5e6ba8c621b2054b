import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.platform.objects import InvalidObjectKeyError, ObjectStore, checked_key
from praca.platform.settings import ObjectSettings, SettingsError


@pytest.mark.parametrize(
    "key", ["a", "exports/vagas.json", "a..b/.c/...", "ação/1 2.txt", "a#b", "#1a"]
)
def test_plain_keys_pass(key: str) -> None:
    assert checked_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "..\\a",
        "a\x00b",
        "a\nb",
        "x" * 1001,
        "ã" * 501,
        "a/" + "x" * 256,
        "a/" + "ã" * 128,
        "a\x7fb",
        "a\ud800b",
        "a.json#1",
        "a#1/b",
    ],
)
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidObjectKeyError):
        checked_key(key)


@given(st.lists(st.sampled_from(["a", "..", ".", "", "/", "\\", "b"]), max_size=6))
def test_no_key_leaves_the_folder(parts: list[str]) -> None:
    root = Path("/root-of-store")
    with contextlib.suppress(InvalidObjectKeyError):
        target = root / checked_key("/".join(parts))
        assert root in target.parents
        assert ".." not in target.parts


def test_every_call_checks_its_key(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"1")
    store = ObjectStore(ObjectSettings(objects_url=None), tmp_path)
    bad = "../outside"
    for call in (store.open, store.size, store.read, store.writer, store.delete):
        with pytest.raises(InvalidObjectKeyError):
            call(bad)
    with pytest.raises(InvalidObjectKeyError):
        store.write(bad, b"2")
    with pytest.raises(InvalidObjectKeyError):
        store.copy("a", bad)
    with pytest.raises(InvalidObjectKeyError):
        store.copy(bad, "a")
    with pytest.raises(InvalidObjectKeyError):
        list(store.keys(".."))
    assert (tmp_path / "outside").read_bytes() == b"1"


@pytest.mark.parametrize("url", ["ftp://host/x", "s3://", "https://bucket"])
def test_other_kinds_of_stores_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PRACA_OBJECTS_URL"):
        ObjectStore(ObjectSettings(objects_url=url), tmp_path)
