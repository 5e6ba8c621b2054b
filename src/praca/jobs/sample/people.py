"""Who a candidate is as a person: name, age, address, documents.

Nothing here takes part in who is put forward or hired: the applications are decided on
`praca.jobs.sample.traits` alone, which knows no personal attribute. Any likeness is chance.
"""

from functools import cache
from typing import NamedTuple

from praca.jobs.sample.place import NEIGHBOURHOODS, street
from praca.jobs.sample.traits import Traits
from praca.jobs.sample.wording import plain
from praca.kit.cpf import cpf_check_digits, format_cpf
from praca.kit.draw import Draw

__all__ = ["FEMALE", "MARITAL_STATUSES", "Person", "candidate_name", "person", "recruiter"]

MALE = 0
FEMALE = 1


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES = (
    _names(
        """Adriano Alexandre Anderson Antônio Arthur Benedito Bernardo Bruno Caio Carlos César
        Cláudio Daniel Davi Diego Douglas Edson Eduardo Elias Emanuel Fábio Felipe Fernando
        Francisco Gabriel Geraldo Gilberto Guilherme Gustavo Heitor Henrique Hugo Igor Ítalo Jair
        João Joaquim Jorge José Juliano Júlio Leandro Leonardo Lucas Luciano Luís Marcelo Márcio
        Marcos Mateus Mauro Miguel Murilo Nelson Otávio Paulo Pedro Rafael Renato Ricardo Roberto
        Rodrigo Rogério Samuel Sebastião Sérgio Thiago Tomás Valdir Vicente Vinícius Vítor
        Wagner Wellington Wesley"""
    ),
    _names(
        """Adriana Alessandra Aline Amanda Ana Andreia Ângela Aparecida Beatriz Bianca Bruna Camila
        Carla Carolina Cecília Cíntia Clara Cláudia Cristiane Daniela Débora Denise Eduarda Elaine
        Eliane Elisa Fabiana Fátima Fernanda Flávia Francisca Gabriela Giovana Heloísa Ingrid
        Isabel Isadora Jaqueline Jéssica Joana Josefa Juliana Karina Larissa Laura Letícia Lívia
        Lúcia Luana Luíza Marcela Márcia Maria Mariana Marina Marlene Natália Neusa Patrícia
        Paula Priscila Raquel Regina Renata Rita Roberta Rosana Sandra Sílvia Simone Sofia Solange
        Sônia Tânia Tatiane Teresa Valéria Vanessa Vera Yasmin"""
    ),
)
_LAST_NAMES = _names(
    """Abreu Aguiar Almeida Alves Amaral Andrade Araújo Assis Azevedo Barbosa Barros Batista
    Bezerra Borges Braga Brito Cabral Caldeira Camargo Campos Cardoso Carneiro Carvalho Castro
    Cavalcante Coelho Correia Costa Coutinho Cruz Cunha Dias Duarte Esteves Farias Fernandes
    Ferraz Ferreira Figueiredo Fonseca Franco Freitas Furtado Garcia Gomes Gonçalves Guimarães
    Lacerda Leal Leite Lima Lopes Macedo Machado Magalhães Maia Marques Martins Matos Medeiros
    Meireles Melo Mendes Miranda Monteiro Moraes Moreira Moura Nascimento Neves Nogueira Nunes
    Oliveira Pacheco Paiva Peixoto Pereira Pinheiro Pinto Pires Porto Queiroz Ramos Rangel Reis
    Rezende Ribeiro Rocha Rodrigues Sales Sampaio Santana Santos Siqueira Silva Silveira Soares
    Souza Tavares Teixeira Teles Torres Trindade Valente Vargas Vasconcelos Vaz Viana Vieira
    Xavier"""
)
_LINKED = {
    name: f"{link} {name}"
    for link, names in (
        ("de", ("Almeida", "Andrade", "Oliveira", "Souza", "Lima", "Carvalho", "Freitas", "Moura")),
        ("da", ("Silva", "Costa", "Rocha", "Cunha", "Fonseca", "Cruz")),
        ("dos", ("Santos", "Reis", "Ramos")),
        ("do", ("Nascimento", "Amaral")),
    )
    for name in names
}
MARITAL_STATUSES = (
    *("Solteiro",) * 10,
    *("Casado",) * 8,
    *("União Estável",) * 3,
    *("Divorciado",) * 2,
    "Separado Judicialmente",
    "Viúvo",
)
_DOMAINS = ("example.org", "example.com", "mail.example.org", "correio.example.com")
_DAYS_A_YEAR = 365
_YOUNGEST = 18
_YOUNGEST_APPRENTICE = 15
_SCHOOL_YEARS = (0, 0, 0, 1, 2, 2, 4, 4, 6)  # by doubled schooling rank, beyond the youngest age
_NINE_DIGITS = 1_000_000_000
# Coprime with ten to the ninth, so that candidates of one city never share a number.
_CPF_STEP = 618_033_989


