"""Figures of models: which version answers, and when one took another's place."""

from typing import Final

from praca.platform.metrics import Counter, Figure, Gauge, Reading

__all__ = ["MODEL_READINGS", "note_loaded", "note_not_loaded"]

_IN_USE: Final = Gauge(
    "praca_model_in_use", "Processes that answer from a version.", ("model", "version")
)
_SWAPS: Final = Counter(
    "praca_model_swaps_total", "Times a process put a version in another's place.", ("model",)
)
_FAILURES: Final = Counter(
    "praca_model_load_failures_total", "Versions that could not be loaded.", ("model",)
)

MODEL_READINGS: Final = (
    Reading(
        "models",
        (
            Figure("praca_model_champion_version", "The version that is to answer.", ("model",)),
            Figure(
                "praca_model_champion_timestamp_seconds",
                "Since when that is so, in Unix time.",
                ("model",),
            ),
        ),
        """
        SELECT name, version, extract(epoch FROM changed_at)
        FROM platform.model_aliases WHERE alias = 'champion'
        """,
    ),
)


def note_loaded(model: str, version: int, before: int | None) -> None:
    """Note that this process answers from ``version`` now, and no longer from ``before``."""
    if before is not None:
        _IN_USE.set(0, model, str(before))
        _SWAPS.add(model)
    _IN_USE.set(1, model, str(version))


def note_not_loaded(model: str) -> None:
    """Note that a version could not be loaded."""
    _FAILURES.add(model)
