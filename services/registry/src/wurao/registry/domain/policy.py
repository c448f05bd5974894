"""What the registry reads from a policy pack."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Param, Section
from wurao.common.packs.shapes import GradeMeasure, GradeScheme, Words


class GradeSection(Section, prefix="grade"):
    """How enterprises are graded and what follows from each grade (YZ-08, LX-10, QZ-16, CX-12)."""

    scheme: Param[GradeScheme]
    measures: Param[dict[StrictStr, GradeMeasure]]
    approved_by: Param[StrictStr]
    approved_month: Param[Annotated[StrictInt, Field(ge=1, le=12)]] | None = None


class RhythmSection(Section, prefix="grade"):
    """How often whole lists are graded anew: every so many months, from a day of the first month on."""

    rhythm_months: Param[Literal[1, 2, 3, 4, 6, 12]] | None = None
    rhythm_day: Param[Annotated[StrictInt, Field(ge=1, le=31)]]


class AdjustmentSection(Section, prefix="grade"):
    """What a manual change of a grade, an exposure and an objection need (LX-11)."""

    adjustment_gate: Param[StrictStr]
    adjustment_months: Param[Annotated[StrictInt, Field(ge=1)]]
    objection_days: Param[Annotated[StrictInt, Field(ge=1)]]
    objection_decision_days: Param[Annotated[StrictInt, Field(ge=1)]]


class ClassListSection(Section, prefix="grade"):
    """How next year's classes are approved (CX-13); without a month grades need no list."""

    scheme: Param[GradeScheme]
    approved_by: Param[StrictStr]
    approved_month: Param[Annotated[StrictInt, Field(ge=1, le=12)]] | None = None
    first_list_at_once: Param[StrictBool]
    supplementary_lists: Param[StrictBool]
    list_publication_days: Param[Annotated[StrictInt, Field(ge=1)]] | None = None


class ItemSection(Section, prefix="item"):
    """When the use of an item is remarkable (QZ-03): in visits, over a period of so many months."""

    frequent_from: Param[Annotated[StrictInt, Field(ge=1)]]
    unused_months: Param[Annotated[StrictInt, Field(ge=1)]]
    fruitless_from: Param[Annotated[StrictInt, Field(ge=1)]]


class OfficerSection(Section, prefix="officer"):
    """Who may hold a certificate, how it is reviewed, who reviews decisions, and recusal (DT-02, QZ-21, PL-43)."""

    certifiable_employment: Param[Words] | None = None
    review_training_hours: Param[StrictInt] | None = None
    review_days: Param[StrictInt]
    min_share_legal_reviewers_permille: Param[StrictInt] | None = None
    first_review_needs_qualification: Param[StrictBool]
    recusal_after_employment_years: Param[StrictInt]


class AgencySection(Section, prefix="agency"):
    """Who may be an inspecting body and on what its authority rests (DT-01, QZ-02)."""

    unfit: Param[dict[StrictStr, StrictStr]]
    authorised: Param[StrictStr]
    delegated: Param[StrictStr]
    lapse_notice: Param[StrictInt]
    lines: Param[dict[StrictStr, StrictStr]]


class VocabularySection(Section, prefix="vocabulary"):
    """Chinese names of the words that packs use."""

    labels: Param[dict[StrictStr, StrictStr]]


def refusal(code: str, rests_on: Param[Any], message: str, *alternatives: str) -> Refusal:
    """A refusal that rests on a pack's parameter: its clause and citation."""
    return Refusal(code=code, clause=rests_on.clause, cite=rests_on.cite, message=message, alternatives=alternatives)