class Person(NamedTuple):
    """The personal data of one candidate."""

    sex: int
    name: str
    age: int
    birth: int
    marital_status: str
    disabled: bool
    neighbourhood: str
    address: str
    cpf: str
    phone: str
    email: str


def _name(draw: Draw) -> tuple[int, str]:
    """Draw the sex and a full name that goes with it, always first in a person's stream."""
    sex = FEMALE if draw.chance(0.5) else MALE
    names = _FIRST_NAMES[sex]
    parts = [draw.pick(names)]
    if draw.chance(0.15):
        second = draw.pick(names)
        if second != parts[0]:
            parts.append(second)
    surname = draw.pick(_LAST_NAMES)
    parts.append(_LINKED.get(surname, surname) if draw.chance(0.3) else surname)
    if draw.chance(0.7):
        parts.append(draw.pick(_LAST_NAMES))
    return sex, " ".join(parts)


def candidate_name(seed: int, index: int) -> str:
    """Return the name of a candidate without drawing the rest of the person."""
    return _name(Draw(f"{seed}:person:{index}"))[1]


@cache
def _recruiters(seed: int) -> tuple[str, ...]:
    return tuple(_name(Draw(f"{seed}:recruiter:{number}"))[1] for number in range(14))


def recruiter(seed: int, draw: Draw) -> str:
    """Return one of the city's few recruiters."""
    return draw.pick(_recruiters(seed))


def _cpf(seed: int, index: int) -> str:
    nine = f"{(seed * 7_919 + (index + 1) * _CPF_STEP) % _NINE_DIGITS:09}"
    if nine == nine[0] * 9:  # valid by arithmetic, but never issued
        nine = "012345678"
    return format_cpf(nine + cpf_check_digits(nine))


def _email(draw: Draw, name: str, index: int) -> str:
    words = plain(name).lower().split(" ")
    return f"{words[0]}{draw.pick(('.', '_', ''))}{words[-1]}{index}@{draw.pick(_DOMAINS)}"


def person(seed: int, traits: Traits) -> Person:
    """Draw the personal data of the candidate who has these traits.

    The traits only keep the age believable: old enough for the experience and the schooling.
    """
    index = traits.number
    draw = Draw(f"{seed}:person:{index}")
    sex, name = _name(draw)
    apprentice = traits.rung.rank == 0
    since_school = max(traits.years, _SCHOOL_YEARS[min(traits.schooling_rank, 8)])
    if apprentice:
        age = _YOUNGEST_APPRENTICE + draw.below(7)
    else:
        age = _YOUNGEST + since_school + int(26 * draw.unit() * draw.unit())
    # An area code of zeros does not exist, so no one's phone can ring.
    phone = f"(00) 9{draw.between(0, 9999):04}-{index % 10_000:04}"
    neighbourhood = draw.pick(NEIGHBOURHOODS)[0]
    return Person(
        sex=sex,
        name=name,
        age=age,
        birth=traits.registered - age * 1461 // 4 - draw.between(1, _DAYS_A_YEAR - 5),
        marital_status=draw.pick(MARITAL_STATUSES),
        disabled=draw.chance(0.05),
        neighbourhood=neighbourhood,
        address=f"{street(draw)} - {neighbourhood} - CEP 00000-{draw.below(1000):03}",
        cpf=_cpf(seed, index),
        phone=phone,
        email=_email(draw, name, index),
    )
