"""A process as the supervisor starts it, which serves nothing: how it behaves stands in a file."""

import argparse
import os
import select
import socket
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("notes", type=Path)
parser.add_argument("--listen", action="append")
parser.add_argument("--control", type=int)
parser.add_argument("--when-ready", action="store_true")
arguments = parser.parse_args()


def note(what: str) -> None:
    """Say what happened, in one write."""
    with (arguments.notes / "log").open("a") as log:
        log.write(f"{what}\n")


behaviour = (arguments.notes / "behaviour").read_text()
note(f"started {behaviour}{' when ready' if arguments.when_ready else ''}")
if behaviour == "broken":
    sys.exit(7)
line = socket.socket(fileno=arguments.control)
if behaviour == "slow":
    time.sleep(60)
line.sendall(b"serving\n")
(arguments.notes / f"serving-{os.getpid()}").touch()
die = arguments.notes / "die"
while True:
    if select.select([line], [], [], 0.02)[0]:
        order = line.recv(100).decode().strip() or "nobody is there"
        note(f"{order} {behaviour}")
        if behaviour != "deaf":
            sys.exit(0)
        time.sleep(60)
    if die.exists():
        die.unlink()
        sys.exit(9)
