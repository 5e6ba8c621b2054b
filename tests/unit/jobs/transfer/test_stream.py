import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.jobs.transfer import BrokenFileError, open_plain_or_gzip
from praca.jobs.transfer import stream as module
from praca.jobs.transfer.stream import Unreadable, iter_members

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
FILES = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES)


class Dripping(io.BytesIO):
    """Gives a few bytes at a time, however many are asked for."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, _size: int | None = -1) -> bytes:
        return super().read(self._step)


def members(raw: bytes, step: int = 7) -> dict[str, Any]:
    return {member.key_text(): member.parse() for member in iter_members(Dripping(raw, step))}


@given(FILES, st.integers(1, 40), st.sampled_from([None, 2, 4]), st.booleans())
def test_the_members_are_those_of_the_whole_file_wherever_it_is_cut(
    content: dict[str, Any], step: int, indent: int | None, ascii_only: bool
) -> None:
    raw = json.dumps(content, indent=indent, ensure_ascii=ascii_only).encode()
    assert members(raw, step) == content


@given(FILES, st.data())
def test_a_truncated_file_is_broken(content: dict[str, Any], data: st.DataObject) -> None:
    raw = json.dumps(content).encode()
    short = raw[: data.draw(st.integers(0, len(raw) - 1))]
    with pytest.raises(BrokenFileError):
        members(short)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_json_does_or_refused(raw: bytes) -> None:
    try:
        expected = json.loads(raw.decode("utf-8-sig"), parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        expected = None
    if isinstance(expected, dict):
        assert members(raw) == expected
    else:
        with pytest.raises(BrokenFileError):
            members(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"  ", b"[]", b'"x"', b"{", b'{"1"}', b'{"1":}', b'{"1":{}', b'{"1":{}}x', b"{1:{}}",
     b'{"1":{},}', b'{"1":{]}', b'{"1":NaN}', b'{"1":{"a":"\xff"}}', b'{"1":{"a":"\n"}}',
     b"\x1f\x8b nonsense"],
)  # fmt: skip
def test_what_is_no_object_of_records_is_broken(raw: bytes) -> None:
    with pytest.raises(BrokenFileError, match="Nada foi alterado"):
        members(raw)


def test_repeated_keys_come_as_often_as_they_stand() -> None:
    found = list(iter_members(io.BytesIO(b'{"1":{},"1":{"a":1}}')))
    assert [member.key for member in found] == [b'"1"', b'"1"']
    assert [found[1].offset, found[1].parse()] == [12, {"a": 1}]


def test_half_a_surrogate_pair_spoils_neither_the_file_nor_its_neighbours() -> None:
    raw = rb'{"1":{"a":"\ud800"},"2":{"a":"\udc00"},"3":{"a":"ok"}}'
    assert [value["a"] for value in members(raw).values()] == ["\ud800", "\udc00", "ok"]


def test_what_is_json_but_unreadable_is_told_apart() -> None:
    raw = b'{"1":%s,"2":{"n":%s}}' % (b"[" * 50_000 + b"]" * 50_000, b"9" * 5000)
    assert all(isinstance(value, Unreadable) for value in members(raw, 9999).values())


def test_a_record_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_MEMBER", 1000)
    with pytest.raises(BrokenFileError, match="grande demais"):
        members(b'{"1":"' + b"x" * 10_000, 100)


@pytest.mark.parametrize("raw", [b"%s", b"{%s", b'{"1"%s', b'{"1":{}%s', b'{"1":{}}%s'])
def test_blanks_without_end_are_refused(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(module, "LARGEST_MEMBER", 1000)
    with pytest.raises(BrokenFileError, match="espaço em branco demais"):
        members(raw % (b" \n" * 10_000), 100)


@pytest.mark.parametrize("packed", [True, False])
def test_gzip_is_told_by_its_first_bytes(tmp_path: Path, packed: bool) -> None:
    raw = b'{"1":{}}'
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    with open_plain_or_gzip(path) as source:
        assert source.read() == raw
    with open_plain_or_gzip(io.BytesIO(path.read_bytes())) as source:
        assert source.read() == raw


def test_a_short_gzip_is_broken() -> None:
    raw = gzip.compress(b'{"1":{"a":"' + bytes(range(65, 90)) * 50 + b'"}}')[:-20]
    with pytest.raises(BrokenFileError), open_plain_or_gzip(io.BytesIO(raw)) as source:
        list(iter_members(source))


def test_an_empty_stream_opens() -> None:
    with open_plain_or_gzip(io.BytesIO()) as source:
        assert source.read() == b""
