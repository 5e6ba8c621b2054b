"""The parts of a city under test: a database server, and processes that can be killed."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Role
from praca.identity.service import IdentityService
from praca.platform.database import EmbeddedPostgres, migrate
from praca.platform.resources import open_resources
from praca.platform.settings import Settings

__all__ = ["ADMIN", "Part", "Server"]

ADMIN = ("admin", "reliability-only-7")
_TEMPLATE = "reliability"
_STOP_S = 40.0


class Server:
    """The embedded PostgreSQL of one run, with a migrated database to copy for each trial."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = EmbeddedPostgres(folder)

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Start the server and make the template; stop it at the end."""
        self._held.start()
        try:
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
            asyncio.run(_prepare(self.address(_TEMPLATE)))
            yield self
        finally:
            self._held.release()

    def address(self, name: str) -> str:
        """Return the address of the database ``name``."""
        parts = psycopg.conninfo.conninfo_to_dict(self._held.url)
        host = str(parts["host"])
        if host.startswith("/"):
            return f"postgresql://{parts['user']}@/{name}?host={host}"
        return f"postgresql://{parts['user']}@{host}:{parts['port']}/{name}"

    def copy(self, name: str) -> str:
        """Make a fresh database with the accounts of the template; return its address."""
        self.drop(name)
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(make.format(sql.Identifier(name), sql.Identifier(_TEMPLATE)))
        return self.address(name)

    def drop(self, name: str) -> None:
        """Remove the database ``name`` if it is there."""
        gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(gone.format(sql.Identifier(name)))

    def kill(self) -> None:
        """End the server as a power cut would."""
        pid_file = self._folder / "postgres" / "postmaster.pid"
        psutil.Process(int(pid_file.read_text().split("\n", 1)[0])).kill()

    def start(self) -> None:
        """Start the server again after `kill`; it repairs itself from its journal."""
        deadline = time.monotonic() + _STOP_S
        while not self._held.revive():  # the old one may be dying still
            if time.monotonic() > deadline:
                raise TimeoutError("the killed server does not end")
            time.sleep(0.05)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._held.url, autocommit=True) as connection:
            connection.execute(statement)


async def _prepare(address: str) -> None:
    settings = Settings.load()
    resources = open_resources(settings, address, TASK_KINDS)
    try:
        await migrate(resources.databases)
        name, password = ADMIN
        async with resources.databases.identity.write() as session:
            await IdentityService(settings, resources.databases).create_account(
                session, username=name, password=password, role=Role.ADMIN
            )
    finally:
        await resources.close()


@dataclass(slots=True)
class Part:
    """``praca api`` or ``praca worker`` as a process; its output goes to a file."""

    name: str
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        """Start the process."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own program, fixed arguments
                [sys.executable, "-m", "praca", self.name],
                # It ends with us, however we end.
                env={**os.environ, **self.environment, "PRACA_LIFELINE": str(self.lifeline[0])},
                pass_fds=(self.lifeline[0],),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End the process as the kernel does when memory is short."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
        for end in self.lifeline:
            os.close(end)
