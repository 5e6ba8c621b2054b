"""Shadow mode: what another version would have answered, counted and never shown.

Live requests are handed over after they were answered and scored on a thread, a bounded number at
a time, so that an answer does not wait for its shadow. Of more than can be scored, the newest are.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from praca.platform.database import Database, ReadSession, WriteSession

__all__ = ["Differences", "Shadow", "add_differences", "list_differences"]

_DECISION: Final = 0.5
_AT_ONCE: Final = 200


@dataclass(slots=True)
class Differences:
    """Sums over answers: what the shadow would have said minus what was said.

    Attributes:
        answers: compared.
        failures: requests on which the shadow failed.
        flips: answers on the other side of one half.
        sum_difference: of probabilities.
        sum_absolute: of their absolute differences.
        largest: absolute difference.
    """

    answers: int = 0
    failures: int = 0
    flips: int = 0
    sum_difference: float = 0.0
    sum_absolute: float = 0.0
    largest: float = 0.0

    def compare(self, answered: float, score: Callable[..., float], *inputs: Any) -> None:
        """Count one answered probability against what ``score`` gives for ``inputs``."""
        try:
            gap = score(*inputs) - answered
        except Exception:  # noqa: BLE001  # a version on trial may fail in any way
            self.failures += 1
            return
        self.answers += 1
        self.flips += (answered > _DECISION) != (answered + gap > _DECISION)
        self.sum_difference += gap
        self.sum_absolute += abs(gap)
        self.largest = max(self.largest, abs(gap))


class Shadow:
    """A version on trial in one process.

    Args:
        name: which model.
        champion: version that answers.
        challenger: version on trial.
        score: returns what it would have answered to the inputs of a request, 0 to 1.
    """

    def __init__(
        self, name: str, champion: int, challenger: int, score: Callable[..., float]
    ) -> None:
        self.name = name
        self.champion = champion
        self.challenger = challenger
        self._score = score
        self._waiting: deque[tuple[float, tuple[Any, ...]]] = deque(maxlen=_AT_ONCE)

    def offer(self, answered: float, *inputs: Any) -> None:
        """Have a request that was ``answered`` compared later; may be called from any thread."""
        self._waiting.append((answered, inputs))

    async def settle(self, database: Database) -> None:
        """Compare what is waiting and add it to the counts that all processes share."""
        if not self._waiting:
            return
        found = await asyncio.to_thread(self._compare)
        async with database.write() as session:
            await add_differences(session, self.name, self.champion, self.challenger, found)

    def _compare(self) -> Differences:
        found = Differences()
        for _ in range(len(self._waiting)):
            answered, inputs = self._waiting.popleft()
            found.compare(answered, self._score, *inputs)
        return found


async def add_differences(
    session: WriteSession, name: str, champion: int, challenger: int, found: Differences
) -> None:
    """Add what one process has counted to what all have."""
    await session.execute(
        text(
            "INSERT INTO platform.shadow_scores AS s (name, champion, challenger, answers,"
            " failures, flips, sum_difference, sum_absolute, largest) VALUES (:name, :champion,"
            " :challenger, :answers, :failures, :flips, :sum_difference, :sum_absolute, :largest)"
            " ON CONFLICT (name, champion, challenger) DO UPDATE SET"
            " answers = s.answers + excluded.answers, failures = s.failures + excluded.failures,"
            " flips = s.flips + excluded.flips,"
            " sum_difference = s.sum_difference + excluded.sum_difference,"
            " sum_absolute = s.sum_absolute + excluded.sum_absolute,"
            " largest = greatest(s.largest, excluded.largest), updated_at = now()"
        ),
        {
            "name": name,
            "champion": champion,
            "challenger": challenger,
            "answers": found.answers,
            "failures": found.failures,
            "flips": found.flips,
            "sum_difference": found.sum_difference,
            "sum_absolute": found.sum_absolute,
            "largest": found.largest,
        },
    )


async def list_differences(session: ReadSession, name: str) -> Sequence[Mapping[str, Any]]:
    """Return what was counted for each pair of champion and shadow of ``name``, newest first."""
    rows = await session.execute(
        text(
            "SELECT champion, challenger, answers, failures, flips, largest, updated_at,"
            " sum_difference / nullif(answers, 0) AS mean_difference,"
            " sum_absolute / nullif(answers, 0) AS mean_absolute"
            " FROM platform.shadow_scores WHERE name = :name ORDER BY updated_at DESC"
        ),
        {"name": name},
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # its public name
