"""Peak memory of a process."""

import resource
from pathlib import Path

__all__ = ["peak_mb"]


def peak_mb() -> float:
    """Return this process's peak memory; ``ru_maxrss`` would count the parent's before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
