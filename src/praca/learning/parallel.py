"""Where many fits run: threads of this process, or a Dask cluster.

Threads share memory, so nothing is serialised and nothing is unpickled. A Dask cluster is a set of
processes that trust each other: work and results travel between them pickled, over the address
that the operator names. Whoever can speak on that network can run code in all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["ClusterUnavailableError", "run_all"]

ResultT = TypeVar("ResultT")
_CONNECT_S = 10


class ClusterUnavailableError(DomainError):
    """The Dask cluster of ``PRACA_DASK_SCHEDULER`` does not answer.

    Or its client is not installed (``praca[dask]``).
    """

    code: ClassVar[str] = "cluster_unavailable"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Dask cluster unavailable"
    sample: ClassVar[tuple[str]] = ("tcp://127.0.0.1:8786",)

    def __init__(self, address: str) -> None:
        super().__init__(f"O cluster Dask em {address} não responde.")


def run_all(
    work: Callable[..., ResultT],
    inputs: Sequence[tuple[Any, ...]],
    *,
    n_jobs: int,
    scheduler: str | None,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> list[ResultT]:
    """Return what ``work`` gives for each of the inputs, in their order.

    Args:
        work: a function that workers can import.
        inputs: its positional arguments.
        n_jobs: how many run at a time in threads; -1: one per core. A cluster uses all it has.
        scheduler: address of a Dask scheduler; None: threads.
        on_progress: called with the number of results so far; what it raises ends the work.

    Raises:
        ClusterUnavailableError: the scheduler does not answer.
    """
    # API processes never train, and need not load it.
    from joblib import Parallel, delayed  # type: ignore[import-untyped]  # noqa: PLC0415

    with _backend(scheduler):
        results: list[ResultT] = []
        parallel = Parallel(n_jobs=-1 if scheduler else n_jobs, return_as="generator")
        for result in parallel(delayed(work)(*arguments) for arguments in inputs):
            results.append(result)
            on_progress(len(results))
        return results


@contextmanager
def _backend(scheduler: str | None) -> Iterator[None]:
    from joblib import parallel_config  # noqa: PLC0415  # as above

    if scheduler is None:
        with parallel_config(backend="threading"):
            yield
        return
    try:
        from distributed import Client  # noqa: PLC0415  # an extra: praca[dask]

        open_client: Any = Client  # it has no types
        client = open_client(scheduler, timeout=_CONNECT_S, set_as_default=False)
    except (ImportError, OSError) as error:  # a timeout is an OSError
        raise ClusterUnavailableError(scheduler) from error
    with client, parallel_config(backend="dask", client=client, wait_for_workers_timeout=60):
        yield
