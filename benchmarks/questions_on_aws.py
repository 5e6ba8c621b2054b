"""What the functions on AWS cost: a call of ten messages, on this machine against moto's server.

The server stands in for AWS and answers in its own process; its time is in the first figure and
not in the second. Usage:

    uv run python benchmarks/questions_on_aws.py [--calls N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.integration.helpdesk_aws.cloud import Cloud, Gateway, Lambda, Pump, running, sqs_event

from praca.entrypoints.aws import notify, process

_BATCH = 10
_START_S = 30
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
import logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


def main() -> None:
    """Print the milliseconds of a call, and those of our own processor time in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="calls of ten messages")
    calls = parser.parse_args().calls
    os.environ |= {"PRACA_LOG_LEVEL": "ERROR", "AWS_EC2_METADATA_DISABLED": "true"}
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        address = server.stdout.readline().strip()
        httpx.get(f"{address}/moto-api/", timeout=_START_S)
        _measure(Cloud(address), calls)
        server.stdin.close()


def _measure(cloud: Cloud, calls: int) -> None:
    with running(cloud) as lambdas:
        gateway, pump = Gateway(lambdas), Pump(cloud, lambdas)
        asked: list[tuple[float, float]] = []
        for number in range((calls + 2) * _BATCH):
            token = gateway.open_session()
            # Another text each time: an answer that was given before is remembered.
            text = f"Como tiro a segunda via do cartão de transporte {number}?"
            asked.append(_timed(_ask, gateway, token, text))
        _print("one question asked (HTTP)", asked)
        for name, queue, handler in (
            ("ten questions answered", cloud.process, process.handler),
            ("ten notices given", cloud.notify, notify.handler),
        ):
            times = []
            while messages := pump.receive(queue):
                event = sqs_event(queue, messages)
                times.append(_timed(_call, lambdas, handler, event))
                for message in messages:
                    handle = message["ReceiptHandle"]
                    cloud.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=handle)
            _print(name, times[2:])  # the first ones load what the process then keeps
    cloud.close()


def _call(lambdas: Lambda, handler: Callable[[Any, Any], Any], event: Any) -> None:
    assert lambdas.call(handler, event) == {"batchItemFailures": []}


def _ask(gateway: Gateway, token: str, text: str) -> None:
    status, _ = gateway.ask("POST", "/api/v1/questions", {"question": text}, token)
    assert status == 200


def _timed(work: Callable[..., object], *arguments: Any) -> tuple[float, float]:
    wall, own = time.perf_counter(), time.process_time()
    work(*arguments)
    return time.perf_counter() - wall, time.process_time() - own


def _print(name: str, times: list[tuple[float, float]]) -> None:
    wall, own = (statistics.median(part) * 1000 for part in zip(*times, strict=True))
    print(f"{name:28} median {wall:7.1f} ms, of which our processor time {own:6.1f} ms")


if __name__ == "__main__":
    main()
