"""Who is put forward for a vacancy and how it ends: one group of ``prospects.json``.

Both follow from the fit between traits and vacancy, plus chance. No personal attribute is at hand
here; the name is looked up only after everything is decided.
"""

from math import ceil
from typing import Any
from zlib import crc32

from praca.jobs.sample.candidates import applicant_code
from praca.jobs.sample.catalogue import OCCUPATION_BY_KEY, WHEEL, WHEEL_PLACES
from praca.jobs.sample.days import day_text
from praca.jobs.sample.people import candidate_name, recruiter
from praca.jobs.sample.phrases import APPLICATION_COMMENTS
from praca.jobs.sample.traits import Traits, traits
from praca.jobs.sample.vacancies import Vacancy, vacancy
from praca.kit.draw import Draw

__all__ = ["HIRED_STATUSES", "REJECTED_STATUSES", "fit", "has_group", "prospect_group"]

# Of every twenty vacancies one has no group and two have an empty one, in the long run.
_CYCLE = 20
_NO_GROUP = (0,)
_EMPTY_GROUP = (1, 2)
_GROUP_SIZES = (1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8)
_MODALITIES = (*("",) * 16, "CLT", "CLT", "PJ", "Cooperado")
_HIRED = (
    *("Contratado pela Decision",) * 22,
    *("Aprovado",) * 3,
    *("Contratado como Hunting",) * 2,
    "Proposta Aceita",
    "Encaminhar Proposta",
    "Documentação CLT",
)
HIRED_STATUSES = frozenset(_HIRED)
_REJECTED_BY_FIT = (
    ("Não Aprovado pelo RH", "Não Aprovado pelo RH", "Não Aprovado pelo Cliente"),
    ("Não Aprovado pelo Cliente", "Não Aprovado pelo Requisitante", "Não Aprovado pelo RH"),
    ("Não Aprovado pelo Cliente", "Não Aprovado pelo Cliente", "Não Aprovado pelo Requisitante"),
)
REJECTED_STATUSES = frozenset(status for row in _REJECTED_BY_FIT for status in row)
_WITHDRAWN = (*("Desistiu",) * 12, *("Sem interesse nesta vaga",) * 4, "Desistiu da Contratação")
_OPEN_EARLY = (*("Prospect",) * 11, *("Inscrito",) * 3, "Em avaliação pelo RH")
_OPEN_LATE = (
    *("Encaminhado ao Requisitante",) * 14,
    "Entrevista Técnica",
    "Entrevista com Cliente",
)
_OPEN_SHARE = 0.69
_WITHDRAWN_SHARE = 0.07
_HIRING_BAR = 0.76
_MOST_HIRED = 2
_SAME_OCCUPATION = 0.7
_NEIGHBOUR_OCCUPATION = 0.9
_LATE_DAYS = 45


def fit(candidate: Traits, wanted: Vacancy) -> float:
    """Tell how well a candidate suits a vacancy, from 0 to 1."""
    if candidate.occupation is wanted.occupation:
        occupation = 1.0
    else:
        occupation = 0.5 * (candidate.occupation.key in wanted.occupation.neighbours)
    known = {skill.name for skill in candidate.skills}
    must = len([skill for skill in wanted.required if skill.name in known])
    nice = len([skill for skill in wanted.desired if skill.name in known])
    skills = (2 * must + nice) / (2 * len(wanted.required) + len(wanted.desired))
    level = max(0.0, 1 - 0.35 * abs(candidate.rung.rank - wanted.rung.rank))
    missing = max(0, wanted.english - candidate.english, wanted.spanish - candidate.spanish)
    schooling = candidate.schooling_rank >= wanted.schooling_rank
    return (
        0.3 * occupation
        + 0.36 * min(1.0, 1.35 * skills)
        + 0.2 * level
        + 0.09 * (1 - 0.25 * missing)
        + 0.05 * schooling
    )


def _group_cell(seed: int, index: int) -> int:
    return crc32(f"{seed}:group:{index}".encode()) % _CYCLE


