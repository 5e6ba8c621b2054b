"""From profiles to numbers: what a text becomes before anything is compared."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.features import DENSE_FEATURES, TEXT_FEATURES, Channel, Field
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING, TextClues, area_bits
from praca.jobs.matching.stuffing import NOTHING_ASKED, credited, unlisted
from praca.learning.artifacts import array_from_bytes, array_to_bytes, integers
from praca.learning.retrieval import LSA, Vocabulary
from praca.learning.text import CHUNK, STOP_WORDS, ChunkTable, Tokenizer

__all__ = [
    "DECLARED_FIELDS",
    "DECLARED_TERMS",
    "HEADLINE_TERMS",
    "CandidateVector",
    "Encoder",
    "VacancyVector",
]

_HASH_SPACE: Final = 1 << 20
# What the channel HEADLINE reads: so many terms of the declared fields and of the CV.
DECLARED_TERMS: Final = 80
HEADLINE_TERMS: Final = 40
DECLARED_FIELDS: Final = ("titulo", "objetivo", "area", "conhecimentos", "certificacoes")
# Shrinks shares of very short texts: a one-word title fully met is weaker evidence than ten words.
_SHRINKAGE: Final = 5.0
_REMEMBERED_SPANS: Final = 30_000
_OBJECT_BYTES: Final = 1_000  # of an encoded text beside its arrays, about
_K1: Final = 1.2
_B: Final = 0.75
# A term names a skill or a trade if it is at home in vacancy titles or in declared skills: it
# occurs in some of them, and they are this share of all vacancies or people that use it ...
_SKILL_TEXTS: Final = 3
_TITLE_SHARE: Final = 0.1
_DECLARED_SHARE: Final = 0.25
_SKILLS: Final = "sql javascript html css linux windows excel azure spring git python java sap"
# ... unless it is one of these, which name a rank, a place or the hiring itself.
_NOT_SKILLS: Final = """
    analista consultor consultora senior sr pleno pl junior jr especialista tecnico assistente
    auxiliar coordenador gerente lider estagio estagiario vaga vagas oportunidade profissional
    remoto remota presencial hibrido hibrida home office sao paulo rio janeiro brasil campinas
    urgente novo nova level developer desenvolvedor desenvolvedora engineer engenheiro cliente
    projeto projetos servico servicos area ti it hunting alocacao trabalho tempo mes meses
    master lead expert ingles english espanhol fluente avancado
