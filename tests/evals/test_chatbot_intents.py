"""The chatbot's classifier on messages that it never learns from, against keyword rules."""

import pytest
from benchmarks.chatbot_intents import (
    HELD_OUT,
    QUESTIONS,
    by_rules,
    heard,
    real_questions,
    shares,
)

from praca.helpdesk.chatbot.intents import (
    THRESHOLD,
    IntentModel,
    open_intents,
    read_messages,
    training_messages,
)


def rates(guess: IntentModel | None, messages: list[tuple[str, str]]) -> dict[str, float]:
    found = heard(by_rules if guess is None else guess.guess, messages)
    return {name: hits / of for name, (hits, of) in shares(found, THRESHOLD).items() if of}


def test_messages_that_were_written_apart() -> None:
    messages = read_messages(HELD_OUT)
    learnt = {text for text, _ in training_messages()}
    assert sum(text in learnt for text, _ in messages) <= 3  # the shortest, which everybody writes
    ours, rules = rates(open_intents(), messages), rates(None, messages)
    assert ours["recognised"] >= 0.85
    assert ours["wrong"] <= 0.01
    assert ours["false accepts"] <= 0.06
    assert ours["recognised"] > rules["recognised"] + 0.1
    assert ours["false accepts"] < rules["false accepts"] - 0.1


def test_a_classifier_that_learnt_something_else_fails() -> None:
    shipped = training_messages()[::4]
    names = [name for _, name in shipped]
    shuffled = [(text, names[-1 - place]) for place, (text, _) in enumerate(shipped)]
    bad = rates(IntentModel().fit(shuffled), read_messages(HELD_OUT))
    assert bad["recognised"] < 0.5


def test_probabilities_are_calibrated_on_what_was_not_learnt() -> None:
    found = heard(open_intents().guess, read_messages(HELD_OUT))
    right = sum(one.truth == one.guess for one in found) / len(found)
    assert abs(right - sum(one.probability for one in found) / len(found)) < 0.06


@pytest.mark.skipif(not QUESTIONS.is_file(), reason=f"no real questions: {QUESTIONS} is not there")
def test_real_questions_are_left_to_the_help_desk() -> None:
    assert rates(open_intents(), real_questions())["false accepts"] <= 0.01
