"""Real services and the questions about them, read in place, and their split."""

import ast
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from praca.helpdesk.records import Article

__all__ = [
    "FOLDS",
    "OUT_OF_SCOPE",
    "Question",
    "fold_of",
    "is_held_back",
    "read_out_of_scope",
    "read_questions",
    "read_services",
    "real_services_folder",
]

FOLDS: Final = 5
OUT_OF_SCOPE: Final = Path(__file__).resolve().parents[1] / "data" / "out_of_scope.jsonl"
_SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
_FIELDS: Final = {
    "title": "titulo",
    "summary": "resumo_web",
    "brief": "resumo_whatsapp",
    "body": "descricao",
    "steps": "etapas",
    "more": "informacoes_complementares",
    "cost": "custo_do_servico",
    "deadline": "prazo_esperado",
    "agency": "orgao_gestor",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        key: of the article that answers it, or its own name if none does.
    """

    text: str
    key: str


def real_services_folder() -> Path:
    """Return where the real services are, or would be."""
    return Path(os.environ.get("PRACA_REAL_DATA", _SHARED)) / "rio-services"


def read_services(path: Path) -> list[Article]:
    """Return the articles of a file in the layout of the real services."""
    return [_article(record, number) for number, record in enumerate(_records(path), 1)]


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a file in the layout of the real ones."""
    return [Question(str(one["pergunta"]), str(one["id"])) for one in _records(path)]


def read_out_of_scope(path: Path = OUT_OF_SCOPE) -> list[Question]:
    """Return our own questions that no article answers."""
    return [Question(str(one["question"]), str(one["id"])) for one in _records(path)]


def is_held_back(key: str) -> bool:
    """Tell whether all about this service (or this question out of scope) was kept from tuning."""
    return _number(key) % 3 == 0


def fold_of(key: str) -> int:
    """Return the fold of cross-validation within the tuning part."""
    return _number("f" + key) % FOLDS


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _records(path: Path) -> Iterable[Mapping[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def _article(record: Mapping[str, Any], number: int) -> Article:
    texts: dict[str, Any] = {our: str(record.get(their) or "") for our, their in _FIELDS.items()}
    key = str(record["id"])
    return Article(id=number, key=key, version=1, category=_category(record), **texts)


def _category(record: Mapping[str, Any]) -> tuple[str, ...]:
    written = record.get("category") or {}
    levels = ast.literal_eval(written) if isinstance(written, str) else written
    return tuple(str(level) for level in levels.values())
