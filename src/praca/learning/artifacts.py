"""A model at rest: a set of files and a manifest that says what they are and what they hash to.

Nothing here knows where artefacts are kept: an artefact is a mapping from file name to bytes.
:func:`pack` writes the manifest, :func:`verify` refuses whatever does not agree with it. No file is
ever unpickled: arrays are plain ``.npy`` without objects, everything else is JSON.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "FORMAT_VERSION",
    "MANIFEST",
    "Artifact",
    "ArtifactError",
    "FileEntry",
    "Manifest",
    "array_from_bytes",
    "array_to_bytes",
    "integers",
    "json_from_bytes",
    "json_to_bytes",
    "pack",
    "verify",
]

MANIFEST: Final = "manifest.json"
FORMAT_VERSION: Final = 1

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
# What Windows takes for a device, whatever its suffix.
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
_MAX_NAME_CHARS: Final = 100
_MAX_FILES: Final = 100
_MAX_MANIFEST_BYTES: Final = 1 << 20
_MAX_FILE_BYTES: Final = 2 << 30
_MAX_TOTAL_BYTES: Final = 4 << 30


class ArtifactError(DomainError):
    """The files of a model are incomplete, altered or of an unknown format.

    The model in use stays.
    """

    code: ClassVar[str] = "model_artifact_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Model artefact refused"
    sample: ClassVar[tuple[str]] = ("O modelo está incompleto ou foi alterado.",)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What the manifest says of one file: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artefact is.

    Attributes:
        name: which model, for example ``match``.
        version: unique for the name.
        created_at: ISO 8601 with a zone.
        data_hash: of the data it was trained on.
        code_version: of the program that trained it.
        metrics: figures of its evaluation.
        params: hyper-parameters and seeds.
        files: every file but the manifest itself.
    """

    name: str
    version: str
    created_at: str
    data_hash: str
    code_version: str
    metrics: Mapping[str, float]
    params: Mapping[str, Any]
    files: Mapping[str, FileEntry]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified artefact: its manifest and its files (without the manifest)."""

    manifest: Manifest
    files: Mapping[str, bytes]


def pack(
    files: Mapping[str, bytes],
    *,
    name: str,
    version: str,
    created_at: datetime,
    data_hash: str = "",
    code_version: str = "",
    metrics: Mapping[str, float] | None = None,
    params: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """Return ``files`` with a ``manifest.json`` that describes them.

    Equal arguments give equal bytes.

    Raises:
        ArtifactError: a file name is not allowed, or there are too many or too large files.
        ValueError: ``created_at`` has no time zone.
    """
    if created_at.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    _check_names_and_sizes(files, _MAX_FILE_BYTES, _MAX_TOTAL_BYTES)
    if MANIFEST in files:
        raise ArtifactError("O artefato já contém um manifesto.")
    manifest = {
        "format": FORMAT_VERSION,
        "name": name,
        "version": version,
        "created_at": created_at.isoformat(),
        "data_hash": data_hash,
        "code_version": code_version,
        "metrics": dict(metrics or {}),
        "params": dict(params or {}),
        "files": {
            file: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for file, content in files.items()
        },
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return {**files, MANIFEST: orjson.dumps(manifest, option=options)}


def verify(
    files: Mapping[str, bytes],
    *,
    max_file_bytes: int = _MAX_FILE_BYTES,
    max_total_bytes: int = _MAX_TOTAL_BYTES,
) -> Artifact:
    """Check ``files`` against the manifest among them, and return the artefact.

    Raises:
        ArtifactError: no manifest, or an unreadable one, or one of another format version; a file
            is missing, not named in the manifest, of another size or hash; a name that could
            leave its folder; a limit exceeded.
    """
    _check_names_and_sizes(files, max_file_bytes, max_total_bytes)
    if MANIFEST not in files:
        raise ArtifactError("O artefato não tem manifesto.")
    manifest = _manifest(files[MANIFEST])
    contents = {name: content for name, content in files.items() if name != MANIFEST}
    if missing := sorted(manifest.files.keys() - contents.keys()):
        raise ArtifactError(f"Faltam arquivos no artefato: {', '.join(missing)}.")
    if unexpected := sorted(contents.keys() - manifest.files.keys()):
        raise ArtifactError(f"O artefato tem arquivos inesperados: {', '.join(unexpected)}.")
    for name, entry in manifest.files.items():
        if len(contents[name]) != entry.size:
            raise ArtifactError(f"O arquivo {name} não tem o tamanho declarado.")
        if hashlib.sha256(contents[name]).hexdigest() != entry.sha256:
            raise ArtifactError(f"O arquivo {name} não confere com o manifesto.")
    return Artifact(manifest, contents)


def array_to_bytes(array: NDArray[Any]) -> bytes:
    """Return ``array`` in the ``.npy`` format; objects are refused.

    Raises:
        ValueError: the array holds Python objects.
    """
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def array_from_bytes(
    content: bytes, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """Return the read-only array of a ``.npy`` file, without copying and without pickle.

    Args:
        content: the file.
        dtype: the only accepted type.
        shape: the only accepted shape; None accepts any length on that axis.

    Raises:
        ArtifactError: not such a file, or of another type, shape or length.
    """
    buffer = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(buffer)
        found, fortran, stored = np.lib.format.read_array_header_1_0(buffer)
    except Exception as error:
        # numpy reads the header with Python's own parser, which fails in a dozen ways.
        raise ArtifactError("Um arquivo de matriz do artefato não pode ser lido.") from error
    count = int(np.prod(found, dtype=object)) if found else 1
    fits = (
        version == (1, 0)
        and stored == np.dtype(dtype)
        and (not fortran or sum(n > 1 for n in found) <= 1)
        and len(found) == len(shape)
        and all(want in (None, n) for want, n in zip(shape, found, strict=True))
        and len(content) - buffer.tell() == count * stored.itemsize
    )
    if not fits:
        raise ArtifactError("Um arquivo de matriz do artefato tem outro tipo ou tamanho.")
    return np.frombuffer(content, dtype=stored, offset=buffer.tell()).reshape(found)


def json_to_bytes(value: Any) -> bytes:
    """Return ``value`` as JSON with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def json_from_bytes(content: bytes) -> dict[str, Any]:
    """Return the JSON object in ``content``.

    Raises:
        ArtifactError: not JSON, or not an object, or a key stands twice in an object.
    """
    try:
        value = orjson.loads(content)  # refuses NaN, infinities and deep nesting
        json.loads(content, object_pairs_hook=_distinct)
    except (orjson.JSONDecodeError, ValueError, RecursionError) as error:
        raise ArtifactError("Um arquivo JSON do artefato não pode ser lido.") from error
    if not isinstance(value, dict):
        raise ArtifactError("Um arquivo JSON do artefato não contém um objeto.")
    return value


