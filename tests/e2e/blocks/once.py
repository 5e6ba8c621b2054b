"""What several pages ask for, and is worked out once for all of them."""

import json
import re
import shlex
import sys
from collections.abc import Mapping
from functools import cache

from tests.e2e.blocks.pages import ROOT, of
from tests.e2e.blocks.square import run
from tools.reference import pages

__all__ = ["HELP", "Benchmarks", "reference"]

HELP = re.compile(r"uv run python (benchmarks/\w+\.py|-m benchmarks(\.\w+)+) --help")
_EXPLAIN = """
import json, pathlib, runpy, sys
for number, arguments in enumerate(json.loads(sys.argv[1])):
    if number:
        print(end="\\0")
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(str(pathlib.Path(sys.argv[0]).resolve()), run_name="__main__")
    except SystemExit as ended:
        assert not ended.code, arguments
"""


class Benchmarks:
    """Asks all benchmarks of the documents at once: what they load, they load once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._explained: dict[str, str] = {}

    def explain(self, command: str) -> str:
        """Return what a benchmark says of itself."""
        if not self._explained:
            blocks = (block.commands() for block in of("sh"))
            asked = [one for commands in blocks for one in commands if HELP.fullmatch(one)]
            arguments = json.dumps([shlex.split(one)[3:] for one in asked])
            told = run([sys.executable, "-c", _EXPLAIN, arguments], self._environment, ROOT)
            self._explained = dict(zip(asked, told.split("\0"), strict=True))
        assert self._explained[command].startswith("usage: ")
        return self._explained[command]


@cache
def reference() -> str:
    """Make the pages, but leave the clone as it is: others of these tests read it."""
    return "\n".join(pages())
