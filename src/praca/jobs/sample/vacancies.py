"""What a vacancy asks for, and its record in ``vagas.json``."""

from datetime import date
from typing import Any, NamedTuple

from praca.jobs.sample.catalogue import WHEEL, Occupation, Rung, Skill, schooling_rank
from praca.jobs.sample.days import day_text
from praca.jobs.sample.people import recruiter
from praca.jobs.sample.phrases import (
    COMMON_BEHAVIOURS,
    DESK_CONDITIONS,
    LANGUAGE_LEVELS,
    ON_SITE_CONDITIONS,
    VACANCY_BEHAVIOURS,
    VACANCY_INTROS,
    VACANCY_NOTES,
    VACANCY_REQUIREMENTS,
    VACANCY_WISHES,
)
from praca.jobs.sample.place import CITY, NEARBY_CITIES, NEIGHBOURHOODS, STATE, employer
from praca.jobs.sample.wording import capitalized, listed
from praca.kit.draw import Draw

__all__ = ["Vacancy", "vacancy", "vacancy_code", "vacancy_record"]

# Far above the codes of a real city, so that real files can be imported beside.
_FIRST_CODE = 9_000_001
_FIRST_DAY = date(2021, 3, 1).toordinal()
_LAST_DAY = date(2025, 10, 31).toordinal()
# The wheel's length is prime, so any step visits every place: small cities have varied vacancies.
_WHEEL_STEP = 37
_TITLE_FORMS = (
    *("{title}",) * 8,
    "{title} - {place}",
    "{number} - {title}",
    "Vaga: {title}",
    "{title} (Urgente)",
)
_BULLETS = ("- ", "• ", "* ", "")
_CONTRACTS = (
    *("CLT Full",) * 8,
    *("PJ/Autônomo",) * 3,
    *("CLT Full, PJ/Autônomo",) * 2,
    "Cooperado",
    "",
)
_TERMS = ("Indeterminado", "Indeterminado", "Determinado", "")
_PURPOSES = ("Contratação", "Contratação", "Contratação", "Contratação", "Prospecção", "")
_PRIORITIES = ("Alta: até 5 dias", "Média: até 10 dias", "Baixa: até 30 dias", "")
_ORIGINS = ("Nova Posição", "Nova Posição", "Substituição", "")
_HOURS = ("08:00 às 17:00", "09:00 às 18:00", "Comercial", "", "", "")
_DESK_SECTORS = ("tech", "office")
_EQUIPMENT = ("Nenhum -", "Notebook padrão -", "Outro -", "", "")
_ENGLISH_ASKED = (1, 2, 2, 3, 3, 4)
_YEARS_ASKED = (0, 0, 1, 2, 4, 5, 5, 6)
_DIVISIONS = ("Unidade Centro", "Unidade Três Pontes")


class Vacancy(NamedTuple):
    """What the employer is looking for."""

    number: int
    occupation: Occupation
    rung: Rung
    title: str
    required: tuple[Skill, ...]
    desired: tuple[Skill, ...]
    english: int
    spanish: int
    schooling: str
    schooling_rank: int
    opened: int
    """Day of the request, as a proleptic ordinal."""


def vacancy_code(index: int) -> str:
    """Return the code of vacancy ``index``."""
    return str(_FIRST_CODE + index)


def vacancy(seed: int, index: int) -> Vacancy:
    """Return vacancy ``index``, whatever the size of the city."""
    draw = Draw(f"{seed}:vacancy:{index}")
    occupation = WHEEL[index * _WHEEL_STEP % len(WHEEL)]
    rung = draw.pick(occupation.rung_wheel)
    title = draw.pick(_TITLE_FORMS).format(
        title=draw.pick(rung.titles).neutral,
        place=draw.pick(NEIGHBOURHOODS)[0],
        number=draw.between(1000, 9999),
    )
    skills = draw.some(occupation.skills, draw.between(5, 8))
    must = draw.between(3, 5)
    schooling = draw.pick(occupation.schooling)
    asks_english = draw.below(100) < occupation.english_percent
    return Vacancy(
        number=index,
        occupation=occupation,
        rung=rung,
        title=title.upper() if draw.chance(0.12) else title,
        required=tuple(skills[:must]),
        desired=tuple(skills[must:]),
        english=draw.pick(_ENGLISH_ASKED) if asks_english else 0,
        spanish=draw.between(1, 3) if draw.chance(0.06) else 0,
        schooling=schooling,
        schooling_rank=schooling_rank(schooling),
        opened=draw.between(_FIRST_DAY, _LAST_DAY),
    )


def _spelled(draw: Draw, skills: tuple[Skill, ...]) -> list[str]:
    return [skill.name if draw.chance(0.55) else draw.pick(skill.spellings) for skill in skills]


def _activities(draw: Draw, wanted: Vacancy) -> str:
    bullet = draw.pick(_BULLETS)
    chosen = draw.some(wanted.occupation.activities, draw.between(3, 7))
    lines = [f"{bullet}{capitalized(activity)}" for activity in chosen]
    body = "; ".join(lines) + "." if not bullet and draw.chance(0.6) else "\n".join(lines)
    intro = draw.pick(VACANCY_INTROS)
    return f"{intro}\n{body}" if intro else body


