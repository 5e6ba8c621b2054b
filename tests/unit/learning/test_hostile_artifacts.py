"""Artefacts made to harm are refused, with one error, in bounded memory, and run nothing."""

import hashlib
import io
import pickle
import struct
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest

from praca.jobs.matching.blocks import Block
from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import (
    MANIFEST,
    ArtifactError,
    array_from_bytes,
    array_to_bytes,
    json_from_bytes,
    pack,
    verify,
)

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
MOST_BYTES = 64 << 20
STATE = "match-model.json"


class Bomb:
    """Unpickling it fails the test."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was loaded",)


def npy(header: str, data: bytes = b"", magic: bytes = b"\x93NUMPY\x01\x00") -> bytes:
    """Return a .npy file with this header, padded as numpy pads it."""
    text = header.encode("latin1")
    return magic + struct.pack("<H", len(text) + 1) + text + b"\n" + data


def shaped(shape: str, data: bytes = b"", descr: str = "<f8", fortran: str = "False") -> bytes:
    return npy(f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}", data)


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)
    return buffer.getvalue()


WHOLE = array_to_bytes(np.arange(3.0))
ARRAYS: dict[str, bytes] = {
    "nothing": b"",
    "a pickle": pickle.dumps(Bomb()),
    "a pickle in an object array": objects(),
    "objects declared": shaped("(3,)", bytes(24), descr="|O"),
    "code for a shape": shaped("__import__('os').system('true')", bytes(24)),
    "code for a header": npy("__import__('os').system('true')"),
    "a call in the header": npy("dict(descr='<f8', fortran_order=False, shape=(3,))", bytes(24)),
    "a shape beyond int64": shaped("(18446744073709551617,)", bytes(24)),
    "a product beyond int64": shaped("(4294967296, 4294967296, 4)", bytes(24)),
    "a product that wraps to the size": shaped("(3, 6148914691236517206)", bytes(24)),
    "a negative length": shaped("(-3,)", bytes(24)),
    "two negative lengths": shaped("(-3, -1)", bytes(24)),
    "ten terabytes": shaped("(1374389534720,)", bytes(24)),
    "a length that is no number": shaped("('3',)", bytes(24)),
    "a length that is a bool": shaped("(True,)", bytes(8)),
    "a fraction of a length": shaped("(3.0,)", bytes(24)),
    "a shape that is a list": shaped("[3]", bytes(24)),
    "Fortran order": shaped("(2, 2)", bytes(32), fortran="True"),
    "an order that is no bool": shaped("(3,)", bytes(24), fortran="1"),
    "other numbers": shaped("(3,)", bytes(12), descr="<f4"),
    "big-endian numbers": shaped("(3,)", bytes(24), descr=">f8"),
    "a structure": npy(
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }", bytes(24)
    ),
    "text": shaped("(3,)", bytes(24), descr="<U2"),
    "an unknown type": shaped("(3,)", bytes(24), descr="<q99"),
    "a missing key": npy("{'descr': '<f8', 'shape': (3,), }", bytes(24)),
    "a surplus key": npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'x': 1, }", bytes(24)
    ),
    "version 2": WHOLE.replace(b"\x01\x00", b"\x02\x00", 1),
    "version 9": WHOLE.replace(b"\x01\x00", b"\x09\x00", 1),
    "a header that is longer than the file": WHOLE[:8] + b"\xff\xff" + WHOLE[10:],
    "deeply nested brackets": npy("[" * 9_000 + "]" * 9_000),
    "deeply nested minus signs": npy("-" * 9_000 + "1"),
    "a number of ten thousand digits": shaped(f"({'9' * 9_000},)"),
    "nothing behind the header": WHOLE[:-24],
    "trailing bytes": WHOLE + b"\0",
    "trailing pickle": WHOLE + pickle.dumps(Bomb()),
    "a zip of arrays": b"PK\x03\x04" + bytes(60),
}


def refused(load: Callable[[], object]) -> str:
    """Return the error of an artefact; fail on any other, and if much memory was taken."""
    tracemalloc.start()
    try:
        with pytest.raises(ArtifactError) as error:
            load()
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    assert refused(lambda: array_from_bytes(ARRAYS[name], np.float64, (3,)))


def test_arrays_cut_anywhere() -> None:
    for at in range(len(WHOLE)):
        refused(lambda at=at: array_from_bytes(WHOLE[:at], np.float64, (3,)))  # type: ignore[misc]


def test_arrays_changed_anywhere_never_fail_in_another_way() -> None:
    for at in range(len(WHOLE) - 24):
        for value in (0, 39, 40, 45, 57, 255):
            changed = WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :]
            try:
                found = array_from_bytes(changed, np.float64, (3,))
            except ArtifactError:
                continue
            np.testing.assert_array_equal(found, np.arange(3.0))


DOCUMENTS: dict[str, bytes] = {
    "nothing": b"",
    "a pickle": pickle.dumps(Bomb()),
    "no object": b"[]",
    "cut": b'{"a": 1',
    "trailing": b"{} {}",
    "deeply nested lists": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deeply nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "an infinite exponent": b'{"a": 1e99999}',
    "bytes that are no text": b'{"a": "\xff\xfe"}',
    "half a surrogate": b'{"a": "\\ud800"}',
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice within": b'{"x": [{"a": 1, "b": 2, "a": 2}]}',
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str) -> None:
    assert refused(lambda: json_from_bytes(DOCUMENTS[name]))


FILES = {"a.json": b"{}", "b.npy": WHOLE}
PACKED = pack(FILES, name="match", version="1", created_at=WHEN)


def manifest(**changes: object) -> dict[str, bytes]:
    return PACKED | {MANIFEST: orjson.dumps(orjson.loads(PACKED[MANIFEST]) | changes)}


def entry(**changes: object) -> dict[str, bytes]:
    entries = orjson.loads(PACKED[MANIFEST])["files"]
    return manifest(files=entries | {"a.json": entries["a.json"] | changes})


def renamed(name: str) -> dict[str, bytes]:
    """Return an artefact whose manifest and files agree on a name that no file may have."""
    entries = orjson.loads(PACKED[MANIFEST])["files"]
    entries[name] = entries.pop("a.json")
    files = {k: v for k, v in PACKED.items() if k != "a.json"}
    text = orjson.dumps(orjson.loads(PACKED[MANIFEST]) | {"files": entries})
    return files | {name: b"{}", MANIFEST: text}


NAMES = [
    "../a.json",
    "..",
    ".",
    "/etc/passwd",
    "a/b.json",
    "a\\b.json",
    "..\\a",
    "C:\\a",
    "C:a",
    "\\\\host\\a",
    "a\0.json",
    "a.json\n",
    "a.json ",
    " a.json",
    "a..json",
    "a.",
    ".hidden",
    "\u2024\u2024\u2215a",
    "\uff0e\uff0e\uff0fa",
    "a\u202ejson.",
    "a\u200b.json",
    "ａ.json",
    "-rf",
    "~",
    "$(id)",
    "%2e%2e%2fa",
    "CON",
    "nul.json",
    "Aux.npy",
    "com1",
    "LPT9.json",
    "a" * 101,
]
ARTEFACTS: dict[str, dict[str, bytes]] = {
    "no file": {},
    "no manifest": FILES,
    "a manifest that is a pickle": PACKED | {MANIFEST: pickle.dumps(Bomb())},
    "a manifest of two megabytes": PACKED | {MANIFEST: b" " * (2 << 20) + b"{}"},
    "a manifest nested deeply": PACKED | {MANIFEST: b"[" * 90_000 + b"]" * 90_000},
    "a manifest with a key twice": PACKED
    | {MANIFEST: PACKED[MANIFEST].replace(b"{", b'{"format": 1, ', 1)},
    "ten thousand files": PACKED | {f"f{n}": b"" for n in range(10_000)},
    "ten thousand files in the manifest": manifest(
        files={f"f{n}": {"size": 0, "sha256": ""} for n in range(10_000)}
    ),
    "a file too many": PACKED | {"c.npy": b""},
    "a file too few": {name: PACKED[name] for name in ("a.json", MANIFEST)},
    "other bytes": PACKED | {"a.json": b"[]"},
    "a wrong hash": entry(sha256="0" * 64),
    "a hash in capitals": entry(sha256=hashlib.sha256(b"{}").hexdigest().upper()),
    "half a hash": entry(sha256=hashlib.sha256(b"{}").hexdigest()[:32]),
    "an empty hash": entry(sha256=""),
    "no hash": manifest(files={"a.json": {"size": 2}, "b.npy": {"size": len(WHOLE)}}),
    "a hash that is a number": entry(sha256=1),
    "a hash of another kind": entry(sha256=hashlib.sha512(b"{}").hexdigest()),
    "a wrong size": entry(size=3),
    "a negative size": entry(size=-2),
    "a size beyond int64": entry(size=2.0**80),
    "a size that is text": entry(size="dois"),
    "a fraction of a size": entry(size=2.5),
    "format 0": manifest(format=0),
    "format true": manifest(format=True),
    "figures that are no numbers": manifest(metrics={"auc": "bom"}),
    "figures that are lists": manifest(metrics=[1, 2]),
    "a time without a zone": manifest(created_at="2026-01-02T00:00:00"),
    "a name of another type": manifest(name={"match": 1}),
    "files that are a list": manifest(files=["a.json", "b.npy"]),
} | {f"name {name[:12]!r}": renamed(name) for name in NAMES}


@pytest.mark.parametrize("name", ARTEFACTS)
def test_artefacts(name: str) -> None:
    assert refused(lambda: verify(ARTEFACTS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_such_names_are_not_written_either(name: str) -> None:
    assert refused(lambda: pack({name: b""}, name="m", version="1", created_at=WHEN))


def test_a_file_that_grows_too_large() -> None:
    assert refused(lambda: verify(PACKED, max_file_bytes=len(WHOLE) - 1))
    assert refused(lambda: verify(PACKED, max_total_bytes=len(WHOLE)))


@pytest.fixture(scope="module")
def model() -> MatchModel:
    trades = ("java spring sql", "triagem vacina curativo", "fiscal balanco sped")
    people = [CandidateProfile(codigo=n, titulo=trades[n % 3], cv=trades[n % 3]) for n in range(40)]
    offers = [VacancyProfile(codigo=n, titulo=trades[n % 3]) for n in range(20)]
    pairs = [Pair(n, (n % 3) + 3 * (n % 6)) for n in range(40)]
    return MatchModel(dimensions=3).fit(people, offers, pairs)


def test_the_honest_model_and_index_are_read(model: MatchModel) -> None:
    again = MatchModel.from_files(model.to_files())
    assert again.fingerprint == model.fingerprint
    assert len(CandidateIndex.from_files(index_of(model).to_files(), again)) == 3


Path = tuple[str | int, ...]


def changed(document: Any, path: Path, value: object) -> Any:
    """Return a JSON document with one value set."""
    if not path:
        return value
    head, *rest = path
    copy = document.copy()
    copy[head] = changed(document[head], tuple(rest), value) if rest else value
    return copy


STATES: dict[str, tuple[Path, object]] = {
    "another format": (("format",), 99),
    "no parameters": (("params",), None),
    "a parameter that is unknown": (("params",), {"seed": 1, "exec": "import os"}),
    "a prior beyond 1": (("params", "prior"), 7),
    "a prior that is text": (("params", "prior"), "0.2"),
    "a coefficient that is null": (("scorer", "coef", 0), None),
    "a coefficient that is text": (("scorer", "coef", 0), "nan"),
    "an infinite coefficient": (("scorer", "coef", 0), "inf"),
    "a coefficient too many": (("scorer", "coef"), [0.0] * 40),
    "coefficients in rows": (("scorer", "coef"), [[0.0]] * 18),
    "a negative scale": (("scorer", "scale", 0), -1.0),
    "a scale of zero": (("scorer", "scale", 0), 0),
    "a scale that vanishes": (("scorer", "scale", 0), 1e-320),
    "a coefficient near the largest": (("scorer", "coef", 0), 1e308),
    "an intercept that is text": (("scorer", "intercept"), "nan"),
    "other features": (("scorer", "features"), ["sexo"]),
    "no mean length": (("encoder", "mean_length"), 0),
    "a negative mean length": (("encoder", "mean_length"), -5.0),
    "a mean length that is text": (("encoder", "mean_length"), "nan"),
    "a skill beyond the vocabulary": (("encoder", "skills"), [10**9]),
    "a negative skill": (("encoder", "skills"), [-1]),
    "a skill beyond int64": (("encoder", "skills"), [2.0**70]),
    "half a skill": (("encoder", "skills"), [0.5]),
    "terms out of order": (("encoder", "vocabulary", "terms"), ["b", "a"]),
    "a term twice": (("encoder", "vocabulary", "terms"), ["a", "a"]),
    "terms that are numbers": (("encoder", "vocabulary", "terms"), [1, 2]),
    "terms that are text": (("encoder", "vocabulary", "terms"), "abc"),
    "a frequency below zero": (("encoder", "vocabulary", "document_frequency", 0), -5),
    "a frequency beyond the documents": (("encoder", "vocabulary", "document_frequency", 0), 10**9),
    "a frequency beyond int64": (("encoder", "vocabulary", "document_frequency", 0), 2.0**70),
    "fewer frequencies than terms": (("encoder", "vocabulary", "document_frequency"), [1]),
    "documents below zero": (("encoder", "vocabulary", "documents"), -1),
    "a negative hash space": (("encoder", "vocabulary", "hash_space"), -7),
    "a hash space beyond int64": (("encoder", "vocabulary", "hash_space"), 2.0**70),
    "an encoder that is a list": (("encoder",), []),
    "a scorer that is text": (("scorer",), "x"),
    "figures that are a list": (("metrics",), [1]),
    "dimensions that are text": (("encoder", "dimensions"), "many"),
}


@pytest.mark.parametrize("name", STATES)
def test_model_states(model: MatchModel, name: str) -> None:
    files = model.to_files()
    document = changed(orjson.loads(files[STATE]), *STATES[name])
    assert refused(lambda: MatchModel.from_files(files | {STATE: orjson.dumps(document)}))


def broken_components(model: MatchModel) -> Iterator[bytes]:
    components = model.encoder_.lsa_.components_
    yield from ARRAYS.values()
    yield array_to_bytes(components[:-1])
    yield array_to_bytes(components.astype(np.float64))
    yield array_to_bytes(np.full_like(components, np.nan))
    yield array_to_bytes(np.full_like(components, np.inf))


def test_model_arrays(model: MatchModel) -> None:
    files = model.to_files()
    for content in broken_components(model):
        refused(lambda content=content: MatchModel.from_files(files | {"lsa.npy": content}))  # type: ignore[misc]
    refused(lambda: MatchModel.from_files({STATE: files[STATE]}))
    refused(lambda: MatchModel.from_files({"lsa.npy": files["lsa.npy"]}))


def index_of(model: MatchModel) -> CandidateIndex:
    index = CandidateIndex(model)
    index.upsert(CandidateProfile(codigo=n, cv="java spring sql vacina") for n in range(3))
    return index


def replaced(
    files: Mapping[str, bytes], name: str, change: Callable[[Any], Any]
) -> dict[str, bytes]:
    array = np.load(io.BytesIO(files[f"{name}.npy"]), allow_pickle=False)
    return {**files, f"{name}.npy": array_to_bytes(change(array.copy()))}


def put(at: tuple[int, ...], value: object) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array[at] = value
        return array

    return change


BLOCKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a document out of range": ("documents", put((0,), 99)),
    "a negative document": ("documents", put((0,), -1)),
    "lists that go back": ("starts", put((1,), 10**6)),
    "lists that do not begin": ("starts", put((0,), 1)),
    "lists of no term": ("starts", lambda array: array[:0]),
    "terms out of order": ("terms", lambda array: array[::-1]),
    "a negative term": ("terms", put((0,), -5)),
    "weights that are NaN": ("weights", put((0, 0), np.nan)),
    "infinite weights": ("weights", put((0, 0), np.inf)),
    "a channel too few": ("weights", lambda array: array[:, :-1]),
    "dense vectors that are NaN": ("dense", put((0, 0), np.nan)),
    "dense vectors of another size": ("dense", lambda array: array[:, :-1]),
    "a level out of range": ("levels", put((0, 0), 120)),
    "a negative level": ("levels", put((0, 0), -100)),
    "a code twice": ("codes", put((1,), 0)),
    "a code too many": ("codes", lambda array: np.append(array, 9)),
    "too few fields of work": ("areas", lambda array: array[:-1]),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_indexes(model: MatchModel, name: str) -> None:
    files = index_of(model).to_files()
    broken = replaced(files, *BLOCKS[name])
    dimensions = model.encoder_.lsa_.components_.shape[1]
    assert refused(lambda: Block.from_files(broken, dimensions))
    assert refused(lambda: CandidateIndex.from_files(broken, model))


def test_files_of_an_index(model: MatchModel) -> None:
    files = index_of(model).to_files()
    for name in files:
        without = {key: content for key, content in files.items() if key != name}
        refused(lambda without=without: CandidateIndex.from_files(without, model))  # type: ignore[misc]
        broken = files | {name: pickle.dumps(Bomb())}
        refused(lambda broken=broken: CandidateIndex.from_files(broken, model))  # type: ignore[misc]
    other = files | {"match-index.json": b'{"format": 1, "kind": "candidates", "model": "x"}'}
    assert refused(lambda: CandidateIndex.from_files(other, model))


def test_there_are_enough() -> None:
    assert len(ARRAYS) + len(DOCUMENTS) + len(ARTEFACTS) + len(STATES) + len(BLOCKS) >= 120
