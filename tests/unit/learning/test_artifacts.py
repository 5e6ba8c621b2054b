import io
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.kit.errors import ErrorKind
from praca.learning.artifacts import (
    MANIFEST,
    ArtifactError,
    array_from_bytes,
    array_to_bytes,
    json_from_bytes,
    pack,
    verify,
)

WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
FILES = {"a.json": b"{}", "b.npy": array_to_bytes(np.arange(3.0))}


def packed(**changes: bytes) -> dict[str, bytes]:
    files = pack(
        FILES, name="match", version="v1", created_at=WHEN, metrics={"auc": 0.9}, params={"k": 1}
    )
    return files | changes


def test_round_trip() -> None:
    artifact = verify(packed())
    assert artifact.files == FILES
    assert artifact.manifest.name == "match"
    assert artifact.manifest.created_at == WHEN.isoformat()
    assert artifact.manifest.metrics == {"auc": 0.9}
    assert packed() == packed()


def edited(**changes: object) -> bytes:
    return orjson.dumps(orjson.loads(packed()[MANIFEST]) | changes)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "manifesto"),
        (packed() | {"a.json": b"[]"}, "não confere"),
        (packed() | {"a.json": b"{ }"}, "tamanho"),
        ({k: v for k, v in packed().items() if k != "a.json"}, "Faltam"),
        (packed() | {"c.bin": b""}, "inesperados"),
        (packed() | {MANIFEST: b"nonsense"}, "JSON"),
        (packed() | {MANIFEST: b"[1]"}, "objeto"),
        (packed() | {MANIFEST: edited(format=2)}, "versão"),
        (packed() | {MANIFEST: edited(name=3)}, "incompleto"),
        (packed() | {MANIFEST: edited(files={"a.json": 1})}, "incompleto"),
        (packed() | {MANIFEST: edited(created_at="ontem")}, "incompleto"),
        (packed() | {MANIFEST: b" " * (1 << 20) + b"{}"}, "grande"),
        (packed() | {f"f{n}": b"" for n in range(200)}, "demais"),
    ],
)
def test_whatever_disagrees_is_refused(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(ArtifactError, match=words) as refused:
        verify(files)
    assert refused.value.kind is ErrorKind.UNAVAILABLE


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/b", "..", ".hidden", "a\\b", "a\0", "", "a" * 101, "a\n", "C:a"]
)
def test_a_name_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(ArtifactError, match="nome"):
        verify(packed() | {name: b""})
    with pytest.raises(ArtifactError, match="nome"):
        pack({name: b""}, name="m", version="1", created_at=WHEN)


def test_limits() -> None:
    with pytest.raises(ArtifactError, match="grande"):
        verify(packed(), max_file_bytes=10)
    with pytest.raises(ArtifactError, match="grande"):
        verify(packed(), max_total_bytes=100)


def test_pack_refuses_a_naive_time_and_a_second_manifest() -> None:
    with pytest.raises(ValueError, match="time zone"):
        pack({}, name="m", version="1", created_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ArtifactError, match="manifesto"):
        pack(packed(), name="m", version="1", created_at=WHEN)


@given(st.integers(0, len(packed()["b.npy"]) - 1), st.integers(1, 255))
def test_one_flipped_byte_is_noticed(at: int, flip: int) -> None:
    content = bytearray(packed()["b.npy"])
    content[at] ^= flip
    with pytest.raises(ArtifactError, match="não confere"):
        verify(packed() | {"b.npy": bytes(content)})


@pytest.mark.parametrize(
    "array", [np.arange(6.0).reshape(2, 3), np.zeros((0, 4), np.float32), np.array([], np.int64)]
)
def test_arrays_round_trip(array: np.ndarray) -> None:
    again = array_from_bytes(array_to_bytes(array), array.dtype.type, (None,) * array.ndim)
    np.testing.assert_array_equal(again, array)
    assert not again.flags.writeable


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an array",
        pickled(),
        array_to_bytes(np.arange(3)),
        array_to_bytes(np.arange(3.0))[:-1],
        array_to_bytes(np.arange(3.0)) + b"x",
        array_to_bytes(np.zeros((3, 1))),
        array_to_bytes(np.arange(4.0)),
        array_to_bytes(np.arange(3.0)).replace(b"(3,)", b"(9,)"),
        array_to_bytes(np.arange(3.0)).replace(b"(3,), }", b"(10**9"),
    ],
)
def test_other_arrays_are_refused(content: bytes) -> None:
    with pytest.raises(ArtifactError):
        array_from_bytes(content, np.float64, (3,))


def test_objects_are_not_written() -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        array_to_bytes(np.array([{}], dtype=object))


def test_json_must_be_an_object() -> None:
    assert json_from_bytes(b'{"a": 1}') == {"a": 1}
    with pytest.raises(ArtifactError):
        json_from_bytes(b"")
