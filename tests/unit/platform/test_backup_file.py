"""The file of a backup: what it gives back, and every way in which it may not be itself."""

import base64
import io
import os
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from praca.entrypoints.backups import contents_of, missing_secrets
from praca.platform.backup.archive import ArchiveReader, ArchiveWriter
from praca.platform.backup.erasures import read_list, replace_list
from praca.platform.backup.errors import BackupError, BrokenBackupError, RestoreError
from praca.platform.backup.keeping import prune
from praca.platform.backup.manifest import FORMAT, Database, Erasures, Manifest
from praca.platform.backup.postgres import _environment
from praca.platform.backup.reading import checked_name, is_finished, opened_backup
from praca.platform.backup.restoring import check_release, claimed
from praca.platform.backup.sealing import SealedSink, SealedSource
from praca.platform.settings import BackupSettings, Settings

_NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
_KEY, _OTHER_KEY = bytes(range(32)), bytes(32)
_LONG = "objects/raw/" + "ação/" * 60 + "a.json"


def _manifest(archive: ArchiveWriter, **more: Any) -> Manifest:
    database = Database(revision=("0001_platform",), server=180000, at=_NOW, size=1, rows={})
    values = {
        "format": FORMAT,
        "praca": "1.0",
        "made_at": _NOW,
        "databases": {"city": database},
        "sections": archive.sections(),
        "skipped_objects": 0,
        "files": (),
        "key_names": {},
        "fingerprints": {},
        "erasures": Erasures(at=_NOW),
    }
    return Manifest.model_validate(values | more)


def _backup(big: int = 3_000_000, **more: Any) -> bytes:
    target = io.BytesIO()
    archive = ArchiveWriter(target, moment=1.0)
    archive.add("database/city", "000001", 4, [b"PG", b"DM"])
    archive.add("objects", "models/match/1/a.npy", big, [b"x" * big])
    archive.add("objects", _LONG.removeprefix("objects/"), 0, [])
    archive.add("files", "secret-key", 5, [b"12345"])
    archive.finish(_manifest(archive, **more))
    return target.getvalue()


def _sealed(content: bytes, key: bytes = _KEY) -> bytes:
    target = io.BytesIO()
    sink = SealedSink(target, key)
    for at in range(0, len(content), 700_000):
        sink.write(content[at : at + 700_000])
    sink.close()
    return target.getvalue()


def _read(content: bytes) -> dict[str, bytes]:
    reader = ArchiveReader(io.BytesIO(content))
    found = {
        f"{member.section}/{checked_name(member)}": b"".join(member.content)
        for member in reader.members()
    }
    assert reader.manifest is not None
    return found


def test_what_was_written_is_read_and_any_tar_reads_it() -> None:
    content = _backup()
    found = _read(content)
    assert list(found) == [
        "database/city/000001",
        "objects/models/match/1/a.npy",
        _LONG,
        "files/secret-key",
    ]
    assert (found["database/city/000001"], found[_LONG]) == (b"PGDM", b"")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == [*found, "manifest.json"]


def test_a_file_that_shrinks_while_it_is_copied_is_an_error() -> None:
    archive = ArchiveWriter(io.BytesIO(), moment=1.0)
    with pytest.raises(BrokenBackupError, match="mudou de tamanho"):
        archive.add("objects", "a", 5, [b"1234"])


def test_whatever_is_cut_off_or_changed_is_found() -> None:
    content = _backup(big=2000)
    for length in (0, 1, 511, 512, 1000, 2000, 4000, len(content) - 1024, len(content) - 1):
        with pytest.raises(BrokenBackupError):
            _read(content[:length])
    with pytest.raises(BrokenBackupError):
        _read(content + b"\0")
    for at in range(0, len(content) - 1024, 97):
        broken = bytearray(content)
        broken[at] ^= 0x41
        try:
            is_same = _read(bytes(broken)) == _read(
                content
            )  # padding, owner, time: nobody reads it
        except BrokenBackupError:
            continue
        assert is_same, at


def _tar(*members: tarfile.TarInfo) -> bytes:
    return b"".join(member.tobuf(tarfile.PAX_FORMAT) for member in members) + bytes(1024)


def _member(name: str, kind: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    for key, value in more.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize(
    "content",
    [
        _tar(_member("../../etc/passwd")),
        _tar(_member("/etc/passwd")),
        _tar(_member("objects/../../x")),
        _tar(_member("objects/a//b")),
        _tar(_member("files/../secret-key")),
        _tar(_member("files/authorized_keys")),
        _tar(_member("database/city/../../x")),
        _tar(_member("objects/a", tarfile.SYMTYPE, linkname="/etc/passwd")),
        _tar(_member("objects/a", tarfile.LNKTYPE, linkname="files/secret-key")),
        _tar(_member("objects/a", tarfile.DIRTYPE)),
        _tar(_member("objects/a", tarfile.CHRTYPE)),
        _tar(_member("files/secret-key"), _member("objects/a")),
        _tar(_member("objects/a", pax_headers={"GNU.sparse.realsize": "99999999999"})),
        _member("x", tarfile.XHDTYPE, size=10**10).tobuf(tarfile.GNU_FORMAT),
        _member("objects/a", tarfile.GNUTYPE_LONGNAME, size=10**9).tobuf(tarfile.GNU_FORMAT),
        _member("manifest.json", size=10**12).tobuf(tarfile.GNU_FORMAT),
        b"\x1f\x8b" + bytes(2000),
    ],
)
def test_what_no_backup_holds_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenBackupError):
        _read(content)


