"""How well does the chatbot tell what a sentence asks for?

    uv run python benchmarks/chatbot_intents.py [--threshold T] [--show] [--learn]

Three questions, each with its own messages:

* cross-validation (ten folds, three shuffles) on the messages that are shipped, near misses among
  them;
* messages that were written apart and are never learnt from (``data/chatbot_held_out.txt``);
* real questions of citizens to a city (``../shared/data/rio-services/questions.jsonl``, or below
  ``PRACA_REAL_DATA``, read in place), none of which asks for what the chatbot does by itself.

*Recognised* is the share of messages with an intent that got theirs; *wrong* the share that got
another one; *false accepts* the share of messages without an intent that got one. Intervals are
95 %, Wilson's. The baseline is the best set of keyword rules we could write.
"""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from praca.helpdesk.chatbot.intents import (
    LEARNT,
    THRESHOLD,
    IntentModel,
    open_intents,
    read_messages,
    training_messages,
)
from praca.helpdesk.chatbot.wording import plain

HELD_OUT = Path(__file__).parent / "data" / "chatbot_held_out.txt"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
QUESTIONS = Path(os.environ.get("PRACA_REAL_DATA", SHARED)) / "rio-services" / "questions.jsonl"
OTHER = "other"
FOLDS, SHUFFLES = 10, 3

Message = tuple[str, str]
Guess = Callable[[str], tuple[str, float]]

_CARD = r"cartao|cartoes|bilhete"
_RULES = (
    ("human", r"atendente|humano|pessoa|alguem|chamado|operador|suporte|gente"),
    ("cancel_card", rf"(cancel|encerr|desativ|exclu|apag).*({_CARD})|cancelamento"),
    ("balance", rf"saldo|quanto (eu )?(tenho|tem|sobrou|resta).*({_CARD}|credito)|creditos"),
    (
        "save_document",
        (
            r"(guard|salv|cadastr|adicion|inclu|registr|coloc|botar)"
            r".*(document|rg|cpf|cnh|identidade|titulo|passaporte|certidao)"
        ),
    ),
    ("list_documents", r"(meus|ver|mostr|list|quais).*(document|docs)|documentos"),
    ("ask", r"^.{0,20}(duvida|pergunta|perguntar|informac)"),
)


@dataclass(frozen=True)
class Heard:
    """One message: what it asks for, and what was made of it with which probability."""

    truth: str
    guess: str
    probability: float
    message: str

    def accepted(self, threshold: float) -> str:
        """Return the intent that it gets."""
        return self.guess if self.probability >= threshold else OTHER


def by_rules(message: str) -> tuple[str, float]:
    """Tell what a message asks for by keywords."""
    words = plain(message)
    for name, pattern in _RULES:
        if re.search(pattern, words):
            return name, 1.0
    return OTHER, 1.0


def heard(guess: Guess, messages: Sequence[Message]) -> list[Heard]:
    """Return what ``guess`` makes of ``messages``."""
    return [Heard(truth, *guess(text), text) for text, truth in messages]


def cross_validated(messages: Sequence[Message], seed: int) -> list[Heard]:
    """Return what is made of each message by a classifier that did not learn it."""
    order = np.random.default_rng(seed).permutation(len(messages))
    found = []
    for fold in range(FOLDS):
        out = {int(place) for place in order[fold::FOLDS]}
        model = IntentModel().fit([one for place, one in enumerate(messages) if place not in out])
        found += heard(model.guess, [messages[place] for place in sorted(out)])
    return found


def real_questions() -> list[Message]:
    """Return what citizens really asked; nothing where the data is not there."""
    if not QUESTIONS.is_file():
        return []
    lines = QUESTIONS.read_bytes().splitlines()
    return [(orjson.loads(line)["pergunta"], OTHER) for line in lines]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, JASA 22, 1927)."""
    z, share = 1.96, hits / of
    centre = share + z * z / (2 * of)
    spread = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = (centre - spread) / (1 + z * z / of), (centre + spread) / (1 + z * z / of)
    return max(float(low), 0.0), min(float(high), 1.0)


def shares(found: Sequence[Heard], threshold: float) -> dict[str, tuple[int, int]]:
    """Return of how many how many were recognised, wrong, falsely accepted."""
    meant = [one for one in found if one.truth != OTHER]
    others = [one for one in found if one.truth == OTHER]
    got = [(one.truth, one.accepted(threshold)) for one in meant]
    return {
        "recognised": (sum(truth == guess for truth, guess in got), len(meant)),
        "wrong": (sum(guess not in (truth, OTHER) for truth, guess in got), len(meant)),
        "false accepts": (sum(one.accepted(threshold) != OTHER for one in others), len(others)),
    }


def _line(name: str, found: Sequence[Heard], threshold: float) -> str:
    cells = []
    for hits, of in shares(found, threshold).values():
        low, high = wilson(hits, of) if of else (0.0, 0.0)
        cells.append(f"{hits / of:.3f} [{low:.3f}, {high:.3f}]" if of else "–")
    return f"{name:<44}" + "".join(f"{cell:>24}" for cell in cells)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--learn", action="store_true", help="write what is shipped, and end")
    parser.add_argument("--show", action="store_true", help="print what went wrong in learning")
    args = parser.parse_args()
    shipped, apart, real = training_messages(), read_messages(HELD_OUT), real_questions()
    if args.learn:
        IntentModel().fit(shipped).save(LEARNT)
        return
    model = open_intents()
    crossed = [one for seed in range(SHUFFLES) for one in cross_validated(shipped, seed)]
    print(f"{len(shipped)} messages learnt, threshold {args.threshold}")
    print(f"{'':<44}{'recognised':>24}{'wrong':>24}{'false accepts':>24}")
    # Shuffles of the same messages are no more messages: the interval is that of one.
    print(_line("ours, cross-validated (one shuffle)", crossed[: len(shipped)], args.threshold))
    print(_line("keyword rules, the same messages", heard(by_rules, shipped), args.threshold))
    for name, messages in (("written apart", apart), ("real questions", real)):
        if messages:
            print(_line(f"ours, {name}", heard(model.guess, messages), args.threshold))
            print(_line(f"keyword rules, {name}", heard(by_rules, messages), args.threshold))
    print("\nthreshold: recognised / wrong / false accepts, all shuffles")
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        row = [f"{hits / of:.3f}" for hits, of in shares(crossed, threshold).values()]
        print(f"  {threshold:.1f}: {' / '.join(row)}")
    right = [one.probability for one in crossed if one.guess == one.truth]
    mean = float(np.mean([one.probability for one in crossed]))
    print(
        f"\ncalibration: mean probability {mean:.3f}, share right {len(right) / len(crossed):.3f}"
    )
    if args.show:
        for one in crossed[: len(shipped)]:
            if one.accepted(args.threshold) != one.truth:
                print(one.truth, one.guess, f"{one.probability:.2f}", one.message)


if __name__ == "__main__":
    main()