def has_group(seed: int, index: int) -> bool:
    """Tell whether vacancy ``index`` appears in ``prospects.json`` at all."""
    return _group_cell(seed, index) not in _NO_GROUP


def _someone_of(draw: Draw, key: str, candidates: int) -> int | None:
    """Draw a candidate of the occupation by arithmetic on the wheel, without a search."""
    places = WHEEL_PLACES[key]
    turns, rest = divmod(candidates, len(WHEEL))
    in_last_turn = len([place for place in places if place < rest])
    count = turns * len(places) + in_last_turn
    if not count:
        return None
    turn, place = divmod(draw.below(count), len(places))
    return turn * len(WHEEL) + places[place]


def _pool(draw: Draw, wanted: Vacancy, candidates: int, size: int) -> list[int]:
    """Draw different candidates: most of the occupation, some of a neighbour, a few of any."""
    pool: dict[int, None] = {}
    for _ in range(size):
        kind = draw.unit()
        if kind < _SAME_OCCUPATION:
            found = _someone_of(draw, wanted.occupation.key, candidates)
        elif kind < _NEIGHBOUR_OCCUPATION:
            key = draw.pick(wanted.occupation.neighbours)
            found = _someone_of(draw, OCCUPATION_BY_KEY[key].key, candidates)
        else:
            found = draw.below(candidates)
        pool[draw.below(candidates) if found is None else found] = None
    return list(pool)


def _put_forward(
    draw: Draw, seed: int, wanted: Vacancy, candidates: int
) -> list[tuple[float, Traits]]:
    """Choose the vacancy's candidates with their fit, the most promising first."""
    size = draw.pick(_GROUP_SIZES)
    ranked = []
    for index in _pool(draw, wanted, candidates, size + 1 + ceil(size / 2)):
        candidate = traits(seed, index)
        match = fit(candidate, wanted)
        late = candidate.registered > wanted.opened + _LATE_DAYS
        promise = match + 0.5 * draw.unit() - late
        ranked.append((-promise, index, match, candidate))
    ranked.sort(key=lambda entry: entry[:2])
    return [(match, candidate) for _, _, match, candidate in ranked[:size]]


def _status(draw: Draw, match: float, places_left: int) -> str:
    course = draw.unit()
    score = match + 0.3 * (draw.unit() + draw.unit() - 1)
    if course < _OPEN_SHARE:
        return draw.pick(_OPEN_LATE if score > _HIRING_BAR - 0.03 else _OPEN_EARLY)
    if course < _OPEN_SHARE + _WITHDRAWN_SHARE:
        return draw.pick(_WITHDRAWN)
    if score > _HIRING_BAR and places_left > 0:
        return draw.pick(_HIRED)
    return draw.pick(_REJECTED_BY_FIT[(score > _HIRING_BAR - 0.2) + (score > _HIRING_BAR - 0.08)])


def prospect_group(seed: int, index: int, candidates: int) -> dict[str, Any]:
    """Return the group of vacancy ``index`` in the layout of ``prospects.json``."""
    wanted = vacancy(seed, index)
    draw = Draw(f"{seed}:applications:{index}")
    modality = draw.pick(_MODALITIES)
    prospects: list[dict[str, Any]] = []
    if candidates and _group_cell(seed, index) not in _EMPTY_GROUP:
        hired = 0
        for match, candidate in _put_forward(draw, seed, wanted, candidates):
            status = _status(draw, match, _MOST_HIRED - hired)
            hired += status in HIRED_STATUSES
            applied = max(wanted.opened, candidate.registered) + draw.below(30)
            prospects.append(
                {
                    "nome": candidate_name(seed, candidate.number),
                    "codigo": applicant_code(candidate.number),
                    "situacao_candidado": status,
                    "data_candidatura": day_text(applied),
                    "ultima_atualizacao": day_text(applied + draw.below(50)),
                    "comentario": draw.pick(APPLICATION_COMMENTS) if draw.chance(0.12) else "",
                    "recrutador": recruiter(seed, draw),
                }
            )
    return {"titulo": wanted.title, "modalidade": modality, "prospects": prospects}
