"""The classifier: what it learns from, and that it learns the same everywhere."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from praca.helpdesk.chatbot.intents import (
    LEARNT,
    Intent,
    IntentModel,
    digest_of,
    open_intents,
    training_messages,
)


def test_there_are_enough_messages_of_each_intent() -> None:
    messages = training_messages()
    counts = Counter(name for _, name in messages)
    assert set(counts) == {*map(str, Intent), "other"}
    assert min(counts.values()) >= 40
    assert len({text for text, _ in messages}) == len(messages)


def test_what_is_shipped_was_learnt_from_the_shipped_messages() -> None:
    assert open_intents().digest_ == digest_of(training_messages())


def test_it_learns_the_same_each_time() -> None:
    messages = training_messages()[::6]
    one, two = IntentModel().fit(messages), IntentModel().fit(messages)
    assert one.temperature_ == two.temperature_
    assert np.allclose(one.weights_, two.weights_)


def test_what_was_learnt_is_the_same_after_it_was_written(tmp_path: Path) -> None:
    again = tmp_path / "again.npz"
    open_intents().save(again)
    with np.load(LEARNT, allow_pickle=False) as one, np.load(again, allow_pickle=False) as two:
        assert one.files == two.files
        assert all(np.array_equal(one[name], two[name]) for name in one.files)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("quanto tenho no cartão?", Intent.BALANCE),
        ("QUERO CANCELAR MEU CARTAO!!!", Intent.CANCEL_CARD),
        ("quero guardar meu rg", Intent.SAVE_DOCUMENT),
        ("quais documentos eu tenho salvos", Intent.LIST_DOCUMENTS),
        ("tenho uma dúvida", Intent.ASK),
        ("quero falar com um atendente", Intent.HUMAN),
        ("como peço a poda de uma árvore?", None),
        ("bloquear meu cartão", None),
        ("", None),
        ("😀😀😀", None),
        ("你好", None),
        ("xwq zkj", None),
        ("quero cancelar meu cartão " * 20, None),
    ],
)
def test_what_a_sentence_asks_for(message: str, intent: Intent | None) -> None:
    assert open_intents().intent_of(message) is intent


def test_a_threshold_that_nothing_reaches() -> None:
    model = IntentModel(threshold=1.1).fit(training_messages()[::6])
    assert model.intent_of("saldo do cartão") is None
