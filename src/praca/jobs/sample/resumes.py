"""The text of a CV, from careful to careless, out of a candidate's traits."""

from datetime import date

from praca.jobs.sample.catalogue import SCHOOLING_RANK, Rung, courses_at
from praca.jobs.sample.days import day_text
from praca.jobs.sample.people import Person
from praca.jobs.sample.phrases import (
    ACHIEVEMENTS,
    CLOSINGS,
    COMMON_BEHAVIOURS,
    COMMON_COURSES,
    EXPERIENCE_LAYOUTS,
    EXPERIENCE_OPENINGS,
    EXPERIENCE_SKILLS,
    HEADINGS,
    LANGUAGE_LEVELS,
    OBJECTIVES,
    PERSONAL_LINES,
    SUMMARIES,
)
from praca.jobs.sample.place import CITY, employer, school
from praca.jobs.sample.traits import Traits
from praca.jobs.sample.wording import capitalized, listed, plain, slipped, worded
from praca.kit.draw import Draw

__all__ = ["resume", "spelled_skills"]

_PERSONAL_LINES = tuple(worded(text) for text in PERSONAL_LINES)
_MARITAL = {
    "Solteiro": worded("solteir[o|a]"),
    "Casado": worded("casad[o|a]"),
    "União Estável": worded("em união estável"),
    "Divorciado": worded("divorciad[o|a]"),
    "Separado Judicialmente": worded("separad[o|a]"),
    "Viúvo": worded("viúv[o|a]"),
}
_MONTHS_A_YEAR = 12
_TECHNICAL_SCHOOL = 2 * SCHOOLING_RANK["Ensino Técnico"] - 1
_CAREFUL = 0.62
_HURRIED = 0.82
_STUDIES_FIRST = (0, 1, 3, 2, 4, 5, 6)
_SKILL_LAYOUTS = ("\n- ", ", ", " | ", "; ")


def spelled_skills(traits: Traits, draw: Draw) -> list[str]:
    """Return the candidate's skills, each in one of the spellings people use."""
    return [
        skill.name if draw.chance(0.55) else draw.pick(skill.spellings) for skill in traits.skills
    ]


def _header(draw: Draw, person: Person) -> str:
    lines = []
    if draw.chance(0.6):
        lines.append(person.name)
    if draw.chance(0.15):
        lines.append(
            draw.pick(_PERSONAL_LINES)[person.sex].format(
                age=person.age,
                marital=_MARITAL[person.marital_status][person.sex],
                birth=day_text(person.birth).replace("-", "/"),
            )
        )
    if draw.chance(0.5):
        lines.append(f"{person.neighbourhood}, {CITY}")
    if draw.chance(0.4):
        lines.append(f"{person.phone} / {person.email}")
    return "\n".join(lines)


def _time(traits: Traits) -> str:
    if traits.years == 0:
        return "alguns meses"
    return "1 ano" if traits.years == 1 else f"{traits.years} anos"


def _summary(draw: Draw, traits: Traits, person: Person, skills: list[str]) -> str:
    occupation = traits.occupation
    first, second = draw.some(occupation.activities, 2)
    soft, other_soft = draw.some(occupation.behaviours, 2)
    return draw.pick(SUMMARIES)[person.sex].format(
        time=_time(traits),
        field=occupation.name,
        act1=first,
        act2=second,
        soft1=soft,
        soft2=other_soft,
        skill1=skills[0],
        skill2=skills[1],
        skill3=skills[2],
    )


def _career(traits: Traits) -> list[Rung]:
    """List the rungs climbed so far, the present one first."""
    below = [rung for rung in traits.occupation.rungs if rung.rank < traits.rung.rank]
    return [traits.rung, *reversed(below[-2:])]


def _month(months: int) -> str:
    return f"{months % _MONTHS_A_YEAR + 1:02}/{months // _MONTHS_A_YEAR}"


