"""Two releases of Praça side by side, as an operator lays them out, and the change between them.

The older one is the source as it is. The newer has one more migration, on tables that the load
writes to: a column with a default, and an index made beside the writers.
"""

import compileall
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import praca
from praca.platform.revisions import revisions

__all__ = ["CHANGED", "Releases"]

CHANGED = "9999_rehearsal"
_MIGRATION = '''
"""A rehearsal of an update."""

from alembic import op

from praca.migrations.environment import run_script

revision = "{revision}"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("ALTER TABLE wallet.transfers ADD COLUMN rehearsal text DEFAULT 'none'")
    with op.get_context().autocommit_block():
        # Each by itself: who holds the one table waits for no request that holds the other.
        op.execute("ALTER TABLE wallet.cards ADD COLUMN rehearsal text")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_transfers_rehearsal ON wallet.transfers (rehearsal)"
        )


def downgrade() -> None:
    run_script("ALTER TABLE wallet.transfers DROP COLUMN rehearsal")
    run_script("ALTER TABLE wallet.cards DROP COLUMN rehearsal")
'''


class Releases:
    """``older`` and ``newer`` in a folder, and ``current``, which leads to one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.current = folder / "current"
        _install(folder / "older", Path(praca.__file__).parent)
        # Compiled, as what pip or uv installs is: a start costs a quarter less.
        older = _packages(folder / "older") / "praca"
        compileall.compile_dir(older, quiet=2)
        _install(folder / "newer", older)
        (down,) = revisions("city").newest
        versions = _packages(folder / "newer") / "praca/migrations/city/versions"
        (versions / "29991231_2359_rehearsal.py").write_text(
            _MIGRATION.format(revision=CHANGED, down=down)
        )
        self.switch("older")

    def switch(self, name: str) -> None:
        """Let ``current`` lead to ``name``, in one step."""
        fresh = self._folder / "fresh"
        fresh.symlink_to(name)
        fresh.replace(self.current)

    def command(self, *arguments: str, release: str = "current") -> list[str]:
        """Return the command line of a release, by default of that current when it runs."""
        return [
            str(self._folder / release / "bin" / Path(sys.executable).name),
            "-m",
            "praca",
            *arguments,
        ]

    def run(self, environment: dict[str, str], *arguments: str, release: str = "current") -> None:
        """Run a command of a release to its end."""
        done = subprocess.run(  # noqa: S603  # our own program
            self.command(*arguments, release=release),
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"praca {arguments} failed:\n{done.stdout}{done.stderr}")


def _install(folder: Path, source: Path) -> None:
    """Make an environment with our sources; what they need is that of this one."""
    venv.EnvBuilder(symlinks=True).create(folder)
    packages = _packages(folder)
    shutil.copytree(source, packages / "praca")
    (packages / "needs.pth").write_text(f"{sysconfig.get_path('purelib')}\n")


def _packages(folder: Path) -> Path:
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / python / "site-packages"
