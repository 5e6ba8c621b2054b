"""How a person and a vacancy are compared: the names and forms of every feature.

A text feature is the sum, over the terms that both share, of a weight on the candidate's side (its
*channel*) times a weight on the vacancy's side (a *field* of the vacancy in the *form* that the
channel needs). Being bilinear, all text features of one pair, times their coefficients, fold into
one set of weights per vacancy: a ranking over many people costs one pass however many features
there are, and gives exactly the score that the pair alone would get.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

__all__ = [
    "DENSE_FEATURES",
    "FEATURES",
    "FIT_FEATURES",
    "TEXT_FEATURES",
    "Channel",
    "Field",
    "TextFeature",
]


class Channel(IntEnum):
    """What is kept of a term on the candidate's side."""

    SATURATED = 0  # BM25: saturated frequency, length-normalised
    COSINE = 1  # TF-IDF of the whole text, unit length
    PRESENT = 2  # 1 if the term occurs
    HEADLINE = 3  # TF-IDF of the declared fields and the first lines of the CV, unit length


class Field(IntEnum):
    """Which text of the vacancy."""

    TITLE = 0
    ACTIVITIES = 1
    COMPETENCES = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class TextFeature:
    """One text similarity.

    Attributes:
        name: stable name, used in files and explanations.
        channel: the candidate's side.
        field: the vacancy's side.
        skills_only: count only terms that name a skill.
    """

    name: str
    channel: Channel
    field: Field
    skills_only: bool = False


TEXT_FEATURES: Final = (
    TextFeature("bm25_title", Channel.SATURATED, Field.TITLE),
    TextFeature("bm25_activities", Channel.SATURATED, Field.ACTIVITIES),
    TextFeature("bm25_competences", Channel.SATURATED, Field.COMPETENCES),
    TextFeature("tfidf_title", Channel.COSINE, Field.TITLE),
    TextFeature("tfidf_full", Channel.COSINE, Field.FULL),
    TextFeature("overlap_title", Channel.PRESENT, Field.TITLE),
    TextFeature("overlap_activities", Channel.PRESENT, Field.ACTIVITIES),
    TextFeature("overlap_competences", Channel.PRESENT, Field.COMPETENCES),
    TextFeature("overlap_skills", Channel.PRESENT, Field.FULL, skills_only=True),
    TextFeature("headline_title", Channel.HEADLINE, Field.TITLE),
    TextFeature("headline_full", Channel.HEADLINE, Field.FULL),
)
DENSE_FEATURES: Final = (("lsa_title", Field.TITLE), ("lsa_full", Field.FULL))
FIT_FEATURES: Final = ("level_fit", "schooling_fit", "english_fit", "spanish_fit", "area_fit")

FEATURES: Final = (
    *(feature.name for feature in TEXT_FEATURES),
    *(name for name, _ in DENSE_FEATURES),
    *FIT_FEATURES,
)
"""Names of all features, in the order of every coefficient vector."""
