"""Levels as numbers: seniority, schooling, command of a language, and fields of work.

A level is a small integer, 0 for unknown. A field that is empty may be read from the text of the
CV ("inglês avançado"), which is how most people state it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.kit.text import fold

__all__ = [
    "AREAS",
    "LANGUAGE",
    "LEVEL",
    "SCHOOLING",
    "Scale",
    "TextClues",
    "area_bits",
    "area_names",
    "fit_table",
]


@dataclass(frozen=True, slots=True)
class Scale:
    """An ordered scale.

    Attributes:
        words: folded fragment -> level; the first fragment found in the text decides.
        size: number of levels, unknown included.
        surplus: penalty per level above what is asked, as a share of that per level below.
        labels: level -> Portuguese name.
    """

    words: tuple[tuple[str, int], ...]
    labels: tuple[str, ...]
    surplus: float

    @property
    def size(self) -> int:
        """Number of levels, with unknown."""
        return len(self.labels)

    def level(self, text: str) -> int:
        """Return the level that ``text`` states, 0 if none."""
        folded = fold(text[:200])
        return next((level for word, level in self.words if word in folded), 0)


# "Analista" is what recruiters choose when they mean no level in particular: unknown.
LEVEL: Final = Scale(
    words=(
        ("aprendiz", 1),
        ("estagi", 1),
        ("trainee", 1),
        ("auxiliar", 2),
        ("assistente", 2),
        ("tecnico", 3),
        ("junior", 3),
        ("pleno", 4),
        ("senior", 5),
        ("especialista", 6),
        ("lider", 6),
        ("supervisor", 6),
        ("coordenador", 7),
        ("gerente", 7),
        ("diretor", 8),
    ),
    labels=(
        "não informado",
        "aprendiz ou estágio",
        "auxiliar ou assistente",
        "júnior",
        "pleno",
        "sênior",
        "especialista ou líder",
        "coordenação ou gerência",
        "direção",
    ),
    surplus=0.5,
)
SCHOOLING: Final = Scale(
    words=(
        ("doutorado", 7),
        ("mestrado", 6),
        ("pos graduacao", 5),
        ("pos-graduacao", 5),
        ("mba", 5),
        ("superior completo", 4),
        ("superior", 3),
        ("tecnico", 2),
        ("medio", 2),
        ("fundamental", 1),
    ),
    labels=(
        "não informado",
        "ensino fundamental",
        "ensino médio ou técnico",
        "ensino superior em curso",
        "ensino superior",
        "pós-graduação",
        "mestrado",
        "doutorado",
    ),
    surplus=0.0,
)
LANGUAGE: Final = Scale(
    words=(
        ("nenhum", 1),
        ("basico", 2),
        ("basic", 2),
        ("tecnico", 3),
        ("intermediari", 3),
        ("intermediate", 3),
        ("avancado", 4),
        ("advanced", 4),
        ("fluente", 5),
        ("fluent", 5),
        ("nativ", 5),
        ("bilingue", 5),
    ),
    labels=("não informado", "nenhum", "básico", "intermediário", "avançado", "fluente"),
    surplus=0.0,
)


def fit_table(scale: Scale) -> NDArray[np.float64]:
    """Return how well each level meets each asked one, shape (size, size), NaN where unknown.

    Row: what the person has; column: what the vacancy asks. 0 is a full fit, -1 the worst.
    """
    span = scale.size - 2
    has, asks = np.meshgrid(np.arange(scale.size), np.arange(scale.size), indexing="ij")
    missing = np.maximum(asks - has, 0) + scale.surplus * np.maximum(has - asks, 0)
    table: NDArray[np.float64] = -missing / span
    table[0, :] = table[:, 0] = np.nan
    return table


AREAS: Final = (
    "administrativa",
    "comercial",
    "financeira/controladoria",
    "gestao e alocacao de recursos de ti",
    "juridica",
    "logistica",
    "marketing",
    "novos negocios e parcerias",
    "qualidade corporativa",
    "recursos humanos",
    "relacionamento tecnico",
    "saude",
    "seguranca do trabalho",
    "ti - arquitetura",
    "ti - banco de dados",
    "ti - desenvolvimento/design",
    "ti - desenvolvimento/mobile",
    "ti - desenvolvimento/programacao",
    "ti - governanca",
    "ti - infraestrutura",
    "ti - processos e negocios",
    "ti - projetos",
    "ti - qualidade/testes",
    "ti - sap",
    "ti - seguranca da informacao",
    "ti - sistemas e ferramentas",
    "ti - suporte",
    "ti - telecom",
    "ti - ux",
)
"""Folded names of the known fields of work."""


def area_bits(text: str) -> int:
    """Return a bit mask of the known fields of work named in ``text`` (0: none)."""
    if not text or text.isspace():
        return 0
    folded = fold(text[:2000])
    return sum(1 << bit for bit, area in enumerate(AREAS) if area in folded)


def area_names(bits: int) -> list[str]:
    """Return the folded names of the fields of work in a mask of :func:`area_bits`."""
    return [area for bit, area in enumerate(AREAS) if bits >> bit & 1]


class TextClues:
    """Find levels that a CV states in passing, from the numbers of its terms.

    Args:
        number: the number of a word, as the CV's own words were numbered.
    """

    _WINDOW: Final = 4
    _HEADLINE: Final = 40

    def __init__(self, number: Callable[[str], int]) -> None:
        def table(scale: Scale, words: str) -> dict[int, int]:
            return {number(word): scale.level(word) for word in words.split()}

        levels = "júnior pleno sênior especialista coordenador gerente"
        self._level = {number("jr"): 3, number("sr"): 5, **table(LEVEL, levels)}
        self._schooling = {
            number("universidade"): 3,
            number("faculdade"): 3,
            number("graduação"): 3,
            number("bacharelado"): 4,
            number("bacharel"): 4,
            number("pós"): 5,
            number("mba"): 5,
            number("mestre"): 6,
            number("mestrado"): 6,
            number("phd"): 7,
            number("doutor"): 7,
            number("doutorado"): 7,
        }
        commands = "nenhum básico basic técnico intermediário intermediate avançado advanced"
        self._language = table(LANGUAGE, f"{commands} fluente fluent nativo bilíngue")
        self._english = (number("inglês"), number("english"))
        self._spanish = (number("espanhol"), number("spanish"))

    def level(self, terms: Sequence[int]) -> int:
        """Return the highest seniority named in the first terms, 0 if none."""
        return max((self._level.get(term, 0) for term in terms[: self._HEADLINE]), default=0)

    def schooling(self, terms: set[int]) -> int:
        """Return the highest schooling named anywhere, 0 if none."""
        return max((self._schooling[term] for term in self._schooling.keys() & terms), default=0)

    def english(self, terms: Sequence[int]) -> int:
        """Return the level named right after the first mention of English, 0 if none."""
        return self._after(terms, self._english)

    def spanish(self, terms: Sequence[int]) -> int:
        """Return the level named right after the first mention of Spanish, 0 if none."""
        return self._after(terms, self._spanish)

    def words_naming(self, levels: Sequence[int]) -> tuple[frozenset[int], ...]:
        """Return the numbers of the words from which levels were read.

        Args:
            levels: seniority, schooling, English, Spanish, as the four methods above gave them.
        """
        return (
            frozenset(number for number, level in self._level.items() if level == levels[0]),
            frozenset(number for number, level in self._schooling.items() if level == levels[1]),
            frozenset(self._english),
            frozenset(self._spanish),
        )

    def _after(self, terms: Sequence[int], names: tuple[int, ...]) -> int:
        for name in names:
            if name in terms:
                at = terms.index(name) + 1
                near = (self._language.get(term, 0) for term in terms[at : at + self._WINDOW])
                return next((level for level in near if level), 0)
        return 0
