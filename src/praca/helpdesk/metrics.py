"""Figures of the help desk: questions, answers, and the model that words them."""

from datetime import datetime
from typing import Final

from praca.helpdesk.records import Answer
from praca.kit.clock import utc_now
from praca.platform.metrics import Counter, Figure, Gauge, Histogram, Reading

__all__ = [
    "QUESTION_READINGS",
    "note_answer",
    "note_asked",
    "note_breaker",
    "note_settled",
    "note_told",
]

_ASKED: Final = Counter("praca_questions_asked_total", "Questions that were taken.")
_SETTLED: Final = Counter(
    "praca_questions_settled_total", "Questions that were answered, or given up.", ("status",)
)
_WAITED: Final = Histogram(
    "praca_question_answer_seconds",
    "From asking a question to its answer being kept.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
_ANSWERS: Final = Counter(
    "praca_answers_total",
    "Answers that were made, and whether they say something or that nothing is known.",
    ("engine", "outcome"),
)
_CONFIDENCE: Final = Histogram(
    "praca_answer_confidence_ratio",
    "How sure it was that the first article is the right one, 0 to 1.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
)
_TOLD: Final = Counter(
    "praca_llm_calls_total",
    "Answers a language model was asked to word, and how that ended; `told`: well.",
    ("outcome",),
)
_TELLING: Final = Histogram(
    "praca_llm_call_duration_seconds",
    "How long that took.",
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80),
)
_BREAKER: Final = Gauge(
    "praca_llm_breaker_open",
    "Whether the model is left alone because it failed too often, as of the last call.",
    how="max",
)

# What is done is deleted: the table holds what waits and what was laid aside.
_MESSAGES: Final = """
SELECT t.topic, count(m.id) FILTER (WHERE m.dead_at IS NULL),
    extract(epoch FROM coalesce(
        max(now() - m.created_at) FILTER (WHERE m.dead_at IS NULL), interval '0')),
    count(m.dead_at)
FROM (VALUES ('process-question'), ('notify-response')) AS t (topic)
LEFT JOIN helpdesk.messages m ON m.topic = t.topic GROUP BY t.topic
"""
_BY_TOPIC: Final = ("topic",)

QUESTION_READINGS: Final = (
    Reading(
        "questions",
        (
            Figure("praca_question_messages_waiting", "Messages that wait or run.", _BY_TOPIC),
            Figure(
                "praca_question_messages_oldest_seconds", "Age of the oldest of them.", _BY_TOPIC
            ),
            Figure(
                "praca_question_messages_laid_aside",
                "Messages given up, which `praca questions redrive` sends again.",
                _BY_TOPIC,
            ),
        ),
        _MESSAGES,
    ),
)


def note_asked() -> None:
    """Count a question that was taken."""
    _ASKED.add()


def note_settled(status: str, asked_at: datetime) -> None:
    """Count a question whose outcome is committed."""
    _SETTLED.add(status)
    _WAITED.observe((utc_now() - asked_at).total_seconds())


def note_answer(answer: Answer) -> Answer:
    """Count an answer, and return it."""
    _ANSWERS.add(str(answer.engine), "answered" if answer.is_answered else "unknown")
    _CONFIDENCE.observe(answer.confidence)
    return answer


def note_told(outcome: str, seconds: float | None = None) -> None:
    """Count a call of a language model; without ``seconds`` what it said before was remembered."""
    _TOLD.add(outcome)
    if seconds is not None:
        _TELLING.observe(seconds)


def note_breaker(*, is_open: bool) -> None:
    """Show whether the model is left alone."""
    _BREAKER.set(float(is_open))
