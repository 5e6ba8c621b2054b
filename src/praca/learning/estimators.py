"""Fitted scikit-learn estimators at rest: skops files, read with an explicit list of types.

skops never unpickles, but by itself it trusts every estimator of scikit-learn, reads compressed
members of any size, and builds a few kinds of objects that no model of ours holds. Here a file is
read only if each member is a plain uncompressed array or the schema, as large as it says, and
every object in the schema is of a type that the caller names.

Source: the skops documentation, "Secure persistence with skops".
"""

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np

from praca.learning.artifacts import ArtifactError

__all__ = ["estimator_from_bytes", "estimator_to_bytes"]

_SCHEMA: Final = "schema.json"
_MEMBER: Final = re.compile(r"\d{1,20}\.npy")
_MOST_MEMBERS: Final = 10_000
_MOST_BYTES: Final = 1 << 30
_LOADERS: Final = frozenset(
    {"DictNode", "JsonNode", "ListNode", "NdArrayNode", "ObjectNode", "SliceNode", "TupleNode"}
    | {"TypeNode"}
)
_PLAIN_TYPES: Final = frozenset(
    {"builtins.dict", "builtins.list", "builtins.tuple", "builtins.slice", "numpy.ndarray"}
    | {f"builtins.{name}" for name in ("str", "int", "float", "bool")}
)


def estimator_to_bytes(estimator: Any) -> bytes:
    """Return a fitted estimator as a skops file; vocabularies hold plain integers afterwards.

    scikit-learn leaves NumPy integers in vocabularies, and skops writes a member for each: a
    vocabulary of 30,000 terms takes 16 s instead of 1.
    """
    # scikit-learn comes with it, and takes seconds to load.
    import skops.io  # type: ignore[import-untyped]  # noqa: PLC0415

    for part in _parts(estimator):
        vocabulary = getattr(part, "vocabulary_", None)
        if vocabulary is not None:
            part.vocabulary_ = {term: int(column) for term, column in vocabulary.items()}
    content: bytes = skops.io.dumps(estimator)
    return content


def _parts(estimator: Any) -> Iterator[Any]:
    """Yield an estimator, and the fitted ones it is composed of."""
    yield estimator
    steps = [*getattr(estimator, "steps", ()), *getattr(estimator, "transformers_", ())]
    for step in steps:
        yield from _parts(step[1])


def estimator_from_bytes(
    content: bytes, *, allowed: Collection[str], max_bytes: int = _MOST_BYTES
) -> Any:
    """Return the estimator of a skops file.

    Args:
        content: the file.
        allowed: full names of the types that may be in it, besides plain containers, numbers,
            texts and arrays.
        max_bytes: of all members together.

    Raises:
        ArtifactError: not such a file; a member that is compressed, too large, not what it says,
            or of a name that skops does not give; a type that is not allowed.
    """
    trusted = _PLAIN_TYPES | frozenset(allowed)
    try:
        _check_archive(content, max_bytes)
        _check_schema(content, trusted)
        import skops.io  # noqa: PLC0415  # as above

        return skops.io.loads(content, trusted=sorted(trusted))
    except ArtifactError:
        raise
    except Exception as error:
        # zipfile, json, numpy, skops and the estimators themselves fail in dozens of ways.
        raise ArtifactError("Um estimador do artefato não pode ser lido.") from error


def _check_archive(content: bytes, max_bytes: int) -> None:
    """Refuse an archive that could grow while it is read, or whose arrays claim to be larger."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(names) > _MOST_MEMBERS or len(set(names)) != len(names) or _SCHEMA not in names:
            raise ArtifactError("O estimador do artefato tem outros arquivos que os esperados.")
        # Members may not even share bytes: their sum is compared with the file.
        if sum(member.file_size for member in members) > min(max_bytes, len(content)):
            raise ArtifactError("O estimador do artefato é grande demais.")
        for member in members:
            is_plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1
            if not is_plain or member.file_size != member.compress_size:
                raise ArtifactError("O estimador do artefato está compactado.")
            if member.filename == _SCHEMA:
                continue
            if not _MEMBER.fullmatch(member.filename):
                raise ArtifactError("O estimador do artefato tem um nome de arquivo não permitido.")
            _check_array(archive.read(member))


def _check_array(content: bytes) -> None:
    """Refuse an array of objects, or one whose header promises what does not follow."""
    buffer = io.BytesIO(content)
    if np.lib.format.read_magic(buffer) != (1, 0):
        raise ArtifactError("Uma matriz do estimador é de um formato desconhecido.")
    shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if dtype.hasobject or size != len(content) - buffer.tell():
        raise ArtifactError("Uma matriz do estimador tem outro tipo ou tamanho.")


def _check_schema(content: bytes, trusted: frozenset[str]) -> None:
    """Refuse a schema that names a type or a way of building that is not among those allowed."""
    # It has no public name.
    from skops.io._protocol import PROTOCOL  # type: ignore[import-untyped]  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
    # Older protocols are read by other code of skops, which is kept for their sake.
    if not isinstance(schema, dict) or schema.get("protocol") != PROTOCOL:
        raise ArtifactError("O estimador do artefato é de uma versão de formato desconhecida.")
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            # Terms of a vocabulary are members, too: one called `__loader__` holds no text.
            if isinstance(node.get("__loader__"), str):
                _check_node(node, trusted)


def _check_node(node: dict[str, Any], trusted: frozenset[str]) -> None:
    name = f"{node.get('__module__')}.{node.get('__class__')}"
    if node["__loader__"] not in _LOADERS or name not in trusted:
        raise ArtifactError(f"O estimador do artefato contém um tipo não permitido: {name}.")
