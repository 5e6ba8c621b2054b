"""The fairness report of a model's version, as it is answered."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["FairnessRead"]

_RATIO: dict[str, Any] = {"estimate": 0.94, "low": 0.86, "high": 1.03}
_GROUP: dict[str, Any] = {
    "group": "Masculino",
    "people": 180,
    "selected": 1460,
    "selection_rate": 0.027,
    "true_positive_rate": 0.61,
    "against_highest": _RATIO,
    "against_largest": _RATIO,
    "is_adverse": False,
}
_SENTENCE = (
    "sexo, 10 primeiros: Masculino (180 pessoas) é escolhido 0,94 [0,86; 1,03] vezes tanto"
    " quanto Feminino; sem indício de impacto adverso."
)
_EXAMPLE: dict[str, Any] = {
    "people": 391,
    "vacancies": 200,
    "figures": [{"attribute": "sexo", "selection": "10 primeiros", "groups": [_GROUP]}],
    "summary": [_SENTENCE],
}


class RatioRead(BaseModel):
    """A ratio of selection rates with its interval; those of one table hold together at 95 %."""

    model_config = ConfigDict(json_schema_extra={"example": _RATIO})

    estimate: float
    low: float
    high: float


class GroupRead(BaseModel):
    """What befell one group.

    Groups of fewer than five people are not shown, nor those that would reveal them.
    """

    model_config = ConfigDict(json_schema_extra={"example": _GROUP})

    group: str = Field(description="Empty: not known; shown, not compared.")
    people: int
    selected: int = Field(description="How often one of them was selected, over all vacancies.")
    selection_rate: float
    true_positive_rate: float | None = Field(
        description="Share of those put forward that were selected; null: fewer than five people."
    )
    against_highest: RatioRead | None = Field(
        description="Ratio to the highest rate among groups of 30 people or more; null: is that"
        " group, or not compared."
    )
    against_largest: RatioRead | None = Field(
        description="Ratio to the rate of the largest group, if it has 30 people or more."
    )
    is_adverse: bool = Field(
        description="The whole interval against the highest lies below 0.8, and the group has 30"
        " people or more."
    )


class AttributeRead(BaseModel):
    """The groups of one attribute under one rule of selection."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE["figures"][0]})

    attribute: str
    selection: str
    groups: list[GroupRead] = Field(description="Empty: none of them may be shown.")


class FairnessRead(BaseModel):
    """Whom a version puts first, by sex, disability and both."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    people: int = Field(description="People ranked for each vacancy.")
    vacancies: int
    figures: list[AttributeRead]
    summary: list[str]
