"""Which outcome counts as a hire: the map of the old model server, kept so that figures compare.

Unlike the platform's own table (``praca.jobs.matching.outcomes``), it takes every undecided state
for a 0. A status that is not in it is left out of training.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from praca.kit.text import fold, squeeze

__all__ = ["LABELS", "label_of"]

LABELS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Contratado pela Decision": 1,
        "Documentação PJ": 1,
        "Aprovado": 1,
        "Contratado como Hunting": 1,
        "Documentação CLT": 1,
        "Documentação Cooperado": 1,
        "Encaminhar Proposta": 1,
        "Proposta Aceita": 1,
        "Encaminhado ao Requisitante": 0,
        "Desistiu": 0,
        "Não Aprovado pelo Cliente": 0,
        "Prospect": 0,
        "Não Aprovado pelo RH": 0,
        "Não Aprovado pelo Requisitante": 0,
        "Inscrito": 0,
        "Entrevista Técnica": 0,
        "Em avaliação pelo RH": 0,
        "Desistiu da Contratação": 0,
        "Entrevista com Cliente": 0,
        "Recusado": 0,
        "Sem interesse nesta vaga": 0,
    }
)
"""Status -> 1 for a hire, 0 for anything else."""

_KNOWN: Final = {squeeze(fold(status)): (status, label) for status, label in LABELS.items()}


def label_of(status: str) -> tuple[str, int] | None:
    """Return the status as it is documented and its label, whatever its case and accents."""
    return _KNOWN.get(squeeze(fold(status)))
