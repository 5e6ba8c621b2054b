"""Workers of their own processes, to be killed: each line asks for one, and is told its number.

They are forks of one process: loading the program takes longer than all that they do.
"""

import asyncio
import dataclasses
import os
import signal
import sys

from praca.library.scraper.tasks import SCRAPE_LIBRARY
from praca.platform.resources import open_resources
from praca.platform.settings import Settings, TaskSettings
from praca.platform.tasks import Worker


async def work(dsn: str) -> None:
    settings = Settings.load()
    given = {"scrape_delay_s": 0, "scrape_concurrency": 4, "scrape_backoff_s": 0.01}
    settings = dataclasses.replace(
        settings,
        library=settings.library.model_copy(update=given),
        tasks=TaskSettings(worker_heartbeat_s=0.1, worker_stalled_s=0.4),
    )
    await Worker(open_resources(settings, dsn, [SCRAPE_LIBRARY])).run()


if __name__ == "__main__":
    database, os.environ["PRACA_DATA_DIR"] = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for _line in sys.stdin:
        number = os.fork()
        if number == 0:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what it logs is no answer
            asyncio.run(work(database))
            os._exit(0)
        print(number, flush=True)  # noqa: T201  # it is the answer