def _requirements(draw: Draw, wanted: Vacancy) -> str:
    bullet = draw.pick(_BULLETS)
    lines = [f"{bullet}{capitalized(skill)}" for skill in _spelled(draw, wanted.required)]
    years = _YEARS_ASKED[wanted.rung.rank]
    if years and draw.chance(0.7):
        unit = "ano" if years == 1 else "anos"
        lines.append(f"{bullet}Experiência mínima de {years} {unit} em {wanted.occupation.name}")
    if wanted.english and draw.chance(0.7):
        lines.append(f"{bullet}Inglês {LANGUAGE_LEVELS[wanted.english].lower()}")
    intro = draw.pick(VACANCY_REQUIREMENTS)
    parts = [intro] if intro else []
    parts += [", ".join(lines) + "."] if not bullet and draw.chance(0.5) else lines
    if wanted.desired and draw.chance(0.8):
        skills = listed(_spelled(draw, wanted.desired))
        parts.append(draw.pick(VACANCY_WISHES).format(skills=skills))
    if draw.chance(0.75):
        soft = draw.some(wanted.occupation.behaviours + COMMON_BEHAVIOURS, draw.between(2, 4))
        parts.append(draw.pick(VACANCY_BEHAVIOURS).format(behaviours=listed(soft)))
    return "\n".join(parts)


def _notes(draw: Draw, wanted: Vacancy, neighbourhood: str) -> str:
    if draw.chance(0.3):
        return ""
    desk = wanted.occupation.sector in _DESK_SECTORS
    condition = draw.pick(DESK_CONDITIONS if desk else ON_SITE_CONDITIONS).format(
        neighbourhood=neighbourhood, city=CITY
    )
    return "\n".join([condition, *draw.some(VACANCY_NOTES, draw.between(0, 3))])


def _basics(draw: Draw, wanted: Vacancy, seed: int) -> dict[str, Any]:
    needs_sap = any(skill.name.startswith("SAP") for skill in wanted.required)
    section: dict[str, Any] = {
        "data_requicisao": day_text(wanted.opened),
        "limite_esperado_para_contratacao": day_text(wanted.opened + draw.between(7, 60))
        if draw.chance(0.9)
        else "00-00-0000",
        "titulo_vaga": wanted.title,
        "vaga_sap": "Sim" if needs_sap else "Não",
        "cliente": employer(draw, wanted.occupation.sector),
        "solicitante_cliente": recruiter(seed, draw),
        "empresa_divisao": draw.pick(_DIVISIONS),
        "requisitante": recruiter(seed, draw),
        "analista_responsavel": recruiter(seed, draw),
        "tipo_contratacao": draw.pick(_CONTRACTS),
        "prazo_contratacao": draw.pick(_TERMS),
        "objetivo_vaga": draw.pick(_PURPOSES),
        "prioridade_vaga": draw.pick(_PRIORITIES),
        "origem_vaga": draw.pick(_ORIGINS),
        "superior_imediato": "",
        "nome": "",
        "telefone": "",
    }
    if draw.chance(0.3):
        start = wanted.opened + draw.between(15, 90)
        section["data_inicial"] = day_text(start)
        section["data_final"] = day_text(start + draw.between(90, 720))
    return section


def _profile(draw: Draw, wanted: Vacancy) -> dict[str, Any]:
    occupation = wanted.occupation
    neighbourhood, region = draw.pick(NEIGHBOURHOODS)
    local = draw.chance(0.88)
    english = LANGUAGE_LEVELS[wanted.english]
    if occupation.area.startswith("TI") and english == "Intermediário" and draw.chance(0.25):
        english = "Técnico"
    section: dict[str, Any] = {
        "pais": "Brasil",
        "estado": STATE,
        "cidade": CITY if local else draw.pick(NEARBY_CITIES),
        "bairro": neighbourhood if local and draw.chance(0.7) else "",
        "regiao": region if local and draw.chance(0.6) else "",
        "local_trabalho": draw.pick(("1000", "2000", "2000")),
        # Never "Sim": a reserved vacancy would make disability count in the outcome.
        "vaga_especifica_para_pcd": draw.pick(("Não", "Não", "Não", "")),
        "faixa_etaria": "",
        "horario_trabalho": draw.pick(_HOURS),
        "nivel profissional": wanted.rung.level,
        "nivel_academico": wanted.schooling,
        "nivel_ingles": english,
        "nivel_espanhol": LANGUAGE_LEVELS[wanted.spanish] if draw.chance(0.9) else "",
        "outro_idioma": "",
        "areas_atuacao": f"{occupation.area}-",
        "principais_atividades": _activities(draw, wanted),
        "competencia_tecnicas_e_comportamentais": _requirements(draw, wanted),
        "demais_observacoes": _notes(draw, wanted, neighbourhood),
        "viagens_requeridas": draw.pick(("Não", "Não", "Sim", "", "")),
        "equipamentos_necessarios": draw.pick(_EQUIPMENT),
    }
    if draw.chance(0.2):
        soft = draw.some(occupation.behaviours + COMMON_BEHAVIOURS, draw.between(2, 4))
        section["habilidades_comportamentais_necessarias"] = capitalized(listed(soft))
    return section


def _benefits(draw: Draw, wanted: Vacancy) -> dict[str, Any]:
    hourly = wanted.occupation.pay * (60 + 20 * wanted.rung.rank) // 10_000
    return {
        "valor_venda": f"{hourly * 2},00 - por hora" if draw.chance(0.5) else "-",
        "valor_compra_1": draw.pick(("a combinar", "em aberto", f"R$ {hourly},00", f"{hourly},00")),
        "valor_compra_2": f"{hourly + draw.between(2, 12)},00" if draw.chance(0.05) else "",
    }


def vacancy_record(seed: int, index: int) -> dict[str, Any]:
    """Return vacancy ``index`` in the layout of ``vagas.json``, its odd key names included."""
    wanted = vacancy(seed, index)
    draw = Draw(f"{seed}:vacancy-record:{index}")
    return {
        "informacoes_basicas": _basics(draw, wanted, seed),
        "perfil_vaga": _profile(draw, wanted),
        "beneficios": _benefits(draw, wanted),
    }