def test_a_newer_format_and_a_newer_revision_are_refused() -> None:
    newer = _backup(10).replace(b'"format": 1', b'"format": 9')
    assert b'"format": 9' in newer
    with pytest.raises(BrokenBackupError, match="mais nova"):
        _read(newer)
    database = Database(revision=("9999_later",), server=180000, at=_NOW, size=1, rows={})
    archive = ArchiveWriter(io.BytesIO(), moment=1.0)
    with pytest.raises(RestoreError, match="9999_later"):
        check_release(_manifest(archive, databases={"city": database}))


def test_a_sealed_backup_opens_under_its_key_alone(tmp_path: Path) -> None:
    content = _backup()
    path = tmp_path / "b"
    path.write_bytes(_sealed(content))
    assert b"models/match" not in path.read_bytes()
    with opened_backup(path, _KEY) as archive:
        assert [member.name for member in archive.members()][-1] == "secret-key"
    for key, why in ((_OTHER_KEY, "não abre"), (None, "falta PRACA_BACKUP_KEY")):
        with pytest.raises(BrokenBackupError, match=why), opened_backup(path, key) as archive:
            list(archive.members())
    path.write_bytes(content)
    with pytest.raises(BrokenBackupError, match="não está selado"), opened_backup(path, _KEY):
        pass


def _swapped(sealed: bytes) -> bytes:
    head, piece = 48, 1024 * 1024 + 16
    return sealed[:head] + sealed[head + piece : head + 2 * piece] + sealed[head : head + piece]


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[: 48 + 1024 * 1024 + 16],
        lambda sealed: sealed[: 48 + 2 * (1024 * 1024 + 16)],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:48],
        lambda sealed: sealed[:20],
        lambda sealed: sealed + sealed[-500:],
        _swapped,
        lambda sealed: sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:],
        lambda sealed: sealed[:48] + _sealed(_backup())[48:],
    ],
)
def test_a_sealed_backup_that_was_touched_does_not_open(change: Callable[[bytes], bytes]) -> None:
    touched = change(_sealed(_backup()))
    with pytest.raises(BrokenBackupError):
        list(ArchiveReader(SealedSource(io.BytesIO(touched), _KEY)).members())


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1])
def test_pieces_of_any_length_are_sealed_and_opened(size: int) -> None:
    content = os.urandom(size)
    source = SealedSource(io.BytesIO(_sealed(content)), _KEY)
    assert b"".join(iter(lambda: source.read(300_000), b"")) == content


def test_only_whole_backups_of_ours_count_and_go(tmp_path: Path) -> None:
    content = _backup(10)
    names = [f"praca-2026-11-{day}T101500Z.tar" for day in (10, 11, 12, 13)]
    for name in names:
        (tmp_path / name).write_bytes(content)
    (tmp_path / names[2]).write_bytes(content[:-600])
    (tmp_path / "praca-2026-11-14T101500Z.tar.sealed").write_bytes(_sealed(content))
    (tmp_path / "praca-2026-11-15T101500Z.tar.sealed").write_bytes(_sealed(content)[:-1])
    (tmp_path / "notas.tar").write_bytes(content)
    (tmp_path / "praca-2026-11-09T101500Z.tar").symlink_to(tmp_path / "notas.tar")
    assert not is_finished(tmp_path / names[2], None)
    made = tmp_path / names[3]
    assert [path.name for path in prune(made, 2, _KEY)] == names[:2]
    assert len(list(tmp_path.iterdir())) == 6
    # Without the key nobody can tell whether a sealed one is whole.
    assert prune(made, 1, None) == []
    # A clock that was wrong has left a newer name: what was just made does not go for it.
    assert prune(made, 1, _KEY) == []
    assert made.exists()


@pytest.mark.parametrize("value", ["", "  "])
def test_a_key_that_is_empty_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_BACKUP_KEY", value)
    assert BackupSettings().key is None
    monkeypatch.setenv("PRACA_BACKUP_KEY", "c2hvcnQ=")
    with pytest.raises(ValidationError, match="32 bytes"):
        BackupSettings()


def test_a_list_of_erasures_is_later_if_nobody_is_missing() -> None:
    older = Erasures(at=_NOW, accounts={1: _NOW}, candidates={31000: _NOW})
    later = _NOW + timedelta(days=1)
    newer = Erasures(at=later, accounts={1: _NOW, 2: later}, candidates={31000: _NOW})
    assert newer.contains(older)
    assert not older.contains(newer)
    assert newer.since(later).accounts == {2: later}
    assert Erasures.model_validate_json(newer.model_dump_json()) == newer


