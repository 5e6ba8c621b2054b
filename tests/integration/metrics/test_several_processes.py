"""Figures of several processes: right sums, whoever is killed, and no more files than processes."""

import signal
import subprocess
import sys
from pathlib import Path

from praca.platform.metrics.places import take_place

_CHILD = """
import os, sys
from pathlib import Path
from praca.platform.metrics import Counter, Gauge, Histogram
from praca.platform.metrics.running import open_metrics
done = Counter("praca_t_done_total", "", ("what",))
busy = Gauge("praca_t_busy", "")
took = Histogram("praca_t_seconds", "", buckets=(1, 2))
metrics = open_metrics(Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    if line == "count\\n":
        done.add("a"); busy.add(); took.observe(1.5)
    elif line == "end\\n":
        metrics.close(); break
    elif line == "show\\n":
        text = metrics.text()[0].decode()
        print("|".join(l for l in text.splitlines() if l[:1] != "#"))
    print("ok", os.environ.get("PROMETHEUS_MULTIPROC_DIR"), flush=True)
"""


class _Process:
    def __init__(self, folder: Path) -> None:
        self.popen = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", _CHILD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begun(self) -> "_Process":
        assert self._line() == "ready"
        return self

    def _line(self) -> str:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def tell(self, word: str) -> str:
        assert self.popen.stdin is not None
        self.popen.stdin.write(f"{word}\n")
        self.popen.stdin.flush()
        if word == "end":
            assert self.popen.wait(10) == 0
            return ""
        answer = self._line()
        if word == "show":
            assert self._line() == "ok None"
        return answer

    def shown(self) -> dict[str, float]:
        rows = (line.rpartition(" ") for line in self.tell("show").split("|") if line)
        return {name: float(value) for name, _, value in rows}

    def kill(self) -> None:
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def close(self) -> None:
        self.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            pipe.close()


def test_sums_are_right_and_files_do_not_pile_up(tmp_path: Path) -> None:
    folder = tmp_path / "metrics" / "api@here"
    started = [_Process(folder) for _ in range(3)]
    try:
        first, second, later = (process.begun() for process in started)
        for process in (first, second, second, later):
            process.tell("count")
        assert first.shown()['praca_t_done_total{what="a"}'] == 4
        assert second.shown()["praca_t_busy"] == 4
        files = sorted(file.name for file in folder.iterdir())

        second.kill()
        shown = first.shown()
        assert shown['praca_t_done_total{what="a"}'] == 4  # what was done was done
        assert shown['praca_t_seconds_bucket{le="2.0"}'] == 4
        assert shown["praca_t_busy"] == 2  # what it was doing it does no longer

        started.append(_Process(folder))
        heir = started[-1].begun()
        heir.tell("count")
        assert heir.shown() == first.shown()
        assert heir.shown()['praca_t_done_total{what="a"}'] == 5
        assert heir.shown()["praca_t_busy"] == 3
        assert sorted(file.name for file in folder.iterdir()) == files  # its place, no new one

        later.tell("end")
        assert first.shown()["praca_t_busy"] == 2
        assert first.shown()["praca_t_seconds_count"] == 5
        for process in (first, heir):
            process.kill()
        place = take_place(folder)  # nobody is left: whoever comes begins at zero
        assert not list(folder.glob("*.db"))
        assert place.number == 0
        place.leave()
    finally:
        for process in started:
            process.close()
