"""What the registry reads from a policy pack."""

from typing import Any

from pydantic import StrictStr

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Param, Section
from wurao.common.packs.shapes import GradeMeasure, GradeScheme


class GradeSection(Section, prefix="grade"):
    """How enterprises are graded and what follows from each grade (YZ-08, LX-10, QZ-16, CX-12)."""

    scheme: Param[GradeScheme]
    measures: Param[dict[StrictStr, GradeMeasure]]


class VocabularySection(Section, prefix="vocabulary"):
    """Chinese names of the words that packs use."""

    labels: Param[dict[StrictStr, StrictStr]]


def refusal(code: str, rests_on: Param[Any], message: str, *alternatives: str) -> Refusal:
    """A refusal that rests on a pack's parameter: its clause and citation."""
    return Refusal(code=code, clause=rests_on.clause, cite=rests_on.cite, message=message, alternatives=alternatives)