def _experience(draw: Draw, traits: Traits, person: Person, today: date, skills: list[str]) -> str:
    occupation = traits.occupation
    career = _career(traits)
    jobs = min(4, 1 + traits.years // 3)
    layout = draw.pick(EXPERIENCE_LAYOUTS)
    end = today.year * _MONTHS_A_YEAR + today.month - 1 - draw.below(8)
    months_left = max(4, traits.years * _MONTHS_A_YEAR)
    activities = draw.some(occupation.activities, len(occupation.activities))
    entries = []
    for number in range(jobs):
        months = max(4, months_left * draw.between(35, 60) // 100)
        if number == jobs - 1:
            months = max(4, months_left - draw.below(3))
        start = end - months
        current = number == 0 and draw.chance(0.55)
        heading = layout.format(
            company=employer(draw, occupation.sector),
            title=draw.pick(career[min(number, len(career) - 1)].titles)[person.sex],
            start=_month(start),
            end="atual" if current else _month(end),
        )
        opening = draw.pick(EXPERIENCE_OPENINGS)[person.sex]
        body = opening.format(acts=listed(activities[number * 2 : number * 2 + 3]))
        if draw.chance(0.7):
            used = draw.some(skills, draw.between(1, 3))
            body += " " + draw.pick(EXPERIENCE_SKILLS).format(skills=listed(used))
        if draw.chance(0.4):
            body += " " + draw.pick(ACHIEVEMENTS)[person.sex]
        entries.append(f"{heading}\n{body}")
        months_left -= months
        end = start - 1 - draw.below(7)
    return "\n\n".join(entries)


def _education(draw: Draw, traits: Traits, today: date) -> str:
    stage, _, status = traits.schooling.rpartition(" ")
    if traits.schooling_rank < _TECHNICAL_SCHOOL:
        return f"{stage} {status.lower()}"
    text = f"{draw.pick(courses_at(traits.occupation, stage))} - {school(draw)}"
    if status == "Completo":
        done = today.year - max(1, traits.years - draw.below(4))
        return f"{stage}: {text} (conclusão em {done})"
    return f"{stage}: {text} ({status.lower()})"


def _sections(
    draw: Draw, traits: Traits, person: Person, today: date, missing: float
) -> list[tuple[int, str]]:
    """List the CV's sections as (place in the headings, text); some people leave some out."""
    occupation = traits.occupation
    skills = spelled_skills(traits, draw)
    title = draw.pick(traits.rung.titles)[person.sex]
    sections: list[tuple[int, str]] = []
    if not draw.chance(missing):
        objective = draw.pick(OBJECTIVES)
        sections.append((0, objective.format(title=title, field=occupation.name, city=CITY)))
    if not draw.chance(missing):
        sections.append((1, _summary(draw, traits, person, skills)))
    sections.append((2, _experience(draw, traits, person, today, skills)))
    if not draw.chance(missing / 2):
        sections.append((3, _education(draw, traits, today)))
    if not draw.chance(0.25 + missing):
        courses = draw.some(occupation.certificates + COMMON_COURSES, draw.between(1, 4))
        sections.append((4, "\n".join(f"- {course}" for course in courses)))
    if not draw.chance(missing / 2):
        joint = draw.pick(_SKILL_LAYOUTS)
        soft = draw.some(occupation.behaviours + COMMON_BEHAVIOURS, draw.between(0, 4))
        text = joint.join([*(capitalized(skill) for skill in skills), *soft])
        sections.append((5, f"- {text}" if joint.startswith("\n") else text))
    if traits.english + traits.spanish and not draw.chance(0.15 + missing):
        lines = [
            f"{language}: {LANGUAGE_LEVELS[level].lower()}"
            for language, level in (("Inglês", traits.english), ("Espanhol", traits.spanish))
            if level
        ]
        sections.append((6, "\n".join(lines)))
    if draw.chance(0.25):  # studies before work, as beginners often do
        sections.sort(key=lambda section: _STUDIES_FIRST[section[0]])
    return sections


def resume(draw: Draw, traits: Traits, person: Person) -> str:
    """Write the CV of a candidate as it stood on the day of registration.

    Most CVs are careful, some are a run of plain paragraphs, and some are typed in a hurry: lower
    case, no accents, slips, sections left out.
    """
    care = draw.unit()
    careful, hurried = care < _CAREFUL, care > _HURRIED
    missing = 0.04 if careful else 0.3 if hurried else 0.15
    today = date.fromordinal(traits.registered)
    sections = _sections(draw, traits, person, today, missing)
    headings = draw.pick(HEADINGS)
    parts = [_header(draw, person)]
    if careful or draw.chance(0.5):
        parts += [f"{headings[place]}\n{text}" for place, text in sections]
    else:
        parts += [text for _, text in sections]
    if draw.chance(0.4):
        parts.append(draw.pick(CLOSINGS)[person.sex])
    text = ("\n" if hurried else "\n\n").join(part for part in parts if part)
    return _hurried(text, draw) if hurried else text


def _hurried(text: str, draw: Draw) -> str:
    if draw.chance(0.7):
        text = text.lower()
    if draw.chance(0.75):
        text = plain(text)
    return slipped(text, draw, draw.between(2, 7))