def integers(values: Any, low: int, high: int) -> NDArray[np.int64]:
    """Return a JSON list of whole numbers from ``low`` to ``high`` as an array, shape (n,).

    Raises:
        ValueError: not such a list.
    """
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        raise ValueError("expected a list of whole numbers")
    if values and not low <= min(values) <= max(values) <= high:
        raise ValueError("a number is out of range")
    return np.array(values, dtype=np.int64)


def _distinct(pairs: Sequence[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")


def _check_names_and_sizes(files: Mapping[str, bytes], per_file: int, total: int) -> None:
    if len(files) > _MAX_FILES:
        raise ArtifactError("O artefato tem arquivos demais.")
    for name in files:
        device = name.partition(".")[0].lower() in _DEVICES
        if device or len(name) > _MAX_NAME_CHARS or not _NAME.fullmatch(name):
            raise ArtifactError("O artefato tem um nome de arquivo não permitido.")
    sizes = [len(content) for content in files.values()]
    if max(sizes, default=0) > per_file or sum(sizes) > total:
        raise ArtifactError("O artefato é grande demais.")


def _manifest(content: bytes) -> Manifest:
    if len(content) > _MAX_MANIFEST_BYTES:
        raise ArtifactError("O manifesto do artefato é grande demais.")
    fields = json_from_bytes(content)
    if fields.get("format") != FORMAT_VERSION or fields["format"] is True:
        raise ArtifactError("O artefato é de uma versão de formato desconhecida.")
    try:
        return Manifest(
            name=_text(fields["name"]),
            version=_text(fields["version"]),
            created_at=_moment(fields["created_at"]),
            data_hash=_text(fields["data_hash"]),
            code_version=_text(fields["code_version"]),
            metrics={str(k): float(v) for k, v in fields["metrics"].items()},
            params=dict(fields["params"]),
            files={
                name: FileEntry(_size(entry["size"]), _text(entry["sha256"]))
                for name, entry in fields["files"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError("O manifesto do artefato está incompleto.") from error


def _moment(value: object) -> str:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("expected a time zone")
    return moment.isoformat()


def _size(value: object) -> int:
    return int(integers([value], 0, _MAX_FILE_BYTES)[0])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value
