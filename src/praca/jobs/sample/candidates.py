"""One candidate as a record of ``applicants.json``."""

from datetime import date
from typing import Any

from praca.jobs.sample.catalogue import SCHOOLING_RANK, courses_at
from praca.jobs.sample.days import day_text
from praca.jobs.sample.people import FEMALE, Person, person, recruiter
from praca.jobs.sample.phrases import LANGUAGE_LEVELS, OBJECTIVE_FIELDS
from praca.jobs.sample.place import CITY, NEARBY_CITIES, STATE, school
from praca.jobs.sample.resumes import resume, spelled_skills
from praca.jobs.sample.traits import Traits, traits
from praca.jobs.sample.wording import listed, plain
from praca.kit.draw import Draw

__all__ = ["applicant_code", "applicant_record"]

_AFTER_SCHOOL = 2 * SCHOOLING_RANK["Ensino Técnico"] - 1
# Far above the codes of a real city, so that real files can be imported beside.
_FIRST_CODE = 9_000_001
_SOURCES = (
    "Site de Empregos",
    "Indicação de amigo",
    "Nosso site",
    "Anúncio",
    "Escolas/Faculdades",
    "Outros",
    "",
)
_OTHER_LANGUAGES = ("Francês - Básico", "Italiano - Básico", "Libras - Intermediário")
_PAY_BY_RANK = (35, 55, 70, 100, 135, 165, 185, 230)
FICTITIOUS_SOURCE = "Cadastro fictício da cidade-modelo"


def applicant_code(index: int) -> str:
    """Return the code of candidate ``index``."""
    return str(_FIRST_CODE + index)


def _clock(draw: Draw, day: int) -> str:
    moment = f"{draw.between(7, 21):02}:{draw.below(60):02}:{draw.below(60):02}"
    return f"{day_text(day)} {moment}"


def _pay(draw: Draw, candidate: Traits) -> str:
    amount = candidate.occupation.pay * _PAY_BY_RANK[candidate.rung.rank] // 100
    amount = amount * draw.between(85, 118) // 100 // 50 * 50
    thousands, rest = divmod(amount, 1000)
    dotted = f"{thousands}.{rest:03}" if thousands else str(rest)
    return draw.pick((f"{dotted},00", f"R$ {dotted},00", str(amount), f"{amount},00"))


def _basics(draw: Draw, candidate: Traits, who: Person, seed: int) -> dict[str, Any]:
    title = draw.pick(candidate.rung.titles)[who.sex]
    objective = draw.pick(OBJECTIVE_FIELDS).format(title=title, field=candidate.occupation.name)
    city = CITY if draw.chance(0.88) else draw.pick(NEARBY_CITIES)
    return {
        "telefone_recado": "",
        "telefone": who.phone,
        "objetivo_profissional": objective if draw.chance(0.75) else "",
        "data_criacao": _clock(draw, candidate.registered),
        "inserido_por": "Autocadastro" if draw.chance(0.4) else recruiter(seed, draw),
        "email": who.email,
        "local": f"{city}, {STATE}" if draw.chance(0.85) else "",
        "sabendo_de_nos_por": draw.pick(_SOURCES),
        "data_atualizacao": _clock(draw, candidate.registered + draw.between(1, 90)),
        "codigo_profissional": applicant_code(candidate.number),
        "nome": who.name,
    }


def _personal(draw: Draw, candidate: Traits, who: Person) -> dict[str, Any]:
    accepted = day_text(candidate.registered).replace("-", "/")
    handle = plain(who.name).lower().replace(" ", "-")
    profile = f"https://example.org/perfil/{handle}-{candidate.number}"
    known_birth = draw.chance(0.95)
    return {
        "data_aceite": f"{accepted} 09:{draw.below(60):02}" if draw.chance(0.8) else "",
        "nome": who.name,
        "cpf": who.cpf,
        "fonte_indicacao": FICTITIOUS_SOURCE,
        "email": who.email,
        "email_secundario": "",
        "data_nascimento": day_text(who.birth) if known_birth else "0000-00-00",
        "telefone_celular": who.phone if draw.chance(0.9) else "",
        "telefone_recado": "",
        "sexo": ("Feminino" if who.sex == FEMALE else "Masculino") if draw.chance(0.85) else "",
        "estado_civil": who.marital_status if draw.chance(0.8) else "",
        "pcd": ("Sim" if who.disabled else "Não") if draw.chance(0.85) else "",
        "endereco": who.address if draw.chance(0.7) else "",
        "skype": "",
        "url_linkedin": profile if draw.chance(0.3) else "",
        "facebook": "",
        "dados_ficticios": "sim",
    }


def _professional(draw: Draw, candidate: Traits, who: Person) -> dict[str, Any]:
    occupation = candidate.occupation
    skills = spelled_skills(candidate, draw)
    certificates = draw.some(occupation.certificates, draw.between(0, 2))
    return {
        "titulo_profissional": draw.pick(candidate.rung.titles)[who.sex],
        "area_atuacao": occupation.area if draw.chance(0.85) else "",
        "conhecimentos_tecnicos": draw.pick((", ", "; ", "\n")).join(skills)
        if draw.chance(0.75)
        else "",
        "certificacoes": listed(certificates[:1]),
        "outras_certificacoes": listed(certificates[1:]),
        "remuneracao": _pay(draw, candidate) if draw.chance(0.65) else "",
        "nivel_profissional": candidate.rung.level if draw.chance(0.7) else "",
    }


def _education(draw: Draw, candidate: Traits) -> dict[str, Any]:
    section: dict[str, Any] = {"nivel_academico": candidate.schooling}
    if candidate.schooling_rank >= _AFTER_SCHOOL and draw.chance(0.55):
        registered = date.fromordinal(candidate.registered)
        section["instituicao_ensino_superior"] = school(draw)
        stage = candidate.schooling.rpartition(" ")[0]
        section["cursos"] = draw.pick(courses_at(candidate.occupation, stage))
        section["ano_conclusao"] = str(registered.year - max(0, candidate.years - draw.below(4)))
    section["nivel_ingles"] = LANGUAGE_LEVELS[candidate.english] if draw.chance(0.9) else ""
    section["nivel_espanhol"] = LANGUAGE_LEVELS[candidate.spanish] if draw.chance(0.85) else ""
    section["outro_idioma"] = draw.pick(_OTHER_LANGUAGES) if draw.chance(0.06) else "-"
    return section


def applicant_record(seed: int, index: int) -> dict[str, Any]:
    """Return the record of candidate ``index`` in the layout of ``applicants.json``.

    About one record in nine is a thin one, of someone who sent little more than a CV.
    """
    candidate = traits(seed, index)
    who = person(seed, candidate)
    draw = Draw(f"{seed}:record:{index}")
    professional = _professional(draw, candidate, who)
    education = _education(draw, candidate)
    basics = _basics(draw, candidate, who, seed)
    if draw.chance(0.11):
        professional = dict.fromkeys(professional, "")
        education = {**dict.fromkeys(("nivel_academico", "nivel_ingles", "nivel_espanhol"), "")}
        education["outro_idioma"] = "-"
        basics |= {"objetivo_profissional": "", "local": "", "sabendo_de_nos_por": ""}
    return {
        "infos_basicas": basics,
        "informacoes_pessoais": _personal(draw, candidate, who),
        "informacoes_profissionais": professional,
        "formacao_e_idiomas": education,
        "cargo_atual": {},
        "cv_pt": resume(draw, candidate, who) if draw.chance(0.97) else "",
        "cv_en": "",
    }