"""


@dataclass(frozen=True, slots=True, eq=False)
class CandidateVector:
    """An encoded person.

    Attributes:
        terms: int64, shape (n,), ascending.
        weights: float32, shape (n, 4), by :class:`Channel`.
        dense: float32, shape (d,), unit length or zeros.
        levels: seniority, schooling, English, Spanish (0: unknown).
        areas: bit mask of fields of work.
        sequence: int32, shape (m,), the terms that count in the order of the text.
    """

    terms: NDArray[np.int64]
    weights: NDArray[np.float32]
    dense: NDArray[np.float32]
    levels: tuple[int, int, int, int]
    areas: int
    sequence: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        arrays = (self.terms, self.weights, self.dense, self.sequence)
        return _OBJECT_BYTES + sum(array.nbytes for array in arrays)


@dataclass(frozen=True, slots=True, eq=False)
class VacancyVector:
    """An encoded vacancy.

    Attributes:
        terms: int64, shape (n,), ascending.
        weights: float32, shape (n, text features), in the order of ``TEXT_FEATURES``.
        dense: float32, shape (dense features, d), each of unit length or zeros.
        levels: seniority, schooling, English, Spanish (0: unknown).
        areas: bit mask of fields of work.
    """

    terms: NDArray[np.int64]
    weights: NDArray[np.float32]
    dense: NDArray[np.float32]
    levels: tuple[int, int, int, int]
    areas: int

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return _OBJECT_BYTES + self.terms.nbytes + self.weights.nbytes + self.dense.nbytes


class Encoder:
    """Encode profiles with rarities and dense directions learned from a corpus.

    Args:
        dimensions: of the dense vectors.
        seed: of their decomposition.
        max_terms: size of the vocabulary; rarer terms are told apart by a hash.

    Attributes:
        vocabulary_, lsa_: fitted parts.
        mean_length_: mean number of terms of a candidate.
        skills_: bool, shape (terms,), which terms name a skill.
    """

    vocabulary_: Vocabulary
    lsa_: LSA
    mean_length_: float
    skills_: NDArray[np.bool_]

    def __init__(self, *, dimensions: int = 128, seed: int = 0, max_terms: int = 60_000) -> None:
        self.dimensions = dimensions
        self.seed = seed
        self.max_terms = max_terms
        self.tokenizer = Tokenizer(stop_words=STOP_WORDS, drop=PROTECTED_WORDS)

    def fit(
        self, candidates: Sequence[CandidateProfile], vacancies: Sequence[VacancyProfile]
    ) -> Self:
        """Learn the vocabulary, rarities, skills and dense directions from both sides' texts."""
        terms = self.tokenizer
        people = [terms(f"{_declared(profile)}\n{profile.cv}") for profile in candidates]
        offers = [
            terms(f"{profile.titulo}\n{profile.atividades}\n{profile.competencias}")
            for profile in vacancies
        ]
        corpus = people + offers
        self.vocabulary_ = Vocabulary(
            min_documents=2, max_terms=self.max_terms, hash_space=_HASH_SPACE
        ).fit(corpus)
        self.mean_length_ = max(1.0, float(np.mean([len(terms) for terms in people] or [1])))
        self._unknown = len(self.vocabulary_)
        self.skills_ = self._skills(
            [
                ([terms(profile.titulo) for profile in vacancies], offers, _TITLE_SHARE),
                (
                    [terms(f"{p.conhecimentos}\n{p.certificacoes}") for p in candidates],
                    people,
                    _DECLARED_SHARE,
                ),
            ]
        )
        self._prepare()
        self.lsa_ = LSA(dimensions=self.dimensions, seed=self.seed).fit(
            [self._cosine_vector(terms) for terms in corpus], max(1, len(self.vocabulary_))
        )
        return self

    def candidate(
        self, profile: CandidateProfile, asked: NDArray[np.int64] = NOTHING_ASKED
    ) -> CandidateVector:
        """Encode a person, without what is stuffed (for a vacancy of these terms: ``asked``)."""
        ids, headline = self._candidate_ids(profile)
        ids, headline = credited(ids, headline, asked)
        numbers, starts, order = _grouped(np.array(ids, dtype=np.int64))
        counts = np.diff(starts)
        leading = _count_below(order, headline, starts)
        idf = self._idf[np.minimum(numbers, self._unknown)]
        length_norm = _K1 * (1 - _B + _B * len(ids) / self.mean_length_)
        cosine = _unit(_sublinear(counts) * idf)
        weights = np.empty((numbers.size, len(Channel)), dtype=np.float32)
        weights[:, Channel.SATURATED] = counts * (_K1 + 1) / (counts + length_norm)
        weights[:, Channel.COSINE] = cosine
        weights[:, Channel.PRESENT] = 1
        weights[:, Channel.HEADLINE] = _unit(_sublinear(leading) * idf)
        clues = self._clues
        return CandidateVector(
            terms=numbers,
            weights=weights,
            dense=self.lsa_.transform(numbers, cosine[None, :])[0],
            levels=(
                LEVEL.level(profile.nivel_profissional) or clues.level(ids),
                SCHOOLING.level(profile.nivel_academico) or clues.schooling(set(ids)),
                LANGUAGE.level(profile.ingles) or clues.english(ids),
                LANGUAGE.level(profile.espanhol) or clues.spanish(ids),
            ),
            areas=area_bits(profile.area),
            sequence=np.array(ids, dtype=np.int32),
        )

    def vacancy(self, profile: VacancyProfile) -> VacancyVector:
        """Encode a vacancy."""
        numbers, counts = self._vacancy_counts(profile)
        capped = np.minimum(numbers, self._unknown)
        rarity = self._bm25_idf[capped]
        frequency = _sublinear(counts)
        present = (counts > 0) * rarity
        skilled = present[Field.FULL] * self._skill_or_unknown[capped]
        cosine = frequency * self._idf[capped]
        cosine /= np.maximum(np.sqrt((cosine * cosine).sum(axis=1)), 1e-12)[:, None]
        forms = np.concatenate([frequency * rarity, present, skilled[None, :]])
        forms /= forms.sum(axis=1)[:, None] + _SHRINKAGE
        return VacancyVector(
            terms=numbers,
            weights=np.concatenate([forms, cosine])[_FORM_ROWS].T.astype(np.float32),
            dense=self.lsa_.transform(numbers, cosine[_DENSE_FIELDS]),
            levels=(
                LEVEL.level(profile.nivel_profissional),
                SCHOOLING.level(profile.nivel_academico),
                LANGUAGE.level(profile.ingles),
                LANGUAGE.level(profile.espanhol),
            ),
            areas=area_bits(profile.areas),
        )

    def is_skill(self, number: int) -> bool:
        """Tell whether a term number names a skill, as far as is known."""
        return bool(self._skill_or_unknown[min(number, self._unknown)])

    def rarity(self, number: int) -> float:
        """Return the BM25 inverse document frequency of a term number."""
        return float(self._bm25_idf[min(number, self._unknown)])

    @property
    def numbers_of(self) -> ChunkTable[int]:
        """The term numbers of each of :meth:`Tokenizer.chunks`."""
        return self._ids_of

    def spans(self, chunk: str) -> tuple[tuple[int, int, int], ...]:
        """Return (term number, start, end) of every term of what stands between two blanks."""
        return self._spans_of[chunk]

    @property
    def clues(self) -> TextClues:
        """What reads levels from the text of a CV."""
        return self._clues

    def words(self, text: str) -> list[tuple[int, str]]:
        """Return (term number, word as written) for every term of ``text``."""
        return [
            (number, match.group()[start:end])
            for match in CHUNK.finditer(text[: self.tokenizer.max_chars])
            for number, start, end in self._spans_of[match.group()]
        ]

    def to_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return the state as (JSON values, array files)."""
        state = {
            "dimensions": self.dimensions,
            "seed": self.seed,
            "max_terms": self.max_terms,
            "mean_length": self.mean_length_,
            "vocabulary": self.vocabulary_.to_json(),
            "skills": np.flatnonzero(self.skills_).tolist(),
        }
        return state, {"lsa.npy": array_to_bytes(self.lsa_.components_)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], files: Mapping[str, bytes]) -> Self:
        """Rebuild from :meth:`to_state`.

        Raises:
            ArtifactError: an array file is not as expected.
            KeyError, TypeError, ValueError, IndexError: the JSON is not of that form.
        """
        self = cls(
            dimensions=int(state["dimensions"]),
            seed=int(state["seed"]),
            max_terms=int(state["max_terms"]),
        )
        self.vocabulary_ = Vocabulary.from_json(state["vocabulary"])
        self.mean_length_ = float(state["mean_length"])
        self.skills_ = np.zeros(len(self.vocabulary_), dtype=np.bool_)
        self.skills_[integers(state["skills"], 0, len(self.vocabulary_) - 1)] = True
        self.lsa_ = LSA(dimensions=self.dimensions, seed=self.seed)
        shape = (max(1, len(self.vocabulary_)), None)
        self.lsa_.components_ = array_from_bytes(files["lsa.npy"], np.float32, shape)
        if not (1 <= self.mean_length_ < math.inf and np.isfinite(self.lsa_.components_).all()):
            raise ValueError("a number of the encoder is out of range")
        self._prepare()
        return self

    def _prepare(self) -> None:
        self._unknown = len(self.vocabulary_)
        self._idf = self.vocabulary_.smooth_idf()
        self._bm25_idf = self.vocabulary_.bm25_idf()
        self._skill_or_unknown = np.append(self.skills_, False)
        self._ids_of = ChunkTable(self._split, self.tokenizer.cache_size)
        self._spans_of = ChunkTable(self._numbered_spans, _REMEMBERED_SPANS)
        self._clues = TextClues(lambda word: self._split(word)[0])

    def _split(self, chunk: str) -> tuple[int, ...]:
        return tuple(self.vocabulary_.ids(self.tokenizer.split_chunk(chunk)))

    def _numbered_spans(self, chunk: str) -> tuple[tuple[int, int, int], ...]:
        return tuple(
            (number, start, end)
            for term, start, end in self.tokenizer.spans(chunk)
            for number in self.vocabulary_.ids([term])
        )

    def _ids(self, text: str) -> list[int]:
        """Return the numbers of the terms of ``text``, through one table from chunk to numbers."""
        return list(chain.from_iterable(map(self._ids_of.__getitem__, self.tokenizer.chunks(text))))

    def _skills(
        self,
        homes: Sequence[tuple[Sequence[Sequence[str]], Sequence[Sequence[str]], float]],
    ) -> NDArray[np.bool_]:
        """Return which terms are at home in short texts: (short texts, whole texts, share) each."""
        skills = np.zeros(len(self.vocabulary_), dtype=np.bool_)
        for short, whole, share in homes:
            here, anywhere = self._frequency(short), self._frequency(whole)
            skills |= (here >= _SKILL_TEXTS) & (here >= share * anywhere)
        skills[self._known(self.tokenizer(_SKILLS))] = True
        skills[self._known(self.tokenizer(_NOT_SKILLS))] = False
        return skills

    def _frequency(self, documents: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        frequency = np.zeros(len(self.vocabulary_), dtype=np.int64)
        for terms in documents:
            frequency[self._known(set(terms))] += 1
        return frequency

    def _known(self, terms: Iterable[str]) -> list[int]:
        return [number for number in self.vocabulary_.ids(terms) if number < self._unknown]

    def _candidate_ids(self, profile: CandidateProfile) -> tuple[list[int], int]:
        """Return all term numbers, the headline's first, and how many are the headline's."""
        declared = self._ids(unlisted(_declared(profile)))
        cv = self._ids(unlisted(profile.cv))
        first, rest = declared[:DECLARED_TERMS], declared[DECLARED_TERMS:]
        return first + cv + rest, len(first) + min(len(cv), HEADLINE_TERMS)

    def _vacancy_counts(
        self, profile: VacancyProfile
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return term numbers (n,) and how often each occurs in each field (fields, n)."""
        title, activities = self._ids(profile.titulo), self._ids(profile.atividades)
        competences = self._ids(profile.competencias)
        ids = np.array([*title, *activities, *competences], dtype=np.int64)
        numbers, starts, order = _grouped(ids)
        to_title = _count_below(order, len(title), starts)
        to_activities = _count_below(order, len(title) + len(activities), starts)
        total = np.diff(starts)
        return numbers, np.stack([to_title, to_activities - to_title, total - to_activities, total])

    def _cosine_vector(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        ids = np.array(self.vocabulary_.ids(terms), dtype=np.int64)
        numbers, starts, _ = _grouped(ids)
        weights = _sublinear(np.diff(starts)) * self._idf[np.minimum(numbers, self._unknown)]
        return numbers, _unit(weights).astype(np.float32)[:, None]


# Rows of [saturated x fields, present x fields, skills, cosine x fields] that the features take.
_FIRST_ROW: Final = {
    Channel.SATURATED: 0,
    Channel.PRESENT: len(Field),
    Channel.COSINE: 2 * len(Field) + 1,
    Channel.HEADLINE: 2 * len(Field) + 1,
}
_FORM_ROWS: Final = np.array(
    [
        2 * len(Field) if feature.skills_only else _FIRST_ROW[feature.channel] + feature.field
        for feature in TEXT_FEATURES
    ]
)
_DENSE_FIELDS: Final = np.array([field for _, field in DENSE_FEATURES])
# 1 + ln(count) for small counts, 0 for none.
_SUBLINEAR: Final = np.concatenate([[0.0], 1 + np.log(np.arange(1, 1024))])


def _declared(profile: CandidateProfile) -> str:
    return "\n".join(getattr(profile, name) for name in DECLARED_FIELDS)


def _grouped(
    ids: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return (distinct ids ascending (n,), where each starts once sorted (n + 1,), the order)."""
    order = ids.argsort(kind="stable")
    ascending = ids[order]
    new = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
    starts = np.concatenate([_ZERO[: min(1, ids.size)], new, [ids.size]])
    return ascending[starts[:-1]], starts, order


def _count_below(
    order: NDArray[np.int64], bound: int, starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many members of each group stood before ``bound`` in the text, shape (n,)."""
    before = np.concatenate([_ZERO, np.cumsum(order < bound)])
    return np.diff(before[starts])


_ZERO: Final = np.zeros(1, dtype=np.int64)


def _sublinear(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return _SUBLINEAR[np.minimum(counts, _SUBLINEAR.size - 1)]


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = math.sqrt(vector @ vector)
    return vector / norm if norm > 0 else vector