def test_a_list_of_erasures_is_replaced_by_a_later_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "erasures.json"
    known = Erasures(at=_NOW, accounts={1: _NOW}, candidates={31000: _NOW})
    replace_list(path, Erasures(at=_NOW))
    replace_list(path, known)
    assert path.stat().st_mode & 0o777 == 0o600
    # The city was lost, and the clock writes the list of the new, empty one.
    with pytest.raises(BackupError, match="Nada foi escrito"):
        replace_list(path, Erasures(at=_NOW + timedelta(days=1)))
    assert read_list(path) == known
    path.write_text("{}")
    with pytest.raises(BackupError, match="não é uma lista"):
        replace_list(path, known)
    assert [each.name for each in tmp_path.iterdir()] == ["erasures.json"]


def test_a_folder_is_claimed_once_and_stays_so_after_an_error(tmp_path: Path) -> None:
    manifest = _manifest(ArchiveWriter(io.BytesIO(), moment=1.0))
    folder = tmp_path / "var"
    inside = {"is_embedded": True, "has_objects": True}
    with pytest.raises(ZeroDivisionError), claimed(folder, manifest, **inside):
        raise ZeroDivisionError
    claim = claimed(folder, manifest, **inside)
    with pytest.raises(RestoreError, match="interrompida"), claim:
        pass
    (folder / "restoring").unlink()
    huge = manifest.databases["city"].model_copy(update={"size": 10**18})
    big = manifest.model_copy(update={"databases": {"city": huge}})
    with pytest.raises(RestoreError, match="livres"), claimed(folder, big, **inside):
        pass
    (folder / "foto.jpg").touch()
    claim = claimed(folder, manifest, **inside)
    with pytest.raises(RestoreError, match=r"não está vazia .foto\.jpg"), claim:
        pass


def test_room_is_asked_only_for_what_will_lie_in_the_folder(tmp_path: Path) -> None:
    manifest = _manifest(ArchiveWriter(io.BytesIO(), moment=1.0))
    huge = manifest.sections["objects"].model_copy(update={"size": 10**18})
    big = manifest.model_copy(update={"sections": {**manifest.sections, "objects": huge}})
    inside = claimed(tmp_path / "inside", big, is_embedded=False, has_objects=True)
    with pytest.raises(RestoreError, match="livres"), inside:
        pass
    # They go to S3, or are there already: a container's folder need not hold them.
    with claimed(tmp_path / "elsewhere", big, is_embedded=False, has_objects=False):
        pass


def test_pg_dump_connects_as_everything_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of the environment")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSERVICE", "another server")
    found = _environment("postgresql://praca@db.internal:5433/praca")
    assert (found["PGHOST"], found["PGPORT"], found["PGUSER"]) == ("db.internal", "5433", "praca")
    # Or it would ask for no password, and believe anybody.
    assert (found["PGPASSWORD"], found["PGSSLMODE"]) == ("of the environment", "verify-full")
    assert "PGSERVICE" not in found
    found = _environment("postgresql://praca:secret@db/praca?sslmode=require")
    assert (found["PGPASSWORD"], found["PGSSLMODE"]) == ("secret", "require")


def _with_keys(patch: pytest.MonkeyPatch, env: str, **keys: bytes) -> Settings:
    pairs = (f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items())
    patch.setenv("PRACA_ENV", env)
    patch.setenv("PRACA_ENCRYPTION_KEYS", ",".join(pairs))
    patch.setenv("PRACA_SECRET_KEY", "a" * 40)
    patch.setenv("PRACA_PIX_WEBHOOK_SECRET", "b" * 40)
    return Settings.load()


def test_secrets_that_a_restored_city_would_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    (tmp_path / "encryption-key").write_text("not for others")
    made_with = contents_of(_with_keys(monkeypatch, "production", k1=_KEY), "postgresql://h/d")
    assert made_with.files == ()
    assert _KEY.hex() not in str(made_with.fingerprints)
    manifest = _manifest(
        ArchiveWriter(io.BytesIO(), moment=1.0),
        key_names={"k1": 3, "development": 1, "kms:alias/praca": 2},
        fingerprints=made_with.fingerprints,
        files=("encryption-key",),
    )
    same = _with_keys(monkeypatch, "production", k2=_OTHER_KEY, k1=_KEY)
    assert missing_secrets(same, manifest) == (["development", "kms:alias/praca"], [])
    other = _with_keys(monkeypatch, "development", k1=_OTHER_KEY)
    assert missing_secrets(other, manifest) == (["k1", "kms:alias/praca"], [])
    monkeypatch.setenv("PRACA_KMS_KEY_ID", "alias/praca")
    monkeypatch.setenv("PRACA_SECRET_KEY", "c" * 40)
    assert missing_secrets(Settings.load(), manifest) == (["k1"], ["PRACA_SECRET_KEY"])
    # Looking makes no key.
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["encryption-key"]
