"""Skops files: what we write is read, whatever else is refused before anything is built."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import Pipeline

from praca.learning.artifacts import ArtifactError
from praca.learning.estimators import estimator_from_bytes, estimator_to_bytes

ALLOWED = {
    "sklearn.pipeline.Pipeline",
    "sklearn.feature_extraction.text.TfidfVectorizer",
    "sklearn.feature_extraction.text.TfidfTransformer",
    "sklearn.linear_model._logistic.LogisticRegression",
    "numpy.float32",
    "numpy.float64",
}
TEXTS = ["java spring sql", "triagem vacina", "java api", "vacina curativo __loader__"]


def fitted(classifier: Any) -> Pipeline:
    steps = [("terms", TfidfVectorizer(dtype=np.float32)), ("classifier", classifier)]
    return Pipeline(steps).fit(TEXTS, [1, 0, 1, 0])


@pytest.fixture(scope="module")
def content() -> bytes:
    return estimator_to_bytes(fitted(LogisticRegression()))


def rewritten(
    content: bytes,
    change: Callable[[dict[str, bytes]], None],
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    """The archive with its members changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return buffer.getvalue()


def with_schema(content: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    def edit(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        change(schema)
        members["schema.json"] = json.dumps(schema).encode()

    return rewritten(content, edit)


def with_array(content: bytes, array: bytes) -> bytes:
    return rewritten(content, lambda members: members.update({"9.npy": array}))


def refused(content: bytes, words: str, **options: Any) -> None:
    with pytest.raises(ArtifactError, match=words):
        estimator_from_bytes(content, allowed=ALLOWED, **options)


def test_round_trip(content: bytes) -> None:
    loaded = estimator_from_bytes(content, allowed=ALLOWED)
    before = fitted(LogisticRegression()).predict_proba(TEXTS)
    assert np.array_equal(loaded.predict_proba(TEXTS), before)
    assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) < 20  # no member for each term
    assert rewritten(content, lambda _: None) != b""  # the helper of the refusals below
    estimator_from_bytes(rewritten(content, lambda _: None), allowed=ALLOWED)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("it was unpickled",))


def test_a_pickle_is_refused() -> None:
    refused(pickle.dumps(Bomb()), "não pode ser lido")


def test_nonsense_and_cut_files_are_refused(content: bytes) -> None:
    for wrong in (b"", b"PK\x03\x04", content[: len(content) // 2], content[100:-200]):
        refused(wrong, "estimador")


def test_a_type_that_is_not_named_is_refused_though_skops_trusts_it(content: bytes) -> None:
    refused(estimator_to_bytes(fitted(SGDClassifier(loss="log_loss"))), "não permitido")
    smaller = ALLOWED - {"sklearn.linear_model._logistic.LogisticRegression"}
    with pytest.raises(ArtifactError, match=r"_logistic\.LogisticRegression"):
        estimator_from_bytes(content, allowed=smaller)


@pytest.mark.parametrize(
    "node",
    [
        {"__loader__": "FunctionNode", "__module__": "os", "__class__": "system"},
        {"__loader__": "ObjectNode", "__module__": "subprocess", "__class__": "Popen"},
        {"__loader__": "MethodNode", "__module__": "builtins", "__class__": "str"},
        {"__loader__": "OperatorFuncNode", "__module__": "operator", "__class__": "methodcaller"},
        {"__loader__": "JsonNode"},
    ],
)
def test_a_node_of_another_kind_is_refused(content: bytes, node: dict[str, str]) -> None:
    hidden = with_schema(content, lambda schema: schema.update(hidden=[{"deep": node}]))
    refused(hidden, "não permitido")


@pytest.mark.parametrize("protocol", [0, 1, 99, None, "2", True])
def test_another_protocol_is_refused(content: bytes, protocol: object) -> None:
    refused(with_schema(content, lambda schema: schema.update(protocol=protocol)), "versão")


@pytest.mark.parametrize("name", ["../1.npy", "/etc/1.npy", "1.pkl", "a/1.npy", "1.npy\n"])
def test_a_member_of_another_name_is_refused(content: bytes, name: str) -> None:
    member = array_bytes(np.zeros(3))
    refused(rewritten(content, lambda members: members.update({name: member})), "nome")


def array_bytes(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_compressed_members_are_refused_unread(content: bytes) -> None:
    """A gigabyte of zeros is a megabyte when it is compressed."""
    zeros = {"9.npy": bytes(50_000_000)}
    bomb = rewritten(content, lambda m: m.update(zeros), zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    refused(bomb, "grande demais|compactado")
    refused(rewritten(content, lambda _: None, zipfile.ZIP_DEFLATED), "grande demais|compactado")


def test_a_size_that_is_only_declared_is_refused(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.infolist()[0].file_size
    at = content.index(b"PK\x01\x02") + 24  # the directory's uncompressed size
    assert content[at : at + 4] == size.to_bytes(4, "little")
    lying = content[:at] + (2**31).to_bytes(4, "little") + content[at + 4 :]
    refused(lying, "grande demais")


def test_the_limit_of_the_caller_holds(content: bytes) -> None:
    refused(content, "grande demais", max_bytes=1000)


def test_an_array_that_promises_more_than_it_holds_is_refused(content: bytes) -> None:
    whole = array_bytes(np.zeros((2, 3)))
    huge = whole.replace(b"(2, 3)", b"(2, 9)")
    assert huge != whole
    for wrong in (huge, whole[:-8], whole + b"\0" * 8, pickle.dumps(Bomb()), b""):
        refused(with_array(content, wrong), "matriz|lido")
    objects = array_bytes(np.array([None, "x"], dtype=object))
    refused(with_array(content, objects), "matriz")


def test_deep_nesting_is_refused(content: bytes) -> None:
    deep = b'{"protocol": 2, "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    refused(rewritten(content, lambda m: m.update({"schema.json": deep})), "não pode ser lido")
